package page

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/oms"
)

// perPage is how many tasks a page shows.
const perPage = 50

// tasksModel is what the page /tasks shows.
type tasksModel struct {
	layout
	Target   string
	ProbeURL string
	Failure  *walkFailure // of the last walk
	Walk     *walkState   // the last complete one; nil if there is none
	Query    Query
	Statuses []choice
	Types    []choice
	Found    int // tasks that the filter leaves
	Total    int
	Needing  int   // of Found, those that need a person
	Urgent   []row // of this page, those that need a person
	Others   []row
	From, To int // which of Found are on this page, from 1
	Pages    []pageLink
	Clear    string // address without a filter
}

// choice is a value that a filter offers.
type choice struct {
	Value, Label string
	Chosen       bool
}

// pageLink leads to a page of the list; one without an address stands for pages left out.
type pageLink struct {
	Label, Href, Name string
	Current           bool
}

// Tasks writes the page of the tasks that q asks for, as they were in the last complete walk. q is of ParseQuery.
func (e *Exporter) Tasks(w io.Writer, q Query) error {
	t := e.target(q.Target)
	if t == nil {
		return fmt.Errorf("target %s is not in the config", q.Target)
	}
	m := tasksModel{
		layout: e.layout("Tasks of "+t.Name, t.Name), Target: t.Name, ProbeURL: probeHref(t.Name),
		Failure: t.failure(e.Now), Query: q, Clear: Query{Target: q.Target}.href(),
	}
	if t.Complete != nil {
		m.Walk = walkOf(t.Complete, e.Now)
		m.fill(t, e.Now)
	}
	return render(w, "tasks.html", &m)
}

// fill selects, sorts and writes out the tasks of this page. Only these are written out: an OMS may have many
// thousands.
func (m *tasksModel) fill(t *Target, now time.Time) {
	tasks := t.Complete.Walk.Tasks
	views := t.Complete.TaskViews()
	defer runtime.KeepAlive(views) // all that need it at the same time share it
	m.Total = len(tasks)
	m.Statuses = choices(countBy(tasks, collector.StatusOf), m.Query.Status)
	m.Types = choices(countBy(tasks, func(t *oms.Task) string { return t.Type }), m.Query.Type)

	text := strings.ToLower(m.Query.Text)
	found := rank(views.List, now, func(v *collector.TaskView) bool { return m.Query.matches(v, text) })
	slices.SortFunc(found, compare)
	m.Found = len(found)
	for _, j := range found {
		if j.worst == healthy {
			break
		}
		m.Needing++
	}

	last := max(1, (m.Found+perPage-1)/perPage)
	m.Query.Page = max(1, min(m.Query.Page, last)) // the list may have become shorter since the link was made
	m.Pages = pageLinks(m.Query, last)
	from := (m.Query.Page - 1) * perPage
	to := min(from+perPage, m.Found)
	m.From, m.To = from+1, to
	offset, budget := t.Complete.Walk.ClockOffset.Value, textBudget
	for _, j := range found[from:to] {
		r := rowOf(assess(j.TaskView, now, offset), now.Add(offset))
		budget = r.limitDetails(budget)
		if j.worst == healthy {
			m.Others = append(m.Others, r)
		} else {
			m.Urgent = append(m.Urgent, r)
		}
	}
}

// choicesLimit is how many values a filter offers.
const choicesLimit = 50

// choices are the most frequent values, sorted, and the chosen one even if there is no task of it any more.
func choices(there []tally, chosen string) []choice {
	all := make([]choice, 0, min(len(there), choicesLimit)+1)
	offered := chosen == ""
	for _, c := range mostFrequent(there, choicesLimit) {
		value := nameText(c.value).Value
		if value == "" {
			continue
		}
		offered = offered || value == chosen
		all = append(all, choice{value, fmt.Sprintf("%s (%d)", value, c.count), value == chosen})
	}
	if !offered {
		count := 0
		for _, c := range there {
			if asked(chosen, c.value) {
				count += c.count
			}
		}
		all = append(all, choice{chosen, fmt.Sprintf("%s (%d)", nameText(chosen).Value, count), true})
	}
	return all
}

// pageLinks lead to the first and the last page, and to those around the one that is shown.
func pageLinks(q Query, last int) []pageLink {
	if last == 1 {
		return nil
	}
	const around = 2
	var links []pageLink
	if q.Page > 1 {
		links = append(links, pageLink{Label: "Previous", Href: q.at(q.Page - 1).href(), Name: "Previous page"})
	}
	for p := 1; p <= last; p++ {
		if p > 1 && p < last && (p < q.Page-around || p > q.Page+around) {
			if links[len(links)-1].Href != "" {
				links = append(links, pageLink{Label: "…"})
			}
			continue
		}
		links = append(links, pageLink{Label: fmt.Sprint(p), Href: q.at(p).href(), Name: fmt.Sprintf("Page %d", p), Current: p == q.Page})
	}
	if q.Page < last {
		links = append(links, pageLink{Label: "Next", Href: q.at(q.Page + 1).href(), Name: "Next page"})
	}
	return links
}
