package page

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/oms-exporter/oms_exporter/collector"
)

// Query is the query of /tasks. An empty field matches everything.
type Query struct {
	Target string
	Status string
	Type   string
	Text   string // in the name, ID, owner, a tag or an endpoint, ignoring case
	Page   int    // from 1
}

// textLimit limits the text of a search, in characters.
const textLimit = 200

// ParseQuery reads the query of a request for /tasks. Without a target it is the exporter's only one. The error is one
// line for the client.
func (e *Exporter) ParseQuery(raw string) (Query, error) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return Query{}, errors.New("the query cannot be parsed: use /tasks?target=NAME")
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		switch text := values[key][0]; {
		case !slices.Contains([]string{"target", "status", "type", "text", "page"}, key):
			return Query{}, fmt.Errorf("parameter %.60q is unknown: use target, status, type, text or page", key)
		case len(values[key]) > 1:
			return Query{}, fmt.Errorf("parameter %s is given more than once: remove one", key)
		case !utf8.ValidString(text):
			return Query{}, fmt.Errorf("parameter %s is not UTF-8 text", key)
		case utf8.RuneCountInString(text) > textLimit:
			return Query{}, fmt.Errorf("parameter %s is longer than %d characters", key, textLimit)
		}
	}
	q := Query{
		Target: values.Get("target"), Status: values.Get("status"), Type: values.Get("type"),
		Text: strings.TrimSpace(values.Get("text")), Page: 1,
	}
	if q.Target == "" && len(e.Targets) == 1 {
		q.Target = e.Targets[0].Name
	}
	switch {
	case q.Target == "":
		return Query{}, errors.New("parameter target is missing: " +
			"use /tasks?target=NAME with the name of a target in the config")
	case e.target(q.Target) == nil:
		return Query{}, fmt.Errorf("target %.60q is not in the config: / lists the targets", q.Target)
	}
	if text := values.Get("page"); text != "" {
		if q.Page, err = strconv.Atoi(text); err != nil || q.Page < 1 {
			return Query{}, errors.New("parameter page is invalid: use a number from 1")
		}
	}
	return q, nil
}

func (e *Exporter) target(name string) *Target {
	for i := range e.Targets {
		if e.Targets[i].Name == name {
			return &e.Targets[i]
		}
	}
	return nil
}

// href returns the address of q, relative to the exporter's root.
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

// Filtered reports whether q has a filter.
func (q Query) Filtered() bool { return q.Status != "" || q.Type != "" || q.Text != "" }

// matches reports whether q matches a task. text is q.Text in lower case.
func (q *Query) matches(v *collector.TaskView, text string) bool {
	return isChosen(q.Status, collector.StatusOf(v.Task)) && isChosen(q.Type, v.Type) &&
		(text == "" || mentions(v, text))
}

// isChosen reports whether a value is the chosen one, in full or as the page shows it.
func isChosen(chosen, value string) bool {
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
