package page

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/oms-exporter/oms_exporter/collector"
)

// Query is what the address of /tasks asks for. Empty members ask for nothing.
type Query struct {
	Target string
	Status string
	Type   string
	Text   string // anywhere in name, id, owner, a tag or an endpoint, whatever its case
	Page   int    // from 1
}

// textLimit bounds what can be searched for, in characters.
const textLimit = 200

// ParseQuery reads the query of a request for /tasks. A target that is missing is the exporter's only one. The error is
// one line for the client: its request cannot be answered.
func (e *Exporter) ParseQuery(raw string) (Query, error) {
	none := Query{}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return none, errors.New("the query cannot be parsed: want /tasks?target=NAME")
	}
	for key, all := range values {
		switch {
		case !slices.Contains([]string{"target", "status", "type", "text", "page"}, key):
			return none, errors.New("parameter " + quoted(key) + " is not known: want target, status, type, text or page")
		case len(all) > 1:
			return none, errors.New("parameter " + key + " is given more than once")
		case !utf8.ValidString(all[0]):
			return none, errors.New("parameter " + key + " is not UTF-8")
		case utf8.RuneCountInString(all[0]) > textLimit:
			return none, errors.New("parameter " + key + " is longer than " + strconv.Itoa(textLimit) + " characters")
		}
	}
	q := Query{Target: values.Get("target"), Status: values.Get("status"), Type: values.Get("type"), Text: strings.TrimSpace(values.Get("text")), Page: 1}
	if q.Target == "" && len(e.Targets) == 1 {
		q.Target = e.Targets[0].Name
	}
	switch {
	case q.Target == "":
		return none, errors.New("parameter target is missing: want /tasks?target=NAME with the name of a target in the config")
	case e.target(q.Target) == nil:
		return none, errors.New("target " + quoted(q.Target) + " is not in the config")
	}
	if text := values.Get("page"); text != "" {
		if q.Page, err = strconv.Atoi(text); err != nil || q.Page < 1 {
			return none, errors.New("parameter page is no number from 1")
		}
	}
	return q, nil
}

func quoted(s string) string { return strconv.Quote(newText(s, 80).Value) }

func (e *Exporter) target(name string) *Target {
	for i := range e.Targets {
		if e.Targets[i].Name == name {
			return &e.Targets[i]
		}
	}
	return nil
}

// href is the address of what q asks for, relative to the exporter's root.
func (q Query) href() string {
	b := strings.Builder{}
	b.WriteString("tasks?target=" + url.QueryEscape(q.Target))
	for _, p := range []struct{ key, value string }{{"status", q.Status}, {"type", q.Type}, {"text", q.Text}} {
		if p.value != "" {
			b.WriteString("&" + p.key + "=" + url.QueryEscape(p.value))
		}
	}
	if q.Page > 1 {
		b.WriteString("&page=" + strconv.Itoa(q.Page))
	}
	return b.String()
}

func (q Query) at(page int) Query {
	q.Page = page
	return q
}

// Filtered says whether q leaves tasks out.
func (q Query) Filtered() bool { return q.Status != "" || q.Type != "" || q.Text != "" }

// matches says whether q asks for a task. text is q.Text in lower case.
func (q *Query) matches(v *collector.TaskView, text string) bool {
	return asked(q.Status, collector.StatusOf(v.Task)) && asked(q.Type, v.Type) && (text == "" || mentions(v, text))
}

// asked says whether a value is what was chosen among the values as the page shows them.
func asked(chosen, value string) bool {
	return chosen == "" || chosen == value || chosen == nameText(value).Value
}

func mentions(v *collector.TaskView, text string) bool {
	has := func(s string) bool { return strings.Contains(strings.ToLower(s), text) }
	if has(v.Name) || has(v.ID) || has(v.Owner) || has(v.SourceType) || has(v.SinkType) {
		return true
	}
	if v.Source != nil && has(v.Source.Name) || v.Sink != nil && has(v.Sink.Name) {
		return true
	}
	for i := range v.Tags {
		if has(v.Tags[i].Name) {
			return true
		}
	}
	return false
}
