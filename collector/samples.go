package collector

import (
	"time"

	"github.com/oms-exporter/oms_exporter/internal/exposition"
	"github.com/oms-exporter/oms_exporter/oms"
)

// samples takes the samples of one metric. A missing value gives no sample.
type samples struct{ *exposition.Samples }

// number adds a sample if there is a value.
func (s *samples) number(v oms.Opt[float64], labels ...string) {
	if v.Valid {
		s.Add(v.Value, labels...)
	}
}

// amount adds a sample if there is a value of 0 or more.
func (s *samples) amount(v oms.Opt[float64], labels ...string) {
	if v.Valid && v.Value >= 0 {
		s.Add(v.Value, labels...)
	}
}

// flag adds a sample of 0 or 1 if there is a value.
func (s *samples) flag(v oms.Opt[bool], labels ...string) {
	if v.Valid {
		s.Add(boolValue(v.Value), labels...)
	}
}

// time adds a sample in Unix seconds if there is a time.
func (s *samples) time(t time.Time, labels ...string) {
	if !t.IsZero() {
		s.Add(float64(t.Unix())+float64(t.Nanosecond())/1e9, labels...)
	}
}

func boolValue(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
