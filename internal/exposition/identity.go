package exposition

// TaskLabels are the identity of a task: labels of each of its series that do not change in its life.
var TaskLabels = []string{"oms", "task_id", "type", "source_type", "sink_type"}

// TargetLabels are the identity of a target, the first of TaskLabels.
var TargetLabels = TaskLabels[:1]

const identityLabels = 5

// Identity is the text of the labels of TaskLabels, or of TargetLabels, each with a comma before it and sorted by name.
// All series of a task share it.
type Identity struct {
	text []byte
	ends [identityLabels + 1]int // ends[i] is where the text of the first i labels ends
}

// identityOrder are the indices of TaskLabels, sorted by name. That of TargetLabels comes first.
var identityOrder = layoutOf(TaskLabels, nil)

// IdentityArena makes the identities of many tasks. Their texts lie side by side in large pieces of memory.
type IdentityArena struct{ memory []byte }

const identityPiece = 32 << 10

// OfTask returns the identity of a task.
func (a *IdentityArena) OfTask(target, id, kind, sourceType, sinkType string) Identity {
	if cap(a.memory)-len(a.memory) < identityPiece/32 {
		a.memory = make([]byte, 0, identityPiece)
	}
	values := [identityLabels]string{target, id, kind, sourceType, sinkType}
	identity := identityIn(a.memory[len(a.memory):], identityLabels, values)
	if used := len(a.memory) + len(identity.text); used <= cap(a.memory) { // a longer one has moved to memory of its own
		a.memory = a.memory[:used]
	}
	return identity
}

// OfTarget returns the identity of a target.
func OfTarget(name string) Identity {
	return identityIn(nil, len(TargetLabels), [identityLabels]string{name})
}

// identityIn appends the text of the first labels to text.
func identityIn(text []byte, labels int, values [identityLabels]string) Identity {
	var identity Identity
	for i, at := range identityOrder[:labels] {
		text = appendLabelName(text, TaskLabels[at])
		text = appendEscaped(text, values[at])
		text = append(text, '"')
		identity.ends[i+1] = len(text)
	}
	identity.text = text
	return identity
}
