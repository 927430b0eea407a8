package boards

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

func TestBoardsCanBeImportedInEveryWay(t *testing.T) {
	uids := map[string]string{"oms-overview.json": "oms-overview", "oms-task.json": "oms-task"}
	for _, b := range boards(t) {
		all := b.all.(map[string]any)
		if id, there := all["id"]; id != nil || !there {
			t.Errorf("%s: id is %v, want null: it belongs to one Grafana's database", b.file, id)
		}
		for _, key := range []string{"__inputs", "__requires", "__elements"} {
			if _, there := all[key]; there {
				t.Errorf("%s: has %s, which provisioning does not resolve", b.file, key)
			}
		}
		if b.UID != uids[b.file] {
			t.Errorf("%s: uid %q, want %q: links and alerts lead there", b.file, b.UID, uids[b.file])
		}
		if b.SchemaVersion < 39 || b.SchemaVersion > 41 {
			t.Errorf("%s: schemaVersion %d, want 39 to 41", b.file, b.SchemaVersion)
		}
		if b.Title == "" || b.Description == "" {
			t.Errorf("%s: no title or no description", b.file)
		}
	}
}

func TestPanelsAreOfGrafanasCore(t *testing.T) {
	core := []string{"stat", "timeseries", "table", "state-timeline", "bargauge", "barchart", "gauge", "text", "row"}
	for _, b := range boards(t) {
		for _, p := range b.Panels {
			if !slices.Contains(core, p.Type) {
				t.Errorf("%s: panel %q is a %s", b.file, p.Title, p.Type)
			}
		}
	}
}

func TestPanelsExplainThemselves(t *testing.T) {
	units := []string{"none", "string", "short", "s", "percentunit", "rowsps", "reqps", "Bps", "suffix: x"}
	for _, b := range boards(t) {
		ids, titles := map[int]bool{}, map[string]bool{}
		for _, p := range b.Panels {
			if p.ID == 0 || ids[p.ID] {
				t.Errorf("%s: panel %q: id %d is not its own", b.file, p.Title, p.ID)
			}
			if p.Title == "" || titles[p.Title] {
				t.Errorf("%s: panel %d: title %q is not its own", b.file, p.ID, p.Title)
			}
			ids[p.ID], titles[p.Title] = true, true
			if p.Type == "row" {
				continue
			}
			if !strings.Contains(p.Description, "Normal: ") {
				t.Errorf("%s: panel %q does not say what is normal: %q", b.file, p.Title, p.Description)
			}
			if !slices.Contains(units, p.FieldConfig.Defaults.Unit) {
				t.Errorf("%s: panel %q: unit %q is not one of %v", b.file, p.Title, p.FieldConfig.Defaults.Unit, units)
			}
			if len(p.Targets) == 0 && p.Type != "text" {
				t.Errorf("%s: panel %q has no query", b.file, p.Title)
			}
		}
	}
}

func TestPanelsDoNotOverlap(t *testing.T) {
	for _, b := range boards(t) {
		taken := map[[2]int]string{}
		for _, p := range b.Panels {
			g := p.GridPos
			if g.W < 1 || g.H < 1 || g.X < 0 || g.Y < 0 || g.X+g.W > 24 {
				t.Errorf("%s: panel %q is off the grid: %+v", b.file, p.Title, g)
			}
			for x := g.X; x < g.X+g.W; x++ {
				for y := g.Y; y < g.Y+g.H; y++ {
					if other, is := taken[[2]int{x, y}]; is {
						t.Fatalf("%s: panels %q and %q overlap at %d, %d", b.file, other, p.Title, x, y)
					}
					taken[[2]int{x, y}] = p.Title
				}
			}
		}
	}
}

func TestTheDataSourceIsAVariableEverywhere(t *testing.T) {
	want := datasource{Type: "prometheus", UID: "${datasource}"}
	for _, b := range boards(t) {
		check := func(what string, d *datasource) {
			if d == nil || *d != want {
				t.Errorf("%s: %s: data source is %+v, want the variable", b.file, what, d)
			}
		}
		for _, p := range b.Panels {
			if p.Type != "row" {
				check("panel "+p.Title, p.Datasource)
			}
		}
		for _, q := range b.queries() {
			check(q.where, q.Datasource)
		}
		for _, a := range b.Annotations.List {
			if a.BuiltIn == 0 {
				check("annotation "+a.Name, a.Datasource)
			}
		}
		for _, v := range b.Templating.List {
			if v.Type == "query" {
				check("variable "+v.Name, v.Datasource)
			} else if v.Type != "datasource" || v.Query != "prometheus" {
				t.Errorf("%s: variable %s is neither a query nor the data source", b.file, v.Name)
			}
		}
	}
}

