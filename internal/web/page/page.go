// Package page renders the pages for people in English and Chinese: an overview of the targets, and the tasks of one
// OMS. The pages show the results of the last walks, as Prometheus received them. They send no request to an OMS.
package page

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/oms"
)

// Exporter is the data of the pages.
type Exporter struct {
	Version        string
	TelemetryPath  string // such as /metrics
	TasksOnMetrics bool   // a scrape of TelemetryPath walks the targets
	Now            time.Time
	AcceptLanguage string   // the header of the request; it selects the language
	Targets        []Target // in the order of the config
}

// Target is one OMS with the results of its walks.
type Target struct {
	Name     string
	URL      string
	Last     *collector.Snapshot // of the last finished walk; nil before the first
	Complete *collector.Snapshot // of the last complete walk; nil before the first
	Recent   []RecentWalk        // newest first
}

// RecentWalk is a finished walk. The path walks/ID serves its log.
type RecentWalk struct {
	ID     int64
	At     time.Time // of its end
	Took   time.Duration
	Pages  int
	Tasks  int
	Reason oms.Reason // of its failure; "" if it is complete
}

// SetHeader sets the headers of a page. A page is complete: a browser loads nothing else and runs no script, even if a
// name or a message of an OMS contains HTML.
func SetHeader(h http.Header) {
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept-Language")
}

//go:embed style.css
var style string

//go:embed templates/*.html
var files embed.FS

var policy = "default-src 'none'; style-src 'sha256-" + digest(style) + "'; img-src data:; form-action 'self'; " +
	"base-uri 'none'; frame-ancestors 'none'"

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// layout is the data around the content of every page. Links are relative: a proxy may add a prefix to all paths.
type layout struct {
	Lang      string
	Title     string
	Version   Text
	Telemetry string
	Targets   []targetLink
}

// targetLink is a link to the tasks of a target.
type targetLink struct {
	Name, Href string
	Current    bool
}

func (e *Exporter) layout(p printer, title, current string) layout {
	l := layout{
		Lang: p.Tag, Title: title, Version: nameText(e.Version), Telemetry: strings.TrimPrefix(e.TelemetryPath, "/"),
	}
	for i := range e.Targets {
		name := e.Targets[i].Name
		l.Targets = append(l.Targets, targetLink{Name: name, Href: Query{Target: name}.href(), Current: name == current})
	}
	return l
}

func (e *Exporter) printer() printer { return printer{locale: localeFor(e.AcceptLanguage), now: e.Now} }

// render writes a page. After an error w has a part of the page.
func (l *locale) render(w io.Writer, name string, model any) error {
	return l.pages.ExecuteTemplate(w, name, model)
}
