// Package page renders the pages for people: what the exporter watches, and the tasks of one OMS. It shows what the
// last walks found, which is what Prometheus was told, and asks no OMS for anything itself.
package page

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/oms"
)

// Exporter is what the pages tell of the exporter itself, and the targets that it has.
type Exporter struct {
	Version        string
	TelemetryPath  string // such as /metrics
	TasksOnMetrics bool   // a scrape of TelemetryPath walks the targets
	Now            time.Time
	Targets        []Target // in the order of the config
}

// Target is one OMS and what the walks of it found.
type Target struct {
	Name     string
	URL      string
	Last     *collector.Snapshot // of the walk that ended last; nil before the first
	Complete *collector.Snapshot // of the walk that last reached the end; nil before the first
	Recent   []RecentWalk        // newest first
}

// RecentWalk is a walk that has ended. The path walks/ID has its log.
type RecentWalk struct {
	ID     int64
	At     time.Time // when it ended
	Took   time.Duration
	Pages  int
	Tasks  int
	Reason oms.Reason // why it failed; "" if it is complete
}

// SetHeader sets the header of a page: it holds all that it needs, so that a browser is to load nothing, and to run no
// script whatever the names and messages of an OMS hold.
func SetHeader(h http.Header) {
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
}

//go:embed style.css
var style string

//go:embed templates/*.html
var files embed.FS

var (
	pages = template.Must(template.New("").Funcs(template.FuncMap{
		"style": func() template.CSS { return template.CSS(style) }, //nolint:gosec // it is ours, and embedded
		"list":  func(parts ...any) []any { return parts },
		"words": func(s string) []string { return strings.SplitAfter(s, "_") }, // where a status may be broken
	}).ParseFS(files, "templates/*.html"))
	policy = "default-src 'none'; style-src 'sha256-" + digest(style) + "'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// layout is what every page has around its content. Links are relative: the exporter may stand behind a proxy, below a
// path of its own.
type layout struct {
	Title     string
	Version   Text
	Telemetry string
	Targets   []targetLink
}

// targetLink leads to the tasks of a target.
type targetLink struct {
	Name, Href string
	Current    bool
}

func (e *Exporter) layout(title, current string) layout {
	f := layout{Title: title, Version: nameText(e.Version), Telemetry: relative(e.TelemetryPath)}
	for i := range e.Targets {
		name := e.Targets[i].Name
		f.Targets = append(f.Targets, targetLink{Name: name, Href: Query{Target: name}.href(), Current: name == current})
	}
	return f
}

// relative makes a path of this server one that is relative to its root.
func relative(path string) string { return strings.TrimPrefix(path, "/") }

// render writes a page. After an error w has a part of it at most: whoever sends pages to people takes them into a
// buffer first.
func render(w io.Writer, name string, model any) error { return pages.ExecuteTemplate(w, name, model) }
