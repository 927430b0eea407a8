package page

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/oms"
)

// tones are the colours of statuses, and tell the order in which people see them. A status that OMS invents later comes
// after them.
var tones = []struct{ status, tone string }{
	{"FAILED", "bad"},
	{"RUNNING", "good"}, {"RUNNING_ALARMING", "busy"}, {"RUNNING_MODIFYING", "busy"}, {"RUNNING_MERGING", "busy"},
	{"SUSPEND", "wait"},
	{"INIT", "calm"},
	{"FINISHED", "done"}, {"RELEASING", "calm"}, {"RELEASED", "calm"}, {"DELETED", "calm"},
}

func toneOf(status string) string {
	if at := placeOf(status); at < len(tones) {
		return tones[at].tone
	}
	return "busy"
}

func placeOf(status string) int {
	for i := range tones {
		if tones[i].status == status {
			return i
		}
	}
	return len(tones)
}

// share is the part of the tasks that have one status.
type share struct {
	Status   Text
	Tone     string
	Count    int
	Href     string // to these tasks
	X, Width int    // in the bar
}

// bar is how the tasks spread over statuses, drawn as one bar.
type bar struct {
	Shares []share
	Width  int
	Text   string // the same in words
}

// sharesLimit is how many statuses the bar shows: more than OMS has. The rest is one share.
const sharesLimit = 20

// statusBar counts the tasks by status.
func statusBar(target string, tasks []*oms.Task) bar {
	all := countBy(tasks, collector.StatusOf)
	counts := mostFrequent(all, sharesLimit)
	slices.SortStableFunc(counts, func(a, b tally) int { return cmp.Compare(placeOf(a.value), placeOf(b.value)) })
	const whole, least = 1000, 8 // even one task of thousands can be seen
	var b bar
	words := make([]string, 0, len(counts))
	for _, c := range counts {
		status := nameText(c.value)
		s := share{Status: status, Tone: toneOf(c.value), Count: c.count, Href: Query{Target: target, Status: status.Value}.href(), X: b.Width}
		s.Width = max(least, whole*c.count/len(tasks))
		b.Width += s.Width
		b.Shares = append(b.Shares, s)
		words = append(words, fmt.Sprintf("%d %s", c.count, s.Status.Value))
	}
	if others := len(tasks) - sum(counts); others > 0 {
		s := share{Status: Text{Value: fmt.Sprintf("%d other statuses", len(all)-len(counts))}, Tone: "calm", Count: others, Href: Query{Target: target}.href(), X: b.Width}
		s.Width = max(least, whole*others/len(tasks))
		b.Width += s.Width
		b.Shares = append(b.Shares, s)
		words = append(words, fmt.Sprintf("%d %s", others, s.Status.Value))
	}
	b.Text = "Tasks by status: " + strings.Join(words, ", ")
	return b
}

// tally is how often a value occurs.
type tally struct {
	value string
	count int
}

// countBy counts the tasks by what key gives, in the order of that.
func countBy(tasks []*oms.Task, key func(*oms.Task) string) []tally {
	counts := map[string]int{}
	for _, t := range tasks {
		counts[key(t)]++
	}
	tallies := make([]tally, 0, len(counts))
	for value, count := range counts {
		tallies = append(tallies, tally{value, count})
	}
	slices.SortFunc(tallies, func(a, b tally) int { return strings.Compare(a.value, b.value) })
	return tallies
}

// mostFrequent returns the limit values that occur most often, in the order of tallies.
func mostFrequent(tallies []tally, limit int) []tally {
	if len(tallies) <= limit {
		return tallies
	}
	most := slices.Clone(tallies)
	slices.SortStableFunc(most, func(a, b tally) int { return b.count - a.count })
	most = most[:limit]
	slices.SortFunc(most, func(a, b tally) int { return strings.Compare(a.value, b.value) })
	return most
}

func sum(tallies []tally) int {
	n := 0
	for _, t := range tallies {
		n += t.count
	}
	return n
}
