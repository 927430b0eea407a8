package e2e

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// echoServer is an OMS, a proxy and a token server at once. Its answers repeat the secrets that it receives.
type echoServer struct {
	url     string
	mode    atomic.Pointer[echoMode]
	secrets atomic.Int32 // requests with a secret
}

// echoMode is a kind of answer.
type echoMode struct {
	name   string
	answer echoAnswer
}

// echoAnswer answers a request whose parts are joined in received.
type echoAnswer func(w http.ResponseWriter, received string)

func startEchoServer(t *testing.T) *echoServer {
	t.Helper()
	e := &echoServer{}
	e.url = serve(t, func(w http.ResponseWriter, r *http.Request) {
		received := requestParts(r)
		if strings.Contains(received, secretMark) {
			e.secrets.Add(1)
		}
		e.mode.Load().answer(w, received)
	})
	return e
}

// requestParts returns the URL, the header and the body of a request, also decoded from forms and from base64.
func requestParts(r *http.Request) string {
	body, _ := io.ReadAll(r.Body)
	parts := []string{r.URL.String(), string(body)}
	if form, err := url.ParseQuery(string(body)); err == nil {
		for _, values := range form {
			parts = append(parts, values...)
		}
	}
	for name, values := range r.Header {
		for _, value := range values {
			parts = append(parts, name+": "+value)
			if _, token, found := strings.Cut(value, " "); found {
				plain, _ := base64.StdEncoding.DecodeString(token)
				_, secret, _ := strings.Cut(string(plain), ":")
				parts = append(parts, string(plain), secret)
			}
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, " | ")
}

// In the answers below, RECEIVED is replaced by the parts of the request.

// rawAnswer answers with bytes that may be invalid HTTP.
func rawAnswer(text string) echoAnswer {
	return func(w http.ResponseWriter, received string) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(conn, strings.ReplaceAll(text, "RECEIVED", oneLine(received)))
		_ = conn.Close()
	}
}

// bodyAnswer answers with a body. escape adapts the parts of the request to its content type.
func bodyAnswer(status int, contentType, text string, escape func(string) string) echoAnswer {
	return func(w http.ResponseWriter, received string) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, strings.ReplaceAll(text, "RECEIVED", escape(received)))
	}
}

func jsonAnswer(status int, text string) echoAnswer {
	return bodyAnswer(status, "application/json", text, escapeJSON)
}

// redirectAnswer redirects to a URL, in which QUERY is replaced by the parts of the request, escaped for a query.
func redirectAnswer(status int, to string) echoAnswer {
	return func(w http.ResponseWriter, received string) {
		location := strings.NewReplacer("QUERY", url.QueryEscape(received), "RECEIVED", oneLine(received)).Replace(to)
		w.Header().Set("Location", location)
		w.WriteHeader(status)
	}
}

func oneLine(text string) string { return strings.NewReplacer("\r", " ", "\n", " ").Replace(text) }

func escapeJSON(text string) string {
	quoted, _ := json.Marshal(text)
	return string(quoted[1 : len(quoted)-1])
}

func unescaped(text string) string { return text }

// acrossCut pads the text until the cut after 500 bytes splits the first secret. The exporter stores the bytes before
// the cut.
func acrossCut(text string) string {
	return strings.Repeat("x", max(0, 500-strings.Index(text, secretMark)-4)) + text
}

// echoModes returns all kinds of answers.
func echoModes() []*echoMode {
	const list = `{"success":true,"totalCount":1,"pageSize":150,"data":[{"id":"np_1","name":"n","type":"MIGRATION","status":"FAILED",` +
		`"steps":[{"name":"FULL_TRANSFER","order":1,"status":"FAILED","extraInfo":{"errorCode":"E1","errorMsg":"RECEIVED",` +
		`"errorDetails":[{"code":"E1","message":"RECEIVED","reason":"RECEIVED","proposal":"RECEIVED"}]}}],` +
		`"extraInfo":{"errorMsg":"RECEIVED","errorDetails":["RECEIVED"]},` +
		`"alarmStats":{"alarming":true,"alarmContent":"RECEIVED","openAlarmContent":"RECEIVED"}}]}`
	modes := []*echoMode{
		{"a list of failed tasks", jsonAnswer(200, list)},
		{"an error of OMS", jsonAnswer(200, `{"success":false,"code":"RECEIVED","message":"RECEIVED","advice":"RECEIVED","requestId":"RECEIVED","errorDetail":"RECEIVED"}`)},
		{"an error of OMS with a secret at the cut", bodyAnswer(200, "application/json", `{"success":false,"code":"E","message":"RECEIVED"}`,
			func(text string) string { return escapeJSON(acrossCut(text)) })},
		{"a web page", bodyAnswer(200, "text/html", "<html>RECEIVED</html>", html.EscapeString)},
		{"a web page with a secret at the cut", bodyAnswer(200, "text/html", "RECEIVED", acrossCut)},
		{"invalid JSON", bodyAnswer(200, "application/json", `{"success":true,"data":[{"id":RECEIVED}]}`, unescaped)},
		{"a redirect to a login page", redirectAnswer(302, "http://127.0.0.1:1/login?from=QUERY")},
		{"a redirect with credentials", redirectAnswer(302, "http://user:QUERY@127.0.0.1:1/login")},
		{"a redirect to the same path", redirectAnswer(301, "https://127.0.0.1:1/api/v2?Action=ListProjects&token=QUERY")},
		{"a redirect that is followed", redirectAnswer(307, "http://127.0.0.1:1/QUERY")},
		{"an invalid redirect", redirectAnswer(307, "http://[RECEIVED")},
		{"an invalid first line", rawAnswer("RECEIVED\r\n\r\n")},
		{"an invalid status", rawAnswer("HTTP/1.1 RECEIVED\r\n\r\n")},
		{"an invalid version", rawAnswer("HTTP/RECEIVED 200 OK\r\n\r\n")},
		{"a status text", rawAnswer("HTTP/1.1 403 RECEIVED\r\nContent-Length: 0\r\n\r\n")},
		{"an invalid header", rawAnswer("HTTP/1.1 200 OK\r\nRECEIVED\r\n\r\n")},
		{"an invalid length", rawAnswer("HTTP/1.1 200 OK\r\nContent-Length: RECEIVED\r\n\r\n")},
		{"an unknown transfer encoding", rawAnswer("HTTP/1.1 200 OK\r\nTransfer-Encoding: RECEIVED\r\n\r\n")},
		{"an unknown content encoding", rawAnswer("HTTP/1.1 200 OK\r\nContent-Encoding: RECEIVED\r\nContent-Length: 2\r\n\r\n{}")},
		{"an invalid chunk", rawAnswer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nRECEIVED\r\n")},
		{"a Retry-After header and a date", rawAnswer("HTTP/1.1 429 RECEIVED\r\nRetry-After: RECEIVED\r\nDate: RECEIVED\r\nContent-Length: 0\r\n\r\n")},
	}
	const failure = `{"success":false,"code":"E","message":"RECEIVED","error":"x","error_description":"RECEIVED"}`
	for _, status := range []int{400, 401, 403, 404, 407, 500} {
		modes = append(modes,
			&echoMode{fmt.Sprintf("status %d with text", status), bodyAnswer(status, "text/plain", "RECEIVED", unescaped)},
			&echoMode{fmt.Sprintf("status %d with JSON", status), jsonAnswer(status, failure)},
		)
	}
	return modes
}