func TestLinksLeadToBoardsThatExist(t *testing.T) {
	known := map[string]*board{}
	for _, b := range boards(t) {
		known[b.UID] = b
	}
	toBoard := regexp.MustCompile(`^/d/([^?/]+)(.*)$`)
	setsVariable := regexp.MustCompile(`[?&](?:var-(\w+)=|\$\{(\w+):queryparam\})`)
	check := func(where, text string) (found int) {
		m := toBoard.FindStringSubmatch(text)
		if m == nil {
			return 0
		}
		to := known[m[1]]
		if to == nil {
			t.Errorf("%s: link to a board that does not exist: %s", where, text)
			return 1
		}
		for _, set := range setsVariable.FindAllStringSubmatch(m[2], -1) {
			if !slices.ContainsFunc(to.Templating.List, func(v variable) bool { return v.Name == set[1]+set[2] }) {
				t.Errorf("%s: link sets %s, which board %s does not have: %s", where, set[1]+set[2], m[1], text)
			}
		}
		return 1
	}
	for _, b := range boards(t) {
		found := 0
		eachString(b.all, func(text string) { found += check(b.file, text) })
		if found == 0 {
			t.Errorf("%s: leads to no other board", b.file)
		}
	}
	for _, r := range alertingRules(readRules(t)) {
		if check(r.Alert, r.Annotations["dashboard_url"]) == 0 {
			t.Errorf("%s: dashboard_url leads to no board: %q", r.Alert, r.Annotations["dashboard_url"])
		}
	}
}

// TestAlertsLeadToTheirSectionOfTheRunbook: each line of the tables of alerts carries the section in a label, and the
// section's anchor exists.
func TestAlertsLeadToTheirSectionOfTheRunbook(t *testing.T) {
	page, _, _ := strings.Cut(runbookURL, "#")
	text := testutil.ReadFile(t, shipped("RUNBOOK.md"))
	ownSection := regexp.MustCompile(`"alertname", "([^"]+)", "", ""\s*\),\s*"section", "([^"]+)", "", ""`)
	for _, b := range boards(t) {
		links := 0
		eachString(b.all, func(text string) {
			if text == page+"#${__data.fields.Section}" {
				links++
			} else if strings.HasPrefix(text, "http") && text != page {
				t.Errorf("%s: leads to %s, want %s", b.file, text, page)
			}
		})
		at := slices.IndexFunc(
			b.queries(),
			func(q asked) bool { return strings.Contains(q.Expr, `"section", "$1", "alertname", "(OMS[A-Za-z]+)"`) },
		)
		if links != 1 || at < 0 {
			t.Fatalf("%s: %d links to a section, query %d has its name", b.file, links, at)
		}
		sections := slices.Clone(alertNames)
		own := ownSection.FindAllStringSubmatch(b.queries()[at].Expr, -1)
		if len(own) != strings.Count(b.queries()[at].Expr, `"alertname", "`)-1 {
			t.Errorf("%s: only %q have a section of the lines that are no alerts", b.file, own)
		}
		for _, m := range own {
			sections = append(sections, m[2])
		}
		for _, name := range sections {
			if strings.Count(string(text), `<a id="`+name+`"></a>`) != 1 {
				t.Errorf("%s: RUNBOOK.md does not have one anchor %s", b.file, name)
			}
		}
	}
	for _, name := range alertNames {
		if !strings.Contains(string(text), `<a id="`+name+"\"></a>\n\n## "+name+"\n") {
			t.Errorf("RUNBOOK.md: the anchor %s is not at its heading", name)
		}
	}
}

// TestRunbookNamesPanelsThatExist: the runbook has "board OMS task, panels *Progress* and *Delay*".
func TestRunbookNamesPanelsThatExist(t *testing.T) {
	text := testutil.ReadFile(t, shipped("RUNBOOK.md"))
	mention := regexp.MustCompile(`(?i)board OMS (overview|task)\b([^.;]*)`)
	name := regexp.MustCompile(`\*([A-Z][^*]+)\*`)
	titles := map[string]bool{}
	for _, b := range boards(t) {
		for _, p := range b.Panels {
			titles[strings.TrimPrefix(b.UID, "oms-")+" "+p.Title] = true
		}
	}
	found := 0
	for _, m := range mention.FindAllStringSubmatch(string(text), -1) {
		for _, n := range name.FindAllStringSubmatch(m[2], -1) {
			found++
			if !titles[m[1]+" "+n[1]] {
				t.Errorf("board %s has no panel %q, which the runbook names", m[1], n[1])
			}
		}
	}
	if found < len(alertNames) {
		t.Errorf("the runbook names %d panels, less than one for each alert", found)
	}
}
