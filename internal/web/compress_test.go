package web

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/gzip"
)

func TestCompressed(t *testing.T) {
	text := strings.Repeat("oms_task_status 1\noms_task_alarming 0\n", 10_000)

	t.Run("responses are complete with either compressor", func(t *testing.T) {
		const clients = maxFastWriters + 2
		var writing sync.WaitGroup // all clients have a compressor
		writing.Add(clients)
		server := httptest.NewServer(compressedTest(t, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, text)
			writing.Done()
			writing.Wait()
			_, _ = io.WriteString(w, text)
		}))
		defer server.Close()
		sizes := make([]int, clients)
		var done sync.WaitGroup
		for i := range sizes {
			done.Go(func() {
				body := readBody(t, server)
				sizes[i] = len(body)
				reader, err := gzip.NewReader(bytes.NewReader(body))
				if err != nil {
					t.Error(err)
					return
				}
				if got, err := io.ReadAll(reader); err != nil || string(got) != text+text {
					t.Errorf("got %d bytes, want %d: %v", len(got), 2*len(text), err)
				}
			})
		}
		done.Wait()
		fast, want := 0, fastSize(t, text+text)
		for _, size := range sizes {
			if size == want {
				fast++
			}
		}
		if fast != maxFastWriters {
			t.Errorf("%d of %d responses have the size of a fast compressor, want %d", fast, clients, maxFastWriters)
		}
	})

	t.Run("an aborted response releases its compressor", func(t *testing.T) {
		requests := 0
		handler := compressedTest(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, text)
			if requests++; requests <= maxFastWriters {
				abort(r)
			}
		})
		serve := func() *httptest.ResponseRecorder {
			req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
			req.Header.Set("Accept-Encoding", "gzip")
			res := httptest.NewRecorder()
			handler.ServeHTTP(res, req)
			return res
		}
		for range maxFastWriters {
			if !aborts(func() { serve() }) {
				t.Fatal("the response is not aborted")
			}
		}
		if got, want := serve().Body.Len(), fastSize(t, text); got != want {
			t.Errorf("a response has %d bytes, want %d", got, want)
		}
	})
}

// readBody returns the compressed body of a response.
func readBody(t *testing.T, server *httptest.Server) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
	if err != nil {
		t.Error(err)
		return nil
	}
	req.Header.Set("Accept-Encoding", "gzip")
	res, err := server.Client().Do(req)
	if err != nil {
		t.Error(err)
		return nil
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Error(err)
	}
	return body
}

// fastSize returns the size of text after a fast compression.
func fastSize(t *testing.T, text string) int {
	t.Helper()
	var body bytes.Buffer
	w, err := gzip.NewWriterLevel(&body, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return body.Len()
}
