package simulator

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

func TestFaultAnswers(t *testing.T) {
	s, c := serve(t, fixedClock(StoryTime))
	for _, tt := range []struct {
		rule   string
		fault  Fault
		status int
		text   string
		header string
		value  string
	}{
		{"any status with any body", StatusFault(408, "slow"), 408, "slow", "Content-Type", "application/json"},
		{"a status with Retry-After", RetryFault(429, "7"), 429, "", "Retry-After", "7"},
		{"a web page on 200", HTMLFault(), 200, "<html>", "Content-Type", "text/html; charset=utf-8"},
		{"own headers", Fault{Kind: Answer, Status: 307, Header: http.Header{"Location": {"/elsewhere"}}}, 307, "",
			"Location", "/elsewhere"},
		{"an error envelope with its own text", Fault{Kind: ErrorEnvelope, Code: "X", Text: "no such thing"}, 200, "no such thing", "",
			""},
		{"an error envelope with another status", Fault{Kind: ErrorEnvelope, Code: "X", Status: 500}, 500, `"success":false`, "", ""},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			c.t = t
			s.Set(func(b *Behaviour) { b.Faults = []Fault{tt.fault} })
			a := c.list(`{}`)
			if a.status != tt.status || !strings.Contains(string(a.body), tt.text) ||
				a.header.Get(tt.header) != tt.value {
				t.Errorf("got %d %v %q", a.status, a.header, a.body)
			}
		})
	}
}

func TestErrorCodes(t *testing.T) {
	s, c := serve(t, fixedClock(StoryTime))
	for _, code := range ErrorCodes() {
		s.Set(func(b *Behaviour) { b.Faults = []Fault{CodeFault(code)} })
		a := c.list(`{}`)
		e := a.envelope(t)
		detail, _ := e["errorDetail"].(map[string]any)
		message, _ := e["message"].(string)
		_, hasData := e["data"]
		if a.status != 200 || e["success"] != false || e["code"] != code || detail["code"] != code ||
			!strings.HasPrefix(message, "["+code+"]: ") || hasData {
			t.Errorf("%s: %d %s", code, a.status, a.body)
		}
	}
	if len(ErrorCodes()) < 7 {
		t.Errorf("only %v", ErrorCodes())
	}
}

func TestBrokenAnswers(t *testing.T) {
	s, c := serve(t, fixedClock(StoryTime))
	whole := len(c.list(allRows).body)
	for _, tt := range []struct {
		rule     string
		kind     FaultKind
		headers  bool // the client receives headers
		err      error
		promised bool // by Content-Length
	}{
		{"reset before the first byte", Reset, false, syscall.ECONNRESET, false},
		{"reset in the body", ResetInBody, true, syscall.ECONNRESET, true},
		{"truncated under Content-Length", CutLength, true, io.ErrUnexpectedEOF, true},
		{"truncated in chunks", CutChunked, true, io.ErrUnexpectedEOF, false},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			c.t = t
			s.Set(func(b *Behaviour) { b.Faults = []Fault{{Kind: tt.kind}} })
			a := c.list(allRows)
			if !errors.Is(a.err, tt.err) || (a.status == 200) != tt.headers {
				t.Errorf("status %d, error %v", a.status, a.err)
			}
			if promised := a.header.Get("Content-Length") != ""; promised != tt.promised {
				t.Errorf("Content-Length %v", promised)
			}
			if tt.headers && (len(a.body) == 0 || len(a.body) > whole/2) {
				t.Errorf("%d of %d bytes received", len(a.body), whole)
			}
		})
	}
}

