package oms

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"weak"

	"github.com/go-faster/jx"
)

// decoded returns a decoder after it has decoded so many rows in several answers.
func decoded(t *testing.T, rows int, row func(i int) string) *decoder {
	t.Helper()
	const page = 500
	p := decoders.New().(*decoder)
	var b strings.Builder
	for i := range rows {
		b.WriteString(row(i) + ",")
		if i%page == page-1 || i == rows-1 {
			readAll(t, p, `{"data":[`+b.String()+`null]}`)
			b.Reset()
		}
	}
	return p
}

// readAll decodes an answer and releases it.
func readAll(t *testing.T, p *decoder, answer string) {
	t.Helper()
	d := p.open(strings.NewReader(answer), 0)
	err := d.ObjBytes(func(d *jx.Decoder, key []byte) error { return p.readEnvelopeMember(d, p.fold(key), new(Page)) })
	if err != nil {
		t.Fatal(err)
	}
	p.release()
}

func heap() int64 {
	var m runtime.MemStats
	for range 3 { // the second collection clears pools
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc) //nolint:gosec // it fits
}

func TestDecoderMemory(t *testing.T) {
	t.Run("of a long failure without members", func(t *testing.T) {
		p := decoded(t, 1, func(int) string {
			return `{"steps":[{"extraInfo":{"x":"` + strings.Repeat("x", 4<<20) +
				`"}}]}`
		})
		if kept := cap(p.emptyFailure); kept > maxPart {
			t.Errorf("%d bytes", kept)
		}
	})
	t.Run("of many endpoints with few members", func(t *testing.T) {
		p := decoded(t, 30_000, func(i int) string { return fmt.Sprintf(`{"sourceConnectInfo":{"port":%d}}`, i) })
		if kept := len(p.endpoints.bySum); kept > maxCached/minPart+1 {
			t.Errorf("%d of them", kept)
		}
	})
	t.Run("of many texts", func(t *testing.T) {
		before := heap()
		p := decoded(t, 100_000, func(i int) string { return fmt.Sprintf(`{"owner":"of %d","status":"is %d"}`, i, i) })
		if kept := heap() - before; kept > 4<<20 {
			t.Errorf("%d kB", kept>>10)
		}
		runtime.KeepAlive(p)
	})
}

// bare hides the other methods of a reader, like the body of a response.
type bare struct{ from io.Reader }

func (b *bare) Read(p []byte) (int, error) { return b.from.Read(p) }
func (b *bare) Close() error               { return nil }

func TestDecompressMemory(t *testing.T) {
	body := &bare{strings.NewReader(zipped("text"))}
	kept := weak.Make(body)
	plain, done, err := decompress(&http.Response{Header: http.Header{"Content-Encoding": {"gzip"}}, Body: body})
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(plain); string(text) != "text" || err != nil {
		t.Fatal(string(text), err)
	}
	done()
	runtime.GC()
	if kept.Value() != nil {
		t.Error("it is kept")
	}
	runtime.KeepAlive(plain)
}

func TestSanitizeMemory(t *testing.T) {
	const texts = 100
	before := heap()
	kept := make([]string, texts)
	for i := range kept {
		kept[i] = sanitize(nil, "word"+strings.Repeat(" ", 1<<16))
	}
	if size := heap() - before; size > texts<<13 {
		t.Errorf("%d bytes for %d texts such as %q", size, texts, kept[0])
	}
	runtime.KeepAlive(kept)
}
