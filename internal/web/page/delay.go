package page

import (
	"strings"
	"time"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/oms"
)

// staleAfter is the age of a sample beyond which OMS has stopped measuring the delay of a running task.
const staleAfter = 5 * time.Minute

// delay is how far one direction of a task's synchronization is behind.
type delay struct {
	Direction  string // forward or reverse
	AtWork     bool   // else only Checkpoint is told: standing still is no delay there
	behind     time.Duration
	threshold  time.Duration // 0: none
	reported   time.Duration
	Measured   bool // by OMS: reported is known
	Late       bool // behind more than threshold
	Stale      bool // OMS has stopped measuring
	CatchingUp bool // it has not yet reached the time at which its step began: it may be far behind, and only has to gain
	Sampled    Moment
	Checkpoint Moment
}

// Behind is the delay as it is, which OMS's own figure is not once it stops measuring.
func (d *delay) Behind() string { return span(d.behind) }

// Threshold is the delay allowed, empty if there is no limit.
func (d *delay) Threshold() string {
	if d.threshold == 0 {
		return ""
	}
	return span(d.threshold)
}

// Reported is the delay that OMS told, where that is not what the task really is behind.
func (d *delay) Reported() string {
	const noise = time.Minute // of measuring
	if !d.Measured || (d.behind-d.reported).Abs() <= noise {
		return ""
	}
	return span(d.reported)
}

// delayOf judges a direction at walked, the time of the walk. All of that is by the clock of the OMS; now is only for how long ago it is.
func delayOf(v *collector.View, s *collector.Sync, walked, now time.Time) delay {
	step := stepOfDirection(v, s.Direction)
	d := delay{
		Direction:  s.Direction,
		AtWork:     s.Delay.Valid || running(v.Task) && active(step),
		threshold:  seconds(s.Threshold.Value),
		reported:   seconds(s.Delay.Value),
		Measured:   s.Delay.Valid,
		Sampled:    Moment{s.Sampled, now},
		Checkpoint: Moment{s.Checkpoint, now},
	}
	switch {
	case !s.Checkpoint.IsZero():
		d.behind = walked.Sub(s.Checkpoint)
	case !s.Sampled.IsZero():
		d.behind = d.reported + walked.Sub(s.Sampled)
	default:
		d.behind = d.reported
	}
	d.behind = max(d.behind, 0)
	if running(v.Task) && d.AtWork {
		d.Late = d.threshold > 0 && d.behind > d.threshold
		d.Stale = !s.Sampled.IsZero() && walked.Sub(s.Sampled) > staleAfter
		d.CatchingUp = d.Late && step != nil && !s.Checkpoint.IsZero() && s.Checkpoint.Before(step.Started)
	}
	return d
}

// stepOfDirection gives the step that synchronizes a direction, nil if none is listed.
func stepOfDirection(v *collector.View, direction string) *oms.Step {
	for _, s := range v.Steps {
		if synchronizes(s.Name) && strings.HasPrefix(s.Name, "REVERSE_") == (direction == "reverse") {
			return s
		}
	}
	return nil
}

// active says whether something happens in a step, or went wrong.
func active(s *oms.Step) bool {
	return s != nil && (s.Status == "RUNNING" || s.Status == "MONITORING" || s.Status == "FAILED")
}

// synchronizes says whether a step of this name transfers increments; its name changed over the versions of OMS.
func synchronizes(step string) bool {
	return strings.HasSuffix(step, "INCR_TRANSFER") || strings.HasSuffix(step, "INCR_SYNC")
}
