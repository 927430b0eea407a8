package exposition

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/expfmt"
)

// filled is a metric of a target with a series for each value.
func filled(values ...float64) Family {
	metric := NewMetric("oms_up", "Help.", TargetLabels, nil)
	return Families([]*Metric{metric}, func(_ int, s *Samples) {
		target, pairs := OfTarget("prod"), NewPairs("prod")
		for _, value := range values {
			s.Begin(&target, &pairs)
			s.Add(value)
		}
	})[0]
}

func TestTextWriterNumbers(t *testing.T) {
	for _, value := range []float64{
		0, math.Copysign(0, -1), 1, -1, 9, 10, 100, 0.5, -0.5, 0.57, 0.1 + 0.2, 999_999, 1_000_000, 1_000_001, -999_999,
		-1_000_000, 1e20, 1e21, 1e22, 1.5e300, 5e-324, 1e-4, 1e-5, 123456.7, 999999.5, 1748764796, 1748764796.25,
		-1748764796, 1.7e9, 120_000_000, 1<<53 - 1, 1 << 53, 1<<53 + 2, math.MaxFloat64, math.NaN(), math.Inf(1),
		math.Inf(-1),
	} {
		for _, openMetrics := range []bool{false, true} {
			var got, want bytes.Buffer
			family := filled(value)
			w := NewTextWriter(&got, openMetrics)
			if err := errors.Join(family.WriteText(w), w.Flush()); err != nil {
				t.Fatal(err)
			}
			var err error
			if openMetrics {
				_, err = expfmt.MetricFamilyToOpenMetrics(&want, family.Model())
			} else {
				_, err = expfmt.MetricFamilyToText(&want, family.Model())
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want.String(), got.String()); diff != "" {
				t.Errorf("%v, OpenMetrics %t (- client library, + got):\n%s", value, openMetrics, diff)
			}
		}
	}
}

// After the first error the writer writes nothing more.
func TestTextWriterError(t *testing.T) {
	gone := errors.New("gone")
	calls := 0
	w := NewTextWriter(writerFunc(func([]byte) (int, error) { calls++; return 0, gone }), false)
	many := filled(make([]float64, 10_000)...)
	for range 3 {
		_ = many.WriteText(w)
	}
	if _, err := w.Write([]byte("more")); !errors.Is(err, gone) || calls != 1 {
		t.Errorf("%d writes, error %v", calls, err)
	}
	if err := w.Flush(); !errors.Is(err, gone) {
		t.Errorf("Flush returns %v", err)
	}
	if w.Reset(io.Discard, false); w.Flush() != nil {
		t.Error("a writer that is reset has the previous error")
	}
}

func TestFamilyWithoutSamples(t *testing.T) {
	var text strings.Builder
	w := NewTextWriter(&text, false)
	family := filled()
	if err := errors.Join(family.WriteText(w), w.Flush()); err != nil || text.Len() > 0 {
		t.Errorf("wrote %q, error %v", text.String(), err)
	}
	if model := family.Model(); model != nil {
		t.Errorf("the model is %v", model)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
