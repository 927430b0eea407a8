package collector

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/oms-exporter/oms_exporter/oms"
)

// written is what a TextWriter makes of an exposition.
func written(t *testing.T, e *Exposition, openMetrics bool) string {
	t.Helper()
	var text bytes.Buffer
	w := NewTextWriter(&text, openMetrics)
	for _, f := range e.Families() {
		if err := f.WriteText(w); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestTextIsWhatTheClientLibraryWritesOfTheModel(t *testing.T) {
	snapshots := several()
	for _, parts := range []Parts{AllParts, {}} {
		metrics := NewMetrics(parts)
		for _, openMetrics := range []bool{false, true} {
			format := expfmt.NewFormat(expfmt.TypeTextPlain)
			got := written(t, metrics.Exposition(snapshots), openMetrics)
			if openMetrics {
				format = expfmt.NewFormat(expfmt.TypeOpenMetrics)
				got += "# EOF\n"
			}
			want := encoded(t, metrics.Families(snapshots), format)
			if want != got { // a diff of lines of a megabyte takes for ever
				w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
				for i := range min(len(w), len(g)) {
					if w[i] != g[i] {
						t.Fatalf("%s: line %d is\n%.500s\nwant\n%.500s", format, i+1, g[i], w[i])
					}
				}
				t.Fatalf("%s: %d lines, want %d", format, len(g), len(w))
			}
		}
	}
}

func TestNumbersAreWrittenAsTheClientLibraryDoes(t *testing.T) {
	zero := 0.0
	metrics := NewMetrics(AllParts)
	f := &metrics.families[0]
	for _, value := range []float64{
		0, -zero, math.Copysign(0, -1), 1, -1, 9, 10, 100, 0.5, -0.5, 0.57, 0.1 + 0.2, 999_999, 1_000_000, 1_000_001, -999_999, -1_000_000,
		1e20, 1e21, 1e22, 1.5e300, 5e-324, 1e-4, 1e-5, 123456.7, 999999.5, 1748764796, 1748764796.25, -1748764796, 1.7e9, 120_000_000,
		1<<53 - 1, 1 << 53, 1<<53 + 2, math.MaxFloat64, math.NaN(), math.Inf(1), math.Inf(-1),
	} {
		for _, openMetrics := range []bool{false, true} {
			var got, want bytes.Buffer
			w := NewTextWriter(&got, openMetrics)
			id := new(identities).ofTask("prod", &oms.Task{ID: "1"})
			w.sample(f, &id, value, make([]string, len(f.labels)))
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
			family := &dto.MetricFamily{Name: &f.Name, Help: &f.Help, Type: dto.MetricType_GAUGE.Enum(),
				Metric: []*dto.Metric{{Gauge: &dto.Gauge{Value: &value}}}}
			write := func(to io.Writer) (int, error) { return expfmt.MetricFamilyToText(to, family) }
			if openMetrics {
				write = func(to io.Writer) (int, error) { return expfmt.MetricFamilyToOpenMetrics(to, family) }
			}
			if _, err := write(&want); err != nil {
				t.Fatal(err)
			}
			last := func(b []byte) string { fields := strings.Fields(string(b)); return fields[len(fields)-1] }
			if diff := cmp.Diff(last(want.Bytes()), last(got.Bytes())); diff != "" {
				t.Errorf("%v, OpenMetrics %t: %s", value, openMetrics, diff)
			}
		}
	}
}

func TestWritingStopsAtTheFirstError(t *testing.T) {
	gone := errors.New("gone")
	snapshot := everything()
	for range 1000 {
		snapshot.Walk.Tasks = append(snapshot.Walk.Tasks, snapshot.Walk.Tasks[0])
	}
	calls := 0
	w := NewTextWriter(writerFunc(func([]byte) (int, error) { calls++; return 0, gone }), false)
	for _, f := range NewMetrics(AllParts).Exposition([]*Snapshot{snapshot}).Families() {
		_ = f.WriteText(w)
	}
	if _, err := w.Write([]byte("more")); !errors.Is(err, gone) || calls != 1 {
		t.Errorf("%d writes, error %v", calls, err)
	}
	if err := w.Flush(); !errors.Is(err, gone) {
		t.Errorf("Flush says %v", err)
	}
	if w.Reset(io.Discard, false); w.Flush() != nil {
		t.Error("a writer that is reset has the error of before")
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
