package page

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/oms"
)

// perPage is the number of tasks on a page.
const perPage = 50

// tasksModel is the data of the page /tasks.
type tasksModel struct {
	layout
	Target   string
	ProbeURL string
	Failure  *walkFailure // of the last walk
	Walk     *walkState   // the last complete one; nil if there is none
	Query    Query
	Statuses []choice
	Types    []choice
	Found    int    // tasks that match the filter
	Showing  string // which of them are on this page
	Total    int
	Needing  int   // of Found, those that need attention
	Urgent   []row // of this page, those that need attention
	Others   []row
	Pages    []pageLink
	Clear    string // address without a filter
}

// choice is a value of a filter.
type choice struct {
	Value, Label string
	Chosen       bool
}

// pageLink is a link to a page of the list. Without an address it stands for omitted pages.
type pageLink struct {
	Label, Href, Name string
	Current           bool
}

// Tasks writes the page of the tasks that match q, from the last complete walk. ParseQuery returns q.
func (e *Exporter) Tasks(w io.Writer, q Query) error {
	t := e.target(q.Target)
	if t == nil {
		return fmt.Errorf("target %s is not in the config", q.Target)
	}
	p := e.printer()
	m := tasksModel{
		layout: e.layout(p, p.text("Tasks of %s", t.Name), t.Name), Target: t.Name, ProbeURL: probeHref(t.Name),
		Failure: t.failure(p), Query: q, Clear: Query{Target: q.Target}.href(),
	}
	if t.Complete != nil {
		m.Walk = newWalkState(t.Complete, p)
		m.fill(t, p)
	}
	return p.render(w, "tasks.html", &m)
}

// fill selects and sorts the tasks, and makes the rows of this page alone: an OMS may have many thousands of tasks.
func (m *tasksModel) fill(t *Target, p printer) {
	tasks := t.Complete.Walk.Tasks
	views := t.Complete.TaskViews()
	defer runtime.KeepAlive(views) // concurrent requests share the views
	m.Total = len(tasks)
	m.Statuses = p.choices(countBy(tasks, collector.StatusOf), m.Query.Status)
	m.Types = p.choices(countBy(tasks, func(t *oms.Task) string { return t.Type }), m.Query.Type)

	text := strings.ToLower(m.Query.Text)
	found := rank(views.List, p.now, func(v *collector.TaskView) bool { return m.Query.matches(v, text) })
	slices.SortFunc(found, compare)
	m.Found = len(found)
	for _, task := range found {
		if task.worst == healthy {
			break
		}
		m.Needing++
	}

	last := max(1, (m.Found+perPage-1)/perPage)
	m.Query.Page = max(1, min(m.Query.Page, last)) // the list may be shorter than when the link was made
	m.Pages = p.pageLinks(m.Query, last)
	from := (m.Query.Page - 1) * perPage
	to := min(from+perPage, m.Found)
	switch {
	case m.Found == 0:
	case m.Query.Filtered():
		m.Showing = p.text("%d to %d of %d that match, %d in total.", from+1, to, m.Found, m.Total)
	default:
		m.Showing = p.text("%d to %d of %d.", from+1, to, m.Found)
	}
	offset, budget := t.Complete.Walk.ClockOffset.Value, textBudget
	for _, task := range found[from:to] {
		r := newRow(p.assess(task.TaskView, offset))
		budget = r.limitDetails(budget)
		if task.worst == healthy {
			m.Others = append(m.Others, r)
		} else {
			m.Urgent = append(m.Urgent, r)
		}
	}
}

// choicesLimit limits the values of a filter.
const choicesLimit = 50

// choices returns the most frequent values, sorted, and always the chosen one.
func (l *locale) choices(tallies []tally, chosen string) []choice {
	all := make([]choice, 0, min(len(tallies), choicesLimit)+1)
	add := func(value string, count int, isChosen bool) {
		label := nameText(value).Value
		if name := l.code(value); name != value {
			label += " " + name
		}
		all = append(all, choice{Value: value, Label: fmt.Sprintf("%s (%d)", label, count), Chosen: isChosen})
	}
	offered := chosen == ""
	for _, t := range mostFrequent(tallies, choicesLimit) {
		value := nameText(t.value).Value
		if value == "" {
			continue
		}
		offered = offered || value == chosen
		add(value, t.count, value == chosen)
	}
	if !offered {
		count := 0
		for _, t := range tallies {
			if isChosen(chosen, t.value) {
				count += t.count
			}
		}
		add(chosen, count, true)
	}
	return all
}

// pageLinks returns links to the first and the last page, and to the pages around the current one.
func (l *locale) pageLinks(q Query, last int) []pageLink {
	if last == 1 {
		return nil
	}
	const around = 2
	var links []pageLink
	if q.Page > 1 {
		links = append(links,
			pageLink{Label: l.text("Previous"), Href: q.at(q.Page - 1).href(), Name: l.text("Previous page")})
	}
	for page := 1; page <= last; page++ {
		if page > 1 && page < last && (page < q.Page-around || page > q.Page+around) {
			if links[len(links)-1].Href != "" {
				links = append(links, pageLink{Label: "…"})
			}
			continue
		}
		links = append(links, pageLink{
			Label: strconv.Itoa(page), Href: q.at(page).href(), Name: l.text("Page %d", page), Current: page == q.Page,
		})
	}
	if q.Page < last {
		links = append(links, pageLink{Label: l.text("Next"), Href: q.at(q.Page + 1).href(), Name: l.text("Next page")})
	}
	return links
}
