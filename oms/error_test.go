package oms

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

// fakeOMS starts an OMS, or a server in front of it, and returns its URL and a client for it.
type fakeOMS func(*testing.T) (url string, hc *http.Client)

// failing is an OMS, or a server in front of it, that fails.
type failing struct {
	rule   string
	reason Reason
	oms    fakeOMS
}

// respondWith returns an OMS with one answer.
func respondWith(status int, body string, headers ...string) fakeOMS {
	return handled(func(w http.ResponseWriter, _ *http.Request) {
		for _, header := range headers {
			name, value, _ := strings.Cut(header, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

func handled(h http.HandlerFunc) fakeOMS {
	return func(t *testing.T) (string, *http.Client) { return serve(t, h) }
}

// simulatedOMS returns a simulated OMS with another behaviour. user, if any, has to log in.
func simulatedOMS(user string, change func(*simulator.Behaviour)) fakeOMS {
	return func(t *testing.T) (string, *http.Client) {
		s := simulator.New(simulator.Options{Generated: 5, User: user})
		s.Set(change)
		return serve(t, s)
	}
}

func withDenial(by simulator.Denial) fakeOMS {
	return simulatedOMS("monitor", func(b *simulator.Behaviour) { b.Denial = by })
}

func withFault(f simulator.Fault) fakeOMS {
	return simulatedOMS("", func(b *simulator.Behaviour) { b.Faults = []simulator.Fault{f} })
}

// brokenTransport returns a transport that fails.
func brokenTransport(err error) fakeOMS {
	return func(*testing.T) (string, *http.Client) {
		fail := func(*http.Request) (*http.Response, error) { return nil, err }
		return "http://oms.test:8089", &http.Client{Transport: roundTripFunc(fail)}
	}
}

// withoutRedirects returns a client that follows no redirects.
func withoutRedirects(next fakeOMS) fakeOMS {
	return func(t *testing.T) (string, *http.Client) {
		url, hc := next(t)
		hc.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		return url, hc
	}
}

func zipped(body string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, body)
	_ = z.Close()
	return b.String()
}

// damaged changes one byte of text.
func damaged(text string, at int) string {
	b := []byte(text)
	b[(at+len(b))%len(b)] ^= 0x55
	return string(b)
}

const web = `<!DOCTYPE html><html><head><title>Log in to
 OceanBase</title></head><body>hunter2</body></html>`

func failures() []failing {
	const api = "/api/v2?Action=ListProjects"
	page := `{"data":[` + strings.Repeat(`{"id":"np_1"},`, 200) + `{"id":"np_2"}]}`
	missing := func() error { _, err := os.ReadFile("testdata/no such file"); return err }()
	list := []failing{
		{"401 with JSON", Auth, withDenial(simulator.DenyJSON)},
		{"401 with a web page", Auth, withDenial(simulator.DenyHTML)},
		{"401 with nothing", Auth, withDenial(simulator.DenyEmpty)},
		{"302 to the login page", Auth, withDenial(simulator.DenyRedirect)},
		{"200 and a code about the password", Auth, withDenial(simulator.DenyEnvelope)},
		{"403", Auth,
			respondWith(403,
				`{"success":false,"code":"NO_PERMISSION","message":"no right to list","requestId":"r-1"}`)},
		{"403 of a proxy", Auth, respondWith(403, "<html><head><title>403 Forbidden</title></head></html>",
			"Content-Type: text/html")},
		{"404", HTTP, respondWith(404, "<html><head><title>404 Not Found</title></head></html>")},
		{"405", HTTP, respondWith(405, "")},
		{"407", Connect, respondWith(407, "authenticate first")},
		{"408", HTTP, respondWith(408, "")},
		{"400 with a code", HTTP, respondWith(400,
			`{"success":false,"code":"PARAM_ERROR","message":"pageSize is wrong","advice":"take 10"}`)},
		{"429", HTTP, respondWith(429, "", "Retry-After: 3600")},
		{"500 with an envelope", HTTP, withFault(simulator.Fault{Kind: simulator.ErrorEnvelope, Code: "INNER_ERROR",
			Status: 500, Text: "NullPointerException"})},
		{"500 with a stack", HTTP, respondWith(500,
			"java.lang.NullPointerException\n\tat com.oceanbase.Ghana.list(Ghana.java:17)\n")},
		{"502 of nginx", HTTP, respondWith(502,
			"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>", "Content-Type: text/html")},
		{"503", HTTP, respondWith(503, "")},
		{"504", HTTP, respondWith(504, "")},
		{"204", HTTP, respondWith(204, "")},
		{"a status without a name", HTTP, respondWith(599, "")},

		{"302 to the same path with TLS", HTTP, respondWith(302, "", "Location: https://oms.example.com:8443"+api)},
		{"301 to the same path elsewhere", HTTP,
			respondWith(301, web, "Location: http://user:hunter2@oms2.example.com:8089/api/v2?token=hunter2#x")},
		{"303 to the same path with a slash", HTTP, respondWith(303, "", "Location: https://oms.example.com/api/v2/")},
		{"302 to itself", HTTP, respondWith(302, "", "Location: "+api)},
		{"302 to nowhere", HTTP, respondWith(302, "")},
		{"302 to an invalid URL", HTTP, respondWith(302, "", "Location: http://[hunter2")},
		{"302 to another path elsewhere", Auth,
			respondWith(302, "", "Location: https://user:hunter2@sso.example.com/login?from=oms&ticket=hunter2")},
		{"307 that is not followed", HTTP, withoutRedirects(respondWith(307, "",
			"Location: https://oms.example.com:8443"+api))},
		{"307 to a login page that is not followed", Auth, withoutRedirects(respondWith(307, "", "Location: /login"))},
		{"307 in a circle", HTTP, respondWith(307, "", "Location: "+api)},

		{"success false without more", API, respondWith(200, `{"success":"false"}`)},
		{"success false with the code in errorDetail alone", API,
			respondWith(200,
				`{"success":false,"errorDetail":{"code":"GHANA-OPERAT000001","message":"CM is down","proposal":"start it"}}`)},
		{"success false and data that are an object", API, respondWith(200, `{"data":{},"code":17,"success":false}`)},
		{"no data", API, respondWith(200, `{"Success":true,"Code":200,"Message":"successful"}`)},
		{"an empty object", API, respondWith(200, `{}`)},

		{"a web page on 200", Decode, respondWith(200, web, "Content-Type: text/html; charset=utf-8")},
		{"a web page with the type of JSON", Decode, respondWith(200, web, "Content-Type: application/json")},
		{"a text on 200", Decode, respondWith(200, "It works!\n", "Content-Type: text/plain")},
		{"a list instead of an object", Decode, respondWith(200, `[]`)},
		{"data that are an object", Decode, respondWith(200, `{"success":true,"data":{"list":[]}}`)},
		{"rows that are no objects", Decode, respondWith(200, `{"success":true,"data":["np_1","np_2"]}`)},
		{"text after the answer", Decode, respondWith(200, `{"data":[]}<!-- served by cache -->`)},
		{"brackets without end", Decode, respondWith(200, `{"data":[{"x":`+strings.Repeat("[", 20000))},
		{"an empty body", Decode, respondWith(200, "")},
		{"half a body", Decode, respondWith(200, page[:len(page)/2])},
		{"half of the promised length", Decode, withFault(simulator.Fault{Kind: simulator.CutLength})},
		{"chunks without the last", Decode, withFault(simulator.Fault{Kind: simulator.CutChunked})},
		{"reset before the answer", Connect, withFault(simulator.Fault{Kind: simulator.Reset})},
		{"reset in the body", Connect, withFault(simulator.Fault{Kind: simulator.ResetInBody})},

		{"gzip of an unknown method", Decode,
			respondWith(200, damaged(zipped(page), 2), "Content-Encoding: gzip")},
		{"gzip with a wrong sum", Decode, respondWith(200, damaged(zipped(page), -6), "Content-Encoding: gzip")},
		{"gzip damaged", Decode, respondWith(200, damaged(zipped(page), 12), "Content-Encoding: gzip")},
		{"gzip that ends early", Decode, respondWith(200, zipped(page)[:30], "Content-Encoding: gzip")},
		{"gzip of nothing", Decode, respondWith(200, "", "Content-Encoding: gzip")},
		{"an encoding that was not requested", Decode,
			respondWith(200, "\x8b\x03\x80"+"\x04\x00", "Content-Encoding: br")},
		{"an error in an encoding that was not requested", HTTP,
			respondWith(500, "\x8b\x03\x80"+"\x04\x00", "Content-Encoding: br")},
		{"a bomb", Limit, withFault(simulator.Fault{Kind: simulator.Bomb, Size: 8 << 20})},
		{"a body without end", Limit, withFault(simulator.Fault{Kind: simulator.Endless})},

		{"no such host", Connect, brokenTransport(&net.OpError{Op: "dial", Net: "tcp",
			Err: &net.DNSError{Err: "no such host", Name: "oms.test", Server: "192.0.2.53:53", IsNotFound: true}})},
		{"no name server", Connect, brokenTransport(&net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{
			Err: "read udp 10.0.0.1:54321->192.0.2.53:53: i/o " +
				"timeout", Name: "oms.test", Server: "192.0.2.53:53", IsTimeout: true, IsTemporary: true,
		}})},
		{"no listener", Connect, func(*testing.T) (string, *http.Client) {
			return closedPort(), &http.Client{Transport: &http.Transport{}}
		}},
		{"closed before the answer", Connect,
			handled(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })},
		{"no HTTP at all", Connect, rawServer("SSH-2.0-OpenSSH_9.2\r\n")},
		{"a TLS alert", TLS, rawServer("\x15\x03\x01\x00\x02\x02\x46")},
		{"a password file that cannot be read", Auth,
			brokenTransport(fmt.Errorf("unable to read basic auth password: unable to read file x: %w", missing))},
		{"a CA file that cannot be read", TLS,
			brokenTransport(fmt.Errorf("unable to read CA cert: unable to read file x: %w", missing))},
		{"a token that is not given", Auth, brokenTransport(errors.New(`oauth2: "invalid_client" "hunter2"`))},
		{"a text with a secret and line breaks", Connect,
			brokenTransport(errors.New("cannot reach hunter2\r\n\x1b[31mat all"))},
	}
	for _, code := range simulator.ErrorCodes() {
		list = append(list, failing{"success false, " + code, API, withFault(simulator.CodeFault(code))})
	}
	return append(list, tlsFailures()...)
}

func closedPort() string {
	server := httptest.NewServer(nil)
	defer server.Close()
	return server.URL
}

func TestCallErrors(t *testing.T) {
	var got strings.Builder
	for _, tt := range failures() {
		t.Run(tt.rule, func(t *testing.T) {
			url, hc := tt.oms(t)
			defer hc.CloseIdleConnections()
			o := new(recorder).options()
			o.MaxResponseSize = 1 << 20
			// This includes the pauses between attempts. The longest Retry-After is longer.
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			_, err := newClient(t, url, hc, o).ListProjects(ctx, ListProjectsRequest{PageNumber: 1, PageSize: 150})
			var failure *Error
			if !errors.As(err, &failure) {
				t.Fatalf("failed with %v", err)
			}
			text := err.Error()
			if failure.Reason != tt.reason {
				t.Errorf("reason %s, want %s: %s", failure.Reason, tt.reason, text)
			}
			if !strings.HasPrefix(text, "OMS prod: page 1: ") || len(text) > 500 || strings.Contains(text, "hunter2") ||
				strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("message is %q", text)
			}
			_, _ = fmt.Fprintf(&got, "%s\n    %s: %s\n", tt.rule, failure.Reason, stable(text, url))
		})
	}
	testutil.Golden(t, "testdata/errors.golden", got.String())
}

var changing = regexp.MustCompile(`requestId [-0-9a-f]{36}|current time \S+|127\.0\.0\.1:\d+`)

// stable replaces the parts that differ from run to run.
func stable(text, url string) string {
	text = strings.ReplaceAll(text, strings.TrimPrefix(strings.TrimPrefix(url, "http://"), "https://"), "HOST")
	return changing.ReplaceAllStringFunc(text, func(s string) string {
		name, _, _ := strings.Cut(s, " ")
		switch name {
		case "requestId":
			return "requestId ID"
		case "current":
			return "current time NOW"
		}
		return "OTHER"
	})
}
