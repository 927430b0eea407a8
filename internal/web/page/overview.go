package page

import (
	"io"
	"net/url"
	"runtime"
	"time"
)

// overviewModel is what the page / shows.
type overviewModel struct {
	layout
	States []targetState
	Walks  bool // a scrape of the telemetry path walks all targets
}

// targetState is how one target is.
type targetState struct {
	Name     string
	URL      Text
	Failure  *walkFailure
	Walk     *walkState // the last complete one
	Recent   recentState
	Bar      bar
	Needing  int // tasks that need a person
	TasksURL string
	ProbeURL string
}

// Overview writes the page of all targets.
func (e *Exporter) Overview(w io.Writer) error {
	m := overviewModel{layout: e.layout("OMS exporter", ""), Walks: e.TasksOnMetrics}
	for i := range e.Targets {
		m.States = append(m.States, stateOfTarget(&e.Targets[i], e.Now))
	}
	return render(w, "overview.html", &m)
}

func stateOfTarget(t *Target, now time.Time) targetState {
	s := targetState{
		Name: t.Name, URL: nameText(t.URL), Failure: t.failure(now),
		TasksURL: Query{Target: t.Name}.href(), ProbeURL: probeHref(t.Name), Recent: recentOf(t.Recent, now),
	}
	if t.Complete == nil {
		return s
	}
	s.Walk = walkOf(t.Complete, now)
	s.Bar = statusBar(t.Name, t.Complete.Walk.Tasks)
	views := t.Complete.TaskViews()
	defer runtime.KeepAlive(views) // all that need it at the same time share it
	for i := range views.List {
		if severityOf(&views.List[i], now) != healthy {
			s.Needing++
		}
	}
	return s
}

func probeHref(target string) string { return "probe?target=" + url.QueryEscape(target) }
