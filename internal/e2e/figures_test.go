package e2e

import (
	"fmt"
)

// figures are what a program leaks, if it leaks.
type figures struct{ goroutines, files, memory float64 }

func (f figures) String() string {
	return fmt.Sprintf("%.0f goroutines, %.0f file descriptors, %.1f MB resident", f.goroutines, f.files, f.memory/1e6)
}

// measure reads what the exporter uses. Asking for names spares it nothing: the walks are made, and are over when it answers.
func (p *process) measure() figures {
	p.t.Helper()
	got := p.get("/metrics")
	return figures{
		goroutines: got.Value(p.t, "go_goroutines"),
		files:      got.Value(p.t, "process_open_fds"),
		memory:     got.Value(p.t, "process_resident_memory_bytes"),
	}
}
