package web

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/internal/exposition"
)

// Once walks every target once, as a scrape does, and writes the metrics of their tasks to w in the text format. It
// omits the exporter's own metrics: node_exporter, whose textfile collector may read the text, has metrics of the same
// names. It fails if ctx ends, if w fails, or if walks fail: the error has their number, the log the reason of each.
func (s *Server) Once(ctx context.Context, w io.Writer) error {
	snapshots := collector.Scrape(ctx, s.targets.all())
	if ctx.Err() != nil {
		return errors.New("a signal ended the walk")
	}
	if err := s.writeText(exposition.NewTextWriter(w, false), snapshots, nil); err != nil {
		return fmt.Errorf("the metrics could not be written: %w", err)
	}
	failed := 0
	for _, snapshot := range snapshots {
		if snapshot.Err != nil {
			failed++
		}
	}
	if failed > 0 {
		return fmt.Errorf("the walk of %d of %d targets failed", failed, len(snapshots))
	}
	return nil
}