func TestFault(t *testing.T) {
	t.Run("a bomb is small until it is decompressed", func(t *testing.T) {
		s, c := serve(t, fixedClock(StoryTime))
		const size = 50 << 20
		s.Set(func(b *Behaviour) { b.Faults = []Fault{{Kind: Bomb, Size: size}} })
		a := c.list(`{}`)
		if a.err != nil || len(a.body) > size/500 || a.header.Get("Content-Encoding") != "gzip" {
			t.Fatalf("%d bytes, %v", len(a.body), a.err)
		}
		z, err := gzip.NewReader(bytes.NewReader(a.body))
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, z); n != size || err != nil { //nolint:gosec // Size bounds the decompressed bytes
			t.Errorf("%d bytes inside, %v", n, err)
		}
	})
	t.Run("a lasting fault ends when the client closes", func(t *testing.T) {
		s, c := serve(t, fixedClock(StoryTime))
		for rule, f := range map[string]Fault{
			"silence":               {Kind: Silence},
			"an endless body":       {Kind: Endless},
			"a delay":               {Delay: time.Hour},
			"a stall in the body":   {Stall: time.Hour},
			"a stall of a web page": {Stall: time.Hour, Kind: Answer, Body: loginPage},
		} {
			t.Run(rule, func(t *testing.T) {
				s.Set(func(b *Behaviour) { b.Faults = []Fault{f} })
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
				defer cancel()
				req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+"/api/v2?Action=ListProjects",
					strings.NewReader(`{}`))
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("Content-Type", "application/json")
				resp, err := c.client.Do(req)
				if err == nil {
					_, err = io.Copy(io.Discard, resp.Body)
					_ = resp.Body.Close()
				}
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("ended with %v", err)
				}
				testutil.Eventually(t, "the request ends", func() bool { return s.Counts().InFlight == 0 })
			})
		}
	})
	t.Run("delays are added, and the answer is complete", func(t *testing.T) {
		s, c := serve(t, fixedClock(StoryTime))
		whole := c.list(`{}`).body
		s.Set(func(b *Behaviour) {
			b.Faults = []Fault{{Delay: 20 * time.Millisecond},
				{Delay: 20 * time.Millisecond, Stall: 20 * time.Millisecond}}
		})
		begin := time.Now()
		if a := c.list(`{}`); a.err != nil || !bytes.Equal(a.body, whole) {
			t.Errorf("%v, %d of %d bytes", a.err, len(a.body), len(whole))
		}
		if took := time.Since(begin); took < 60*time.Millisecond {
			t.Errorf("took %v", took)
		}
	})
	t.Run("a reset reaches the connection under TLS", func(t *testing.T) {
		s := New(fixedClock(StoryTime))
		server := httptest.NewTLSServer(s)
		defer server.Close()
		c := &caller{t: t, url: server.URL, client: server.Client()}
		for _, kind := range []FaultKind{Reset, ResetInBody} {
			s.Set(func(b *Behaviour) { b.Faults = []Fault{{Kind: kind}} })
			if a := c.list(allRows); !errors.Is(a.err, syscall.ECONNRESET) {
				t.Errorf("%v: ended with %v", kind, a.err)
			}
		}
	})
}

func TestFaultFor(t *testing.T) {
	s, c := serve(t, fixedClock(StoryTime))
	for _, tt := range []struct {
		rule  string
		fault Fault
		pages []int // in order of the requests
		fails []int // indexes in pages
	}{
		{"always", Fault{}, []int{1, 2, 1}, []int{0, 1, 2}},
		{"on a page only", Fault{Page: 2}, []int{1, 2, 3, 2}, []int{1, 3}},
		{"for the first attempts of each page", Fault{Attempts: 2}, []int{1, 1, 1, 2, 2, 2}, []int{0, 1, 3, 4}},
		{"for the first attempt of one page", Fault{Attempts: 1, Page: 2}, []int{1, 2, 2, 3}, []int{1}},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			c.t = t
			f := tt.fault
			f.Kind, f.Status = Answer, 503
			s.Set(func(b *Behaviour) { b.Faults = []Fault{f} })
			for range 2 { // Reset starts the counting again
				var fails []int
				for i, page := range tt.pages {
					if c.list(fmt.Sprintf(`{"pageNumber":%d}`, page)).status == 503 {
						fails = append(fails, i)
					}
				}
				if !slices.Equal(fails, tt.fails) {
					t.Errorf("requests %v failed, want %v", fails, tt.fails)
				}
				s.Reset()
			}
		})
	}
}

func TestSetConcurrently(t *testing.T) {
	s, c := serve(t, fixedClock(StoryTime))
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 200 {
			s.Set(func(b *Behaviour) {
				if b.PageRows == nil {
					b.PageRows = map[int]int{}
				}
				b.PageRows[i%3+1] = i % 5
				b.Faults = append(b.Faults[:0], Fault{Page: i % 4, Kind: ErrorEnvelope, Code: "PARAM_ERROR"})
			})
		}
	}()
	for range 50 {
		if a := c.list(`{"pageNumber":2}`); a.err != nil {
			t.Error(a.err)
		}
	}
	<-done
}
