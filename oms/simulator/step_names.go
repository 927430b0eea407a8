package simulator

import "slices"

var (
	forwardSteps = []string{"INCR_TRANSFER", "INCR_SYNC", "CONNECTOR_INCR_SYNC"}
	reverseSteps = []string{"REVERSE_INCR_TRANSFER", "REVERSE_INCR_SYNC"}
)

// isIncremental reports whether a step has a checkpoint.
func isIncremental(step string) bool {
	return slices.Contains(forwardSteps, step) || slices.Contains(reverseSteps, step)
}
