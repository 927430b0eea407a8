package page

import (
	"io"
	"net/url"
	"runtime"
)

// overviewModel is the data of the page /.
type overviewModel struct {
	layout
	States []targetState
	Walks  bool // a scrape of the telemetry path walks all targets
}

// targetState describes a target.
type targetState struct {
	Name     string
	URL      Text
	Failure  *walkFailure
	Walk     *walkState // the last complete one
	Recent   recentWalks
	Bar      bar
	Needing  int // tasks that need attention
	TasksURL string
	ProbeURL string
}

// Overview writes the page of all targets.
func (e *Exporter) Overview(w io.Writer) error {
	p := e.printer()
	m := overviewModel{layout: e.layout(p, "OMS exporter", ""), Walks: e.TasksOnMetrics}
	for i := range e.Targets {
		m.States = append(m.States, newTargetState(&e.Targets[i], p))
	}
	return p.render(w, "overview.html", &m)
}

func newTargetState(t *Target, p printer) targetState {
	s := targetState{
		Name: t.Name, URL: nameText(t.URL), Failure: t.failure(p), Recent: newRecentWalks(t.Recent, p),
		TasksURL: Query{Target: t.Name}.href(), ProbeURL: probeHref(t.Name),
	}
	if t.Complete == nil {
		return s
	}
	s.Walk = newWalkState(t.Complete, p)
	s.Bar = p.statusBar(t.Name, t.Complete.Walk.Tasks)
	views := t.Complete.TaskViews()
	defer runtime.KeepAlive(views) // concurrent requests share the views
	for i := range views.List {
		if severityOf(&views.List[i], p.now) != healthy {
			s.Needing++
		}
	}
	return s
}

func probeHref(target string) string { return "probe?target=" + url.QueryEscape(target) }
