package oms

import "github.com/go-faster/jx"

// stepsUnlessSkipped reads the steps, or leaves them out, as far as that is known yet: the status may come later, or once more.
func (p *decoder) stepsUnlessSkipped(d *jx.Decoder, t *Task) error {
	p.skipped = p.skipped[:0]
	if !p.skips(t.Status) {
		return p.whole(d, func(d *jx.Decoder) error { return p.steps(d, t) })
	}
	t.Steps = nil
	raw, err := d.Raw()
	p.skipped = append(p.skipped, raw...)
	return err
}

// settleSteps makes up for what was known too late: at the end of a row its status counts.
func (p *decoder) settleSteps(t *Task) error {
	switch {
	case p.skips(t.Status):
		t.Steps = nil
	case len(p.skipped) > 0:
		p.member.ResetBytes(p.skipped)
		return p.steps(p.member, t)
	}
	return nil
}

func (p *decoder) skips(status string) bool { return p.skipSteps != nil && p.skipSteps(status) }

func (p *decoder) steps(d *jx.Decoder, t *Task) error {
	steps := p.room.forSteps()
	err := list(d, func() error {
		if d.Next() != jx.Object {
			return d.Skip()
		}
		if len(steps) == maxSteps {
			return p.excess("steps", maxSteps)
		}
		steps = append(steps, Step{})
		return p.step(d, &steps[len(steps)-1])
	})
	t.Steps = p.room.keepSteps(steps)
	return err
}

func (p *decoder) step(d *jx.Decoder, s *Step) error {
	_, err := p.object(d, func(key []byte) error {
		switch string(key) {
		case "order":
			return readInt(d, &s.Order)
		case "name":
			return p.interned(d, &s.Name)
		case "status":
			return p.interned(d, &s.Status)
		case "extrainfo":
			return p.stepFailure(d, s)
		case "starttime":
			return readTime(d, &s.Started)
		case "finishtime":
			return readTime(d, &s.Finished)
		case "progress":
			return readFloat(d, &s.Progress)
		case "stepinfo":
			return p.stepInfo(d, s)
		}
		return d.Skip()
	})
	return err
}

// stepFailure reads extraInfo. A step that is well, as most are, keeps nothing; what that looks like needs to be read but once.
func (p *decoder) stepFailure(d *jx.Decoder, s *Step) error {
	s.Failure = nil
	raw, err := d.Raw()
	if err != nil || p.known.isWell(raw) {
		return err
	}
	var f Failure
	p.part.ResetBytes(raw)
	if _, err = p.object(p.part, func(key []byte) error { return p.failureMember(p.part, key, &f) }); err != nil {
		return err
	}
	if f.empty() {
		p.known.rememberWell(raw)
		return nil
	}
	kept := f
	s.Failure = &kept
	return nil
}

func (p *decoder) failureMember(d *jx.Decoder, key []byte, f *Failure) error {
	switch string(key) {
	case "errordetails":
		return p.errorDetails(d, f)
	case "errorcode":
		return p.text(d, &f.Code)
	case "errormsg":
		return p.text(d, &f.Message)
	case "failedtime":
		return readTime(d, &f.Time)
	}
	return d.Skip()
}

func (p *decoder) errorDetails(d *jx.Decoder, f *Failure) error {
	f.Details = nil
	return list(d, func() error {
		detail, err := p.errorDetail(d)
		if err == nil {
			err = p.element()
		}
		if detail != (ErrorDetail{}) {
			f.Details = append(f.Details, detail)
		}
		return err
	})
}

// errorDetail reads one error, which is an object or a text.
func (p *decoder) errorDetail(d *jx.Decoder) (ErrorDetail, error) {
	var e ErrorDetail
	if d.Next() != jx.Object {
		err := p.text(d, &e.Message)
		return e, err
	}
	_, err := p.object(d, func(key []byte) error {
		switch string(key) {
		case "code":
			return p.text(d, &e.Code)
		case "level":
			return p.text(d, &e.Level)
		case "message":
			return p.text(d, &e.Message)
		case "reason":
			return p.text(d, &e.Reason)
		case "proposal":
			return p.text(d, &e.Proposal)
		}
		return d.Skip()
	})
	return e, err
}

func (p *decoder) stepInfo(d *jx.Decoder, s *Step) error {
	var i StepInfo
	_, err := p.object(d, func(key []byte) error {
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
		s.Info = p.room.infos.new()
		fallthrough
	default: // the member comes once more
		*s.Info = i
	}
	return err
}
