package page

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/oms"
)

// tones are the colours of statuses, in the order of the page. A status that is not listed comes last.
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

// share is the part of the tasks that has one status.
type share struct {
	Status   Text
	Tone     string
	Count    int
	Href     string // to these tasks
	X, Width int    // in the bar
}

// bar shows the tasks by status as one bar.
type bar struct {
	Shares []share
	Width  int
	Text   string // the same as text
}

// sharesLimit limits the statuses of the bar; OMS has fewer. All others are one share.
const sharesLimit = 20

// statusBar counts the tasks by status.
func (l *locale) statusBar(target string, tasks []*oms.Task) bar {
	const whole, least = 1000, 8 // least keeps one task of thousands visible
	var b bar
	var texts []string
	add := func(s share) {
		s.X, s.Width = b.Width, max(least, whole*s.Count/len(tasks))
		b.Width += s.Width
		b.Shares = append(b.Shares, s)
		texts = append(texts, fmt.Sprintf("%s %d", s.Status.Value, s.Count))
	}
	all := countBy(tasks, collector.StatusOf)
	counts := mostFrequent(all, sharesLimit)
	slices.SortStableFunc(counts, func(a, b tally) int { return cmp.Compare(placeOf(a.value), placeOf(b.value)) })
	others := len(tasks)
	for _, c := range counts {
		others -= c.count
		href := Query{Target: target, Status: nameText(c.value).Value}.href()
		add(share{Status: nameText(l.code(c.value)), Tone: toneOf(c.value), Count: c.count, Href: href})
	}
	if others > 0 {
		status := Text{Value: l.text("%d other statuses", len(all)-len(counts))}
		add(share{Status: status, Tone: "calm", Count: others, Href: Query{Target: target}.href()})
	}
	b.Text = l.text("Tasks by status: %s", strings.Join(texts, l.text(", ")))
	return b
}

// tally is a value with the number of its tasks.
type tally struct {
	value string
	count int
}

// countBy counts the tasks by key, sorted by key.
func countBy(tasks []*oms.Task, key func(*oms.Task) string) []tally {
	counts := map[string]int{}
	for _, t := range tasks {
		counts[key(t)]++
	}
	tallies := make([]tally, 0, len(counts))
	for _, value := range slices.Sorted(maps.Keys(counts)) {
		tallies = append(tallies, tally{value, counts[value]})
	}
	return tallies
}

// mostFrequent returns the values with the most tasks, at most limit, in the order of tallies.
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
