package page

import (
	"time"

	"github.com/oms-exporter/oms_exporter/collector"
)

// delay is one direction of a task's synchronization on a page.
type delay struct {
	*collector.Sync
	printer    printer // by the clock of the OMS
	Sampled    Moment
	Checkpoint Moment
}

func newDelay(s *collector.Sync, p printer) delay {
	return delay{Sync: s, printer: p, Sampled: p.moment(s.Sampled), Checkpoint: p.moment(s.Checkpoint)}
}

// Known reports whether there is a delay to show.
func (d *delay) Known() bool { return d.Effective.Valid }

// Behind returns the effective delay. The delay that OMS reports stays the same when OMS stops measuring.
func (d *delay) Behind() string { return d.printer.duration(d.behind()) }

func (d *delay) behind() time.Duration { return seconds(d.Effective.Value) }

// Allowed returns the threshold, or "" if there is none.
func (d *delay) Allowed() string {
	if !d.Threshold.Valid {
		return ""
	}
	return d.printer.duration(seconds(d.Threshold.Value))
}

// Reported returns the delay that OMS reported, or "" if it is close to the effective one.
func (d *delay) Reported() string {
	const noise = time.Minute // of measuring
	reported := seconds(d.Delay.Value)
	if !d.Delay.Valid || (d.behind()-reported).Abs() <= noise {
		return ""
	}
	return d.printer.duration(reported)
}

// Label returns the direction, or "" for forward, the only direction of most tasks.
func (d *delay) Label() string {
	if d.Direction == collector.Forward {
		return ""
	}
	return d.printer.code(d.Direction)
}

// labelled adds the direction to a text.
func (d *delay) labelled(text string) string {
	if d.Label() == "" {
		return text
	}
	return d.printer.text("%s (%s)", text, d.Label())
}
