package e2e

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// echo is an OMS, a proxy and a token server that repeats the secrets that it receives. Its mode decides how.
type echo struct {
	mode atomic.Pointer[echoMode]
	url  string
}

type echoMode struct {
	name   string
	answer func(w http.ResponseWriter, r *http.Request, heard string)
}

func startEcho(t *testing.T) *echo {
	t.Helper()
	e := &echo{}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	e.url = server.URL
	return e
}

// ServeHTTP implements http.Handler.
func (e *echo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	heard := []string{r.URL.String(), string(body)}
	if form, err := url.ParseQuery(string(body)); err == nil {
		for _, values := range form {
			heard = append(heard, values...)
		}
	}
	for name, values := range r.Header {
		for _, value := range values {
			heard = append(heard, name+": "+value)
			if _, token, found := strings.Cut(value, " "); found {
				plain, _ := base64.StdEncoding.DecodeString(token)
				_, secret, _ := strings.Cut(string(plain), ":")
				heard = append(heard, string(plain), secret)
			}
		}
	}
	slices.Sort(heard)
	e.mode.Load().answer(w, r, strings.Join(heard, " | "))
}

// raw answers with bytes that need be no HTTP.
func raw(head string) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, _ *http.Request, heard string) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(conn, strings.ReplaceAll(head, "HEARD", oneHeader(heard)))
		_ = conn.Close()
	}
}

// body answers with a status and a body with the texts, escaped by escape.
func body(status int, kind, text string, escape func(string) string) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, _ *http.Request, heard string) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, strings.ReplaceAll(text, "HEARD", escape(heard)))
	}
}

func redirect(status int, to string) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, _ *http.Request, heard string) {
		w.Header().
			Set("Location", strings.ReplaceAll(strings.ReplaceAll(to, "QUERY", url.QueryEscape(heard)), "HEARD",
				oneHeader(heard)))
		w.WriteHeader(status)
	}
}

func oneHeader(text string) string { return strings.NewReplacer("\r", " ", "\n", " ").Replace(text) }

func inJSON(text string) string {
	quoted, _ := json.Marshal(text)
	return string(quoted[1 : len(quoted)-1])
}

func asIs(text string) string { return text }

// cutAt moves the texts so far that what is kept of an answer ends within them.
func cutAt(at int) func(string) string {
	return func(text string) string { return strings.Repeat("x", max(0, at-strings.Index(text, marker)-4)) + text }
}

const jsonKind = "application/json"

// echoModes are the ways in which it repeats what it heard.
func echoModes() []*echoMode {
	row := `{"id":"np_1","name":"n","type":"MIGRATION","status":"FAILED","steps":[{"name":"FULL_TRANSFER","order":1,"status":"FAILED","extraInfo":` +
		`{"errorCode":"E1","errorMsg":"HEARD","errorDetails":[{"code":"E1","message":"HEARD","reason":"HEARD","proposal":"HEARD"}]}}],` +
		`"extraInfo":{"errorMsg":"HEARD","errorDetails":["HEARD"]},"alarmStats":{"alarming":true,"alarmContent":"HEARD","openAlarmContent":"HEARD"}}`
	modes := []*echoMode{
		{
			"a list of failed tasks",
			body(200, jsonKind, `{"success":true,"totalCount":1,"pageSize":150,"data":[`+row+`]}`, inJSON),
		},
		{
			"a refusal",
			body(
				200,
				jsonKind,
				`{"success":false,"code":"HEARD","message":"HEARD","advice":"HEARD","requestId":"HEARD","errorDetail":"HEARD"}`,
				inJSON,
			),
		},
		{
			"a refusal with the texts at the cut",
			body(
				200,
				jsonKind,
				`{"success":false,"code":"E","message":"HEARD"}`,
				func(s string) string { return inJSON(cutAt(500)(s)) },
			),
		},
		{"a web page", body(200, "text/html", "<html>HEARD</html>", html.EscapeString)},
		{"a web page with the texts at the cut", body(200, "text/html", "HEARD", cutAt(500))},
		{"broken JSON", body(200, jsonKind, `{"success":true,"data":[{"id":HEARD}]}`, asIs)},
		{"a redirect to a login page", redirect(302, "http://127.0.0.1:1/login?from=QUERY")},
		{"a redirect with credentials", redirect(302, "http://user:QUERY@127.0.0.1:1/login")},
		{"a redirect to the same path", redirect(301, "https://127.0.0.1:1/api/v2?Action=ListProjects&token=QUERY")},
		{"a redirect that is followed", redirect(307, "http://127.0.0.1:1/QUERY")},
		{"a redirect to nowhere", redirect(307, "http://[HEARD")},
		{"a broken head", raw("HEARD\r\n\r\n")},
		{"a broken status", raw("HTTP/1.1 HEARD\r\n\r\n")},
		{"a broken version", raw("HTTP/HEARD 200 OK\r\n\r\n")},
		{"a status text", raw("HTTP/1.1 403 HEARD\r\nContent-Length: 0\r\n\r\n")},
		{"a broken header", raw("HTTP/1.1 200 OK\r\nHEARD\r\n\r\n")},
		{"a broken length", raw("HTTP/1.1 200 OK\r\nContent-Length: HEARD\r\n\r\n")},
		{"an unknown transfer encoding", raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: HEARD\r\n\r\n")},
		{"an unknown content encoding", raw("HTTP/1.1 200 OK\r\nContent-Encoding: HEARD\r\nContent-Length: 2\r\n\r\n{}")},
		{"a broken chunk", raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nHEARD\r\n")},
		{"a time to retry", raw("HTTP/1.1 429 HEARD\r\nRetry-After: HEARD\r\nDate: HEARD\r\nContent-Length: 0\r\n\r\n")},
	}
	for _, status := range []int{400, 401, 403, 404, 407, 500} {
		modes = append(
			modes,
			&echoMode{fmt.Sprintf("%d with text", status), body(status, "text/plain", "HEARD", asIs)},
			&echoMode{
				fmt.Sprintf("%d with JSON", status),
				body(
					status,
					jsonKind,
					`{"success":false,"code":"E","message":"HEARD","error":"x","error_description":"HEARD"}`,
					inJSON,
				),
			},
		)
	}
	return modes
}
