package oms

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// answersOnDisk returns whole answers: the example in the documentation, and one with each kind of row.
func answersOnDisk(t testing.TB) [][]byte {
	t.Helper()
	read := func(name string) []byte {
		text := testutil.ReadFile(t, filepath.Join("..", "testdata", "answers", name))
		return text
	}
	var named map[string]json.RawMessage
	if err := json.Unmarshal(read("example-projects.json"), &named); err != nil {
		t.Fatal(err)
	}
	rows := slices.Collect(maps.Values(named))
	slices.SortFunc(rows, func(a, b json.RawMessage) int { return bytes.Compare(a, b) })
	list, err := json.Marshal(map[string]any{"success": true, "totalCount": len(rows), "data": rows})
	if err != nil {
		t.Fatal(err)
	}
	return [][]byte{read("document-example.json"), list}
}

// checkBuffered decodes an answer with and without buffering the whole of it.
func checkBuffered(t *testing.T, answer []byte) {
	t.Helper()
	buffered, errBuffered := decodeBuffered(maxBuffered, bytes.NewReader(answer), decodeOptions{rows: 4})
	streamed, errStreamed := decodeBuffered(0, bytes.NewReader(answer), decodeOptions{rows: 4})
	sameCause := errors.Is(errBuffered, io.ErrUnexpectedEOF) == errors.Is(errStreamed, io.ErrUnexpectedEOF) ||
		endsInWrongEscape(answer)
	if (errBuffered == nil) != (errStreamed == nil) || !sameCause {
		t.Fatalf("%.2000q: buffered: %v, streamed: %v", answer, errBuffered, errStreamed)
	}
	if diff := cmp.Diff(streamed, buffered, cmpopts.EquateErrors(), cmp.AllowUnexported(Envelope{})); diff != "" {
		t.Fatalf("%.2000q (- streamed, + buffered):\n%s", answer, diff)
	}
}

// endsInWrongEscape reports whether an answer ends within the four digits of a \u and has a wrong digit there. jx
// reports either error: it reads the digits of a skipped text one by one, and of another text all four at once.
func endsInWrongEscape(answer []byte) bool {
	const whole = 4
	begin := bytes.LastIndex(answer, []byte(`\u`))
	if begin < 0 {
		return false
	}
	digits := answer[begin+len(`\u`):]
	return len(digits) < whole && len(bytes.Trim(digits, "0123456789abcdefABCDEF")) > 0
}

func TestDecodeBuffered(t *testing.T) {
	for _, answer := range answersOnDisk(t) {
		checkBuffered(t, answer)
		for end := range len(answer) {
			if end%7 == 0 || len(answer) < 5000 {
				checkBuffered(t, answer[:end])
			}
		}
	}
}

func FuzzDecodeBuffered(f *testing.F) {
	f.Add([]byte(`{"data":[{"steps":[{"\u00`))
	f.Add([]byte(`{"data":[{"name":"\u00`))
	f.Add([]byte(`{"Success":"true","TotalCount":"151","Data":[{"id":"1","sourceConnectInfo":{"endpointName":"e"}},
		{"id":"2","sourceConnectInfo":{"endpointName":"e"}}]}`))
	f.Add([]byte(`{"data":[{"id":1,"steps":[{"name":"S","extraInfo":{"errorCode":"E"}},
		{"extraInfo":{}},{"extraInfo":{}}]},null]}`))
	f.Add([]byte(`{"data":[{"id":"a","status":"OVER","steps":[{"name":"S"}]},
		{"id":"b","steps":[{"name":"S"}],"Status":"OVER","status":"RUNNING"}]}`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		checkBuffered(t, answer)
		checkSkippedSteps(t, answer, 0)
		checkSkippedSteps(t, answer, maxBuffered)
	})
}

func TestDecoderOpen(t *testing.T) {
	for _, c := range []struct {
		name   string
		length int
		before int // bytes read before the first value is decoded
	}{
		{"a usual answer is buffered", 1000, 1000},
		{"the longest answer that is buffered", maxBuffered - 1, maxBuffered - 1},
		{"a longer answer is not", 8 * maxBuffered, maxBuffered},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := decoders.New().(*decoder)
			r := &counting{from: bytes.NewReader(make([]byte, c.length))}
			if d := p.open(r, maxBuffered); (d == p.memory) != (c.length < maxBuffered) {
				t.Errorf("buffered: %t", d == p.memory)
			}
			if r.read != c.before {
				t.Errorf("%d bytes read, want %d", r.read, c.before)
			}
		})
	}
}

type counting struct {
	from io.Reader
	read int
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.read += n
	return n, err
}
