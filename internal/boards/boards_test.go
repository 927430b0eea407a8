package boards

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestBoards(t *testing.T) {
	t.Parallel()
	t.Run("Grafana can import and provision them", func(t *testing.T) {
		for _, b := range boards(t) {
			if id, found := b.all["id"]; id != nil || !found {
				t.Errorf("%s: id is %v, want null: an id belongs to the database of one Grafana", b.file, id)
			}
			for _, key := range []string{"__inputs", "__requires", "__elements"} {
				if _, found := b.all[key]; found {
					t.Errorf("%s: has %s, which provisioning does not resolve", b.file, key)
				}
			}
			if b.UID+".json" != b.file {
				t.Errorf("%s: uid is %q: links and alerts contain the uid", b.file, b.UID)
			}
			if b.SchemaVersion < 39 || b.SchemaVersion > 41 {
				t.Errorf("%s: schemaVersion is %d, want 39 to 41", b.file, b.SchemaVersion)
			}
			if b.Title == "" || b.Description == "" {
				t.Errorf("%s: no title or no description", b.file)
			}
		}
	})
	t.Run("the data source is a variable everywhere", func(t *testing.T) {
		check := func(where string, d *datasource) {
			if d == nil || d.Type != "prometheus" || d.UID != "${datasource}" {
				t.Errorf("%s: data source is %+v, want the variable", where, d)
			}
		}
		for _, p := range panels(t) {
			check(p.String(), p.Datasource)
		}
		for _, q := range queries(t) {
			check(q.String(), q.Datasource)
			if q.annotation != nil {
				check(q.String(), q.annotation.Datasource)
			}
		}
		for _, b := range boards(t) {
			for _, v := range b.Templating.List {
				if v.Type == "query" {
					check(b.file+": variable "+v.Name, v.Datasource)
				} else if v.Type != "datasource" || v.Query != "prometheus" {
					t.Errorf("%s: variable %s is neither a query nor the data source", b.file, v.Name)
				}
			}
		}
	})
}

var (
	boardLink   = regexp.MustCompile(`^/d/([^?/]+)(.*)$`)
	linkSets    = regexp.MustCompile(`[?&](?:var-(\w+)=|\$\{(\w+):queryparam\})`)
	lineSection = regexp.MustCompile(`"alertname", "[^"]+", "", ""\s*\),\s*"section", "([^"]+)", "", ""`)
)

func TestLinks(t *testing.T) {
	t.Parallel()
	t.Run("boards and alerts link to boards and variables that exist", func(t *testing.T) {
		byUID := map[string]*board{}
		for _, b := range boards(t) {
			byUID[b.UID] = b
		}
		check := func(where, text string) (isLink bool) {
			link := boardLink.FindStringSubmatch(text)
			if link == nil {
				return false
			}
			to := byUID[link[1]]
			if to == nil {
				t.Errorf("%s: link to a board that does not exist: %s", where, text)
				return true
			}
			for _, set := range linkSets.FindAllStringSubmatch(link[2], -1) {
				if !slices.ContainsFunc(to.Templating.List, func(v variable) bool { return v.Name == set[1]+set[2] }) {
					t.Errorf("%s: link sets %s, which %s does not have: %s", where, set[1]+set[2], to.file, text)
				}
			}
			return true
		}
		for _, b := range byUID {
			found := false
			eachString(b.all, func(text string) { found = check(b.file, text) || found })
			if !found {
				t.Errorf("%s: no link to a board", b.file)
			}
		}
		for _, alert := range alertRules(t) {
			check(alert.Alert, alert.Annotations["dashboard_url"])
		}
	})
	t.Run("each line of a table of alerts links to its section in the runbook", func(t *testing.T) {
		runbook := readRunbook(t)
		for _, b := range boards(t) {
			links := 0
			eachString(b.all, func(text string) {
				if text == runbookPage+"#${__data.fields.Section}" {
					links++
				} else if strings.HasPrefix(text, "http") && text != runbookPage {
					t.Errorf("%s: link to %s, want %s", b.file, text, runbookPage)
				}
			})
			at := slices.IndexFunc(b.queries(), func(q *query) bool {
				return strings.Contains(q.Expr, `"section", "$1", "alertname", "(OMS[A-Za-z]+)"`)
			})
			if links != 1 || at < 0 {
				t.Fatalf("%s: %d links to a section; query %d has the sections", b.file, links, at)
			}
			// The other lines are not alerts. Their sections are constants.
			expr := b.queries()[at].Expr
			sections := lineSection.FindAllStringSubmatch(expr, -1)
			if len(sections) != strings.Count(expr, `"alertname", "`)-1 {
				t.Errorf("%s: some lines have no section, only %q", b.file, sections)
			}
			for _, section := range sections {
				if strings.Count(runbook, `<a id="`+section[1]+`"></a>`) != 1 {
					t.Errorf("%s: the runbook does not have one anchor %s", b.file, section[1])
				}
			}
		}
	})
}
