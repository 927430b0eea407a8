package e2e

import (
	"time"

	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

// measure reads what the exporter uses. Asking for names spares it nothing: the walks are made, and are over when it answers.
func (p *process) measure() figures {
	p.t.Helper()
	got := p.get("/metrics")
	return figures{
		goroutines: got.value(p.t, "go_goroutines"),
		files:      got.value(p.t, "process_open_fds"),
		memory:     got.value(p.t, "process_resident_memory_bytes"),
	}
}

// settle lets all faults end and gives the least figures that are then seen: connections that are about to close take their time.
func (s *storm) settle() figures {
	s.t.Helper()
	for _, target := range s.targets {
		target.Set(func(b *simulator.Behaviour) { *b = simulator.Behaviour{} })
	}
	s.client.CloseIdleConnections()
	s.eventually("no request is under way", func() bool {
		for _, target := range s.targets {
			if target.Counts().InFlight > 0 {
				return false
			}
		}
		return true
	})
	least := s.measure()
	for range 10 {
		now := s.measure()
		least.goroutines, least.files = min(least.goroutines, now.goroutines), min(least.files, now.files)
		least.memory = now.memory
		time.Sleep(200 * time.Millisecond)
	}
	return least
}
