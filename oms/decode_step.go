package oms

import (
	"bytes"

	"github.com/go-faster/jx"
)

// readStepsUnlessSkipped reads the steps, or keeps their bytes if a task with the status so far needs no steps. The
// status can follow later or occur again.
func (p *decoder) readStepsUnlessSkipped(d *jx.Decoder, t *Task) error {
	p.skippedSteps = p.skippedSteps[:0]
	if !p.skipsSteps(t.Status) {
		return p.readWhole(d, func(d *jx.Decoder) error { return p.readSteps(d, t) })
	}
	t.Steps = nil
	raw, err := d.Raw()
	p.skippedSteps = append(p.skippedSteps, raw...)
	return err
}

// finishSteps decides at the end of a row, when its status is final.
func (p *decoder) finishSteps(t *Task) error {
	switch {
	case p.skipsSteps(t.Status):
		t.Steps = nil
	case len(p.skippedSteps) > 0:
		p.member.ResetBytes(p.skippedSteps)
		return p.readSteps(p.member, t)
	}
	return nil
}

func (p *decoder) skipsSteps(status string) bool { return p.skipSteps != nil && p.skipSteps(status) }

func (p *decoder) readSteps(d *jx.Decoder, t *Task) error {
	steps := p.arena.beginSteps()
	err := readList(d, func() error {
		if d.Next() != jx.Object {
			return d.Skip()
		}
		if len(steps) == maxSteps {
			return p.newLimitError("steps", maxSteps)
		}
		steps = append(steps, Step{})
		return p.readStep(d, &steps[len(steps)-1])
	})
	t.Steps = p.arena.endSteps(steps)
	return err
}

func (p *decoder) readStep(d *jx.Decoder, s *Step) error {
	_, err := p.readObject(d, func(key []byte) error {
		switch string(key) {
		case "order":
			return readInt(d, &s.Order)
		case "name":
			return p.readInterned(d, &s.Name)
		case "status":
			return p.readInterned(d, &s.Status)
		case "extrainfo":
			return p.readStepFailure(d, s)
		case "starttime":
			return readTime(d, &s.Started)
		case "finishtime":
			return readTime(d, &s.Finished)
		case "progress":
			return readFloat(d, &s.Progress)
		case "stepinfo":
			return p.readStepInfo(d, s)
		}
		return d.Skip()
	})
	return err
}

// readStepFailure reads extraInfo. Most steps have no failure. The bytes of an empty extraInfo are cached, so equal
// ones are not decoded again.
func (p *decoder) readStepFailure(d *jx.Decoder, s *Step) error {
	s.Failure = nil
	raw, err := d.Raw()
	if err != nil || bytes.Equal(raw, p.emptyFailure) {
		return err
	}
	var f Failure
	p.part.ResetBytes(raw)
	_, err = p.readObject(p.part, func(key []byte) error { return p.readFailureMember(p.part, key, &f) })
	switch {
	case err != nil:
		return err
	case !f.empty():
		kept := f // taking the address of f would allocate for every step
		s.Failure = &kept
	case len(raw) <= maxPart:
		p.emptyFailure = append(p.emptyFailure[:0], raw...)
	}
	return nil
}

func (p *decoder) readFailureMember(d *jx.Decoder, key []byte, f *Failure) error {
	switch string(key) {
	case "errordetails":
		return p.readErrorDetails(d, f)
	case "errorcode":
		return p.readText(d, &f.Code)
	case "errormsg":
		return p.readText(d, &f.Message)
	case "failedtime":
		return readTime(d, &f.Time)
	}
	return d.Skip()
}

func (p *decoder) readErrorDetails(d *jx.Decoder, f *Failure) error {
	f.Details = nil
	return readList(d, func() error {
		detail, err := p.readErrorDetail(d)
		if err == nil {
			err = p.countElement()
		}
		if detail != (ErrorDetail{}) {
			f.Details = append(f.Details, detail)
		}
		return err
	})
}

// readErrorDetail reads one error, which is an object or a text.
func (p *decoder) readErrorDetail(d *jx.Decoder) (ErrorDetail, error) {
	var e ErrorDetail
	if d.Next() != jx.Object {
		err := p.readText(d, &e.Message)
		return e, err
	}
	_, err := p.readObject(d, func(key []byte) error {
		switch string(key) {
		case "code":
			return p.readText(d, &e.Code)
		case "level":
			return p.readText(d, &e.Level)
		case "message":
			return p.readText(d, &e.Message)
		case "reason":
			return p.readText(d, &e.Reason)
		case "proposal":
			return p.readText(d, &e.Proposal)
		}
		return d.Skip()
	})
	return e, err
}

func (p *decoder) readStepInfo(d *jx.Decoder, s *Step) error {
	var i StepInfo
	_, err := p.readObject(d, func(key []byte) error {
		switch string(key) {
		case "processedrecords":
			return readFloat(d, &i.ProcessedRecords)
		case "capacity":
			return readFloat(d, &i.Capacity)
		case "srcrps":
			return readFloat(d, &i.SrcRPS)
		case "srcrt":
			return readFloat(d, &i.SrcRT)
		case "srciops":
			return readFloat(d, &i.SrcIOPS)
		case "dstrps":
			return readFloat(d, &i.DstRPS)
		case "dstrt":
			return readFloat(d, &i.DstRT)
		case "dstiops":
			return readFloat(d, &i.DstIOPS)
		case "incrtimestampcheckpoint":
			return readTime(d, &i.Checkpoint)
		case "checkpointsampletimestamp":
			return readTime(d, &i.CheckpointSampled)
		}
		return d.Skip()
	})
	switch {
	case i == (StepInfo{}):
		s.Info = nil
	case s.Info == nil:
		s.Info = p.arena.infos.new()
		fallthrough
	default: // a repeated member
		*s.Info = i
	}
	return err
}
