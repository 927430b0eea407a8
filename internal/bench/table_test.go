package bench

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// BenchmarkExporters measures all cases, or those that -bench names, and prints the tables. It decides by itself how often each is
// measured: -benchtime and -count change nothing but the time it takes.
func BenchmarkExporters(b *testing.B) {
	results := map[string][]result{}
	run := func(group string, cases []benchCase) {
		for _, c := range cases {
			done := false
			b.Run(group+"/"+c.name, func(b *testing.B) {
				if done {
					return
				}
				r := measure(b, c)
				done = true
				results[group] = append(results[group], r)
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(r.cpu, "CPU-ratio")
				b.ReportMetric(r.wall, "wall-ratio")
				b.ReportMetric(perTask(r.ours.CPU, c).Seconds()*1e6, "CPU-µs/task")
			})
		}
	}
	run("cost", costs())
	run("size", sizes(few))
	run("size, all active", sizes(all))
	run("saving", savings())
	tables := costTable(results["cost"]) + "\n" + sizeTable(results["size"], results["size, all active"]) + "\n" + savingTable(results["saving"])
	fmt.Print("\n" + tables)
	if *write {
		measured := 0
		for _, group := range results {
			measured += len(group)
		}
		if measured != len(costs())+len(sizes(few))+len(sizes(all))+len(savings()) {
			b.Fatal("-write wants all cases measured: not all tables would be of one run")
		}
		if err := writeTables("../../docs/cost.md", tables); err != nil {
			b.Fatal(err)
		}
	}
}

func costTable(results []result) string {
	var t strings.Builder
	t.WriteString("| an OMS with | series per task | text per task | CPU per task | CPU | wall | allocations | bytes allocated | peak memory | peak ÷ text |\n")
	t.WriteString("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, r := range results {
		tasks := float64(r.oms.Tasks)
		fmt.Fprintf(&t, "| %s | %.0f | %.1f kB | %.0f µs | %.2f | %.2f | %.3f | %.2f | %.2f | %.1f |\n", r.name,
			r.ours.Series/tasks, r.ours.Plain/tasks/1e3, perTask(r.ours.CPU, r.benchCase).Seconds()*1e6,
			r.cpu, r.wall,
			r.ours.Mallocs/r.other.Mallocs, r.ours.Bytes/r.other.Bytes, r.ours.Peak/r.other.Peak, r.ours.Peak/r.ours.Plain)
	}
	return t.String()
}

func sizeTable(fewActive, allActive []result) string {
	var t strings.Builder
	t.WriteString("| tasks | CPU per task, that of 15,000 being 1 | every task active |\n|--:|--:|--:|\n")
	for i := range min(len(fewActive), len(allActive)) {
		fmt.Fprintf(&t, "| %s | %.2f | %.2f |\n", fewActive[i].name, perTaskRatio(fewActive[i]), perTaskRatio(allActive[i]))
	}
	return t.String()
}

func savingTable(results []result) string {
	var t strings.Builder
	t.WriteString("| with | series | text | CPU |\n|---|--:|--:|--:|\n")
	for _, r := range results {
		fmt.Fprintf(&t, "| %s | %.2f | %.2f | %.2f |\n", r.name, r.ours.Series/r.other.Series, r.ours.Plain/r.other.Plain,
			r.cpu)
	}
	return t.String()
}

// perTask is the part of a cost of ours that falls to one task.
func perTask(cost time.Duration, c benchCase) time.Duration {
	return cost / time.Duration(c.oms.Tasks*max(1, c.scrapes))
}

// perTaskRatio is what a task costs where there are so many, against one where there are as many as the other walks.
func perTaskRatio(r result) float64 {
	return r.cpu * float64(r.of*max(1, r.others)) / float64(r.oms.Tasks*max(1, r.scrapes))
}

const (
	beginMark = "<!-- bench:begin -->"
	endMark   = "<!-- bench:end -->"
)

// writeTables puts the tables between the marks of a file.
func writeTables(file, tables string) error {
	content, err := os.ReadFile(file) //nolint:gosec // docs/cost.md
	if err != nil {
		return err
	}
	text, err := between(string(content), fmt.Sprintf("Measured with %s on %s/%s, %d CPUs.\n\n%s",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), tables))
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, []byte(text), 0o644) //nolint:gosec // as it was
}

// between replaces what stands between the marks.
func between(text, with string) (string, error) {
	before, rest, begun := strings.Cut(text, beginMark)
	_, after, ended := strings.Cut(rest, endMark)
	if !begun || !ended {
		return "", fmt.Errorf("the marks %s and %s are not there, in this order", beginMark, endMark)
	}
	return before + beginMark + "\n" + with + endMark + after, nil
}
