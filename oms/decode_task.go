package oms

import (
	"github.com/go-faster/jx"
)

// readTaskMember reads one member of a row while it arrives. The large deprecated objects (transferMapping, most
// configs) are skipped and never buffered. The other objects are small and read as a whole.
func (p *decoder) readTaskMember(d *jx.Decoder, key []byte, t *Task) error {
	switch string(key) {
	case "id":
		return p.readString(d, &t.ID)
	case "type":
		return p.readInterned(d, &t.Type)
	case "name":
		return p.readString(d, &t.Name)
	case "labels":
		return p.readWhole(d, func(d *jx.Decoder) error { return p.readTags(d, t) })
	case "owner":
		return p.readInterned(d, &t.Owner)
	case "importance":
		return p.readInterned(d, &t.Importance)
	case "status":
		return p.readInterned(d, &t.Status)
	case "gmtcreate":
		return readTime(d, &t.Created)
	case "gmtmodified":
		return readTime(d, &t.Modified)
	case "gmtstart":
		return readTime(d, &t.Started)
	case "gmtfinish":
		return readTime(d, &t.Finished)
	case "ismerging":
		return readBool(d, &t.Merging)
	case "ismodifying":
		return readBool(d, &t.Modifying)
	case "issubproject":
		return readBool(d, &t.Subtask)
	case "sourceendpointtype":
		return p.readInterned(d, &t.SourceType)
	case "sinkendpointtype":
		return p.readInterned(d, &t.SinkType)
	case "enablestructtransfer":
		return readBool(d, &t.StructTransfer)
	case "enablefulltransfer":
		return readBool(d, &t.FullTransfer)
	case "enablefullverify":
		return readBool(d, &t.FullVerify)
	case "enableincrtransfer":
		return readBool(d, &t.IncrTransfer)
	case "enableincrverify":
		return readBool(d, &t.IncrVerify)
	case "enablereverseincrtransfer":
		return readBool(d, &t.ReverseIncrTransfer)
	case "incrtransferconfig":
		return p.readWhole(d, func(d *jx.Decoder) error { return p.readIncrTransferConfig(d, t) })
	case "sourceconnectinfo":
		return p.readWhole(d, func(d *jx.Decoder) error { return p.readEndpoint(d, &t.Source) })
	case "sinkconnectinfo":
		return p.readWhole(d, func(d *jx.Decoder) error { return p.readEndpoint(d, &t.Sink) })
	case "steps":
		return p.readStepsUnlessSkipped(d, t)
	case "extrainfo":
		return p.readWhole(d, func(d *jx.Decoder) error { return p.readExtraInfo(d, t) })
	case "alarmstats":
		return p.readWhole(d, func(d *jx.Decoder) error { return p.readAlarmStats(d, t) })
	}
	return d.Skip()
}

func (p *decoder) readTags(d *jx.Decoder, t *Task) error {
	t.Tags = nil
	return readList(d, func() error {
		var l Tag
		ok, err := p.readObject(d, func(key []byte) error {
			switch string(key) {
			case "id":
				return p.readInterned(d, &l.ID)
			case "name":
				return p.readInterned(d, &l.Name)
			}
			return d.Skip()
		})
		if err == nil {
			err = p.countElement()
		}
		if ok && l != (Tag{}) {
			t.Tags = append(t.Tags, l)
		}
		return err
	})
}

func (p *decoder) readAlarmStats(d *jx.Decoder, t *Task) error {
	var a AlarmStats
	ok, err := p.readObject(d, func(key []byte) error {
		switch string(key) {
		case "alarming":
			return readBool(d, &a.Alarming)
		case "recentlytriggercount":
			return readFloat(d, &a.Recent)
		case "ruletorecentlytriggercount":
			return p.readRuleCounts(d, &a)
		case "alarmcontent":
			return p.readText(d, &a.Content)
		}
		return d.Skip()
	})
	switch {
	case !ok:
		t.Alarms = nil
	case t.Alarms == nil:
		t.Alarms = p.arena.alarms.new()
		fallthrough
	default: // a repeated member
		*t.Alarms = a
	}
	return err
}

// readRuleCounts reads a map whose keys are data. The keys are not folded.
func (p *decoder) readRuleCounts(d *jx.Decoder, a *AlarmStats) error {
	a.ByRule = nil
	if d.Next() != jx.Object {
		return d.Skip()
	}
	rules, err := d.ObjIter()
	if err != nil {
		return err
	}
	for rules.Next() {
		rule := validString(rules.Key())
		var count Opt[float64]
		if err := readFloat(d, &count); err != nil {
			return err
		}
		if err := p.countElement(); err != nil {
			return err
		}
		if count.Valid {
			a.ByRule = append(a.ByRule, RuleCount{rule, count.Value})
		}
	}
	return rules.Err()
}

func (p *decoder) readExtraInfo(d *jx.Decoder, t *Task) error {
	var e ExtraInfo
	ok, err := p.readObject(d, func(key []byte) error {
		switch string(key) {
		case "sourcestorekepthour":
			return readFloat(d, &e.SourceStoreKeptHour)
		case "syncdelay":
			return readFloat(d, &e.SyncDelay)
		case "syncdelaysampletimestamp":
			return readTime(d, &e.SyncDelaySampleTimestamp)
		case "incrsynctimestamp":
			return readTime(d, &e.IncrSyncTimestamp)
		}
		return p.readFailureMember(d, key, &e.Failure)
	})
	t.ExtraInfo = nil
	if ok {
		kept := e // taking the address of e would allocate for null, too
		t.ExtraInfo = &kept
	}
	return err
}

// readIncrTransferConfig reads the retention of logs. The same member of reverseIncrTransferConfig is not read: the
// documentation of OMS contradicts itself about its unit.
func (p *decoder) readIncrTransferConfig(d *jx.Decoder, t *Task) error {
	t.StoreLogKeptHour = Opt[float64]{}
	_, err := p.readObject(d, func(key []byte) error {
		if string(key) == "storelogkepthour" {
			return readFloat(d, &t.StoreLogKeptHour)
		}
		return d.Skip()
	})
	return err
}
