package collector

import "github.com/oms-exporter/oms_exporter/oms"

// identity is the text of the labels of taskIdentity, or of targetIdentity, each with a comma before it and sorted by name: all series of
// a task share it.
type identity struct {
	text []byte
	ends [identityLabels + 1]int // of what precedes the first label, the first, the second, ...
}

// identityOrder are the indices of taskIdentity, sorted by name. That of targetIdentity comes first.
var identityOrder = layoutOf(taskIdentity, nil)

// identities makes those of tasks. Their texts lie side by side in pieces of memory for many.
type identities struct{ memory []byte }

const identityPiece = 32 << 10

func (m *identities) ofTask(target string, t *oms.Task) identity {
	if cap(m.memory)-len(m.memory) < identityPiece/32 {
		m.memory = make([]byte, 0, identityPiece)
	}
	id := identityIn(m.memory[len(m.memory):], identityLabels, [identityLabels]string{target, t.ID, t.Type, t.SourceType, t.SinkType})
	if used := len(m.memory) + len(id.text); used <= cap(m.memory) { // else a long one has moved to memory of its own
		m.memory = m.memory[:used]
	}
	return id
}

func identityOfTarget(name string) identity {
	return identityIn(nil, len(targetIdentity), [identityLabels]string{name})
}

// identityIn writes the text of the first so many labels to the memory behind text.
func identityIn(text []byte, labels int, values [identityLabels]string) identity {
	var id identity
	for i, at := range identityOrder[:labels] {
		text = appendLabelName(text, taskIdentity[at])
		text = appendEscaped(text, values[at])
		text = append(text, '"')
		id.ends[i+1] = len(text)
	}
	id.text = text
	return id
}
