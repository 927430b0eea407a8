package page

import (
	"strings"
	"time"

	"github.com/oms-exporter/oms_exporter/collector"
)

// delay is a direction of a task's synchronization as the page shows it.
type delay struct {
	*collector.Sync
	Sampled    Moment
	Checkpoint Moment
}

func delayOf(s *collector.Sync, now time.Time) delay {
	return delay{Sync: s, Sampled: Moment{s.Sampled, now}, Checkpoint: Moment{s.Checkpoint, now}}
}

// Known reports whether there is a delay to show.
func (d *delay) Known() bool { return d.Effective.Valid }

// Behind is the effective delay: the delay that OMS reports stands still when OMS stops measuring.
func (d *delay) Behind() string { return formatDuration(d.behind()) }

func (d *delay) behind() time.Duration { return seconds(d.Effective.Value) }

// Threshold is the delay allowed, empty if there is no limit.
func (d *delay) Threshold() string {
	if !d.Sync.Threshold.Valid {
		return ""
	}
	return formatDuration(seconds(d.Sync.Threshold.Value))
}

// Reported is the delay that OMS reported, empty where it is close to the effective one.
func (d *delay) Reported() string {
	const noise = time.Minute // of measuring
	reported := seconds(d.Delay.Value)
	if !d.Delay.Valid || (d.behind()-reported).Abs() <= noise {
		return ""
	}
	return formatDuration(reported)
}

// Label names the direction, empty for forward, which most tasks have alone.
func (d *delay) Label() string {
	if d.Direction == collector.Forward {
		return ""
	}
	return d.Direction
}

// of is Label in brackets, for the end of a word.
func (d *delay) of() string {
	if d.Label() == "" {
		return ""
	}
	return " (" + d.Label() + ")"
}

// unmeasuredFor is how long OMS has not measured the delay.
func (d *delay) unmeasuredFor() string { return strings.TrimSuffix(d.Sampled.Ago(), " ago") }
