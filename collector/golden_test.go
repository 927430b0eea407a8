package collector

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// An answer is the first page of a list, with a name, and the time at which OMS gave it.
type answer struct {
	name   string
	clock  time.Time
	page   []byte
	empty  []byte // every page after it
	native bool   // its scalars are not quoted
}

// documentExample is the response example of the operation's document: scalars partly quoted, 151 tasks reported
// and one row.
func documentExample(t *testing.T) answer {
	return answer{
		name:  "document-example",
		clock: time.Date(2023, 7, 13, 7, 5, 0, 0, time.UTC),
		page:  readAnswer(t, "document-example.json"),
		empty: []byte(`{"success":"true","pageSize":"5","totalCount":"151","data":[]}`),
	}
}

// exampleProjects returns one page with nine tasks of every kind and state.
func exampleProjects(t *testing.T) answer {
	t.Helper()
	var named map[string]json.RawMessage
	if err := json.Unmarshal(readAnswer(t, "example-projects.json"), &named); err != nil {
		t.Fatal(err)
	}
	var rows [][]byte
	for _, name := range []string{"A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9"} {
		rows = append(rows, named[name])
	}
	return answer{
		name:  "example-projects",
		clock: time.Date(2025, 6, 1, 8, 0, 5, 0, time.UTC),
		page: []byte(`{"success":true,"errorDetail":null,"code":null,"message":null,"advice":null,"requestId":"a31f65fd",
			"pageNumber":1,"pageSize":150,"totalCount":9,"cost":"13 ms","data":[` + string(bytes.Join(rows, []byte(","))) + `]}`),
		empty:  []byte(`{"success":true,"pageNumber":2,"pageSize":150,"totalCount":9,"data":[]}`),
		native: true,
	}
}

// The other golden files are generated, and -update could accept an error. This one is written by hand.
func TestHandwrittenExposition(t *testing.T) {
	clock := time.Date(2025, 6, 1, 8, 0, 0, 0, time.UTC)
	empty := []byte(`{"success":true,"totalCount":1,"data":[]}`)
	text := answerText(t, clock, testutil.ReadFile(t, "testdata/handwritten.json"), empty)
	series := func(text string) map[string][]string { // by metric
		found := make(map[string][]string)
		for line := range strings.Lines(text) {
			if name, _, ok := strings.Cut(line, "{"); ok && !strings.HasPrefix(line, "#") {
				found[name] = append(found[name], line)
			}
		}
		return found
	}
	got := series(text)
	want := series(string(testutil.ReadFile(t, "testdata/handwritten.txt")))
	for _, name := range slices.Sorted(maps.Keys(want)) {
		checkLines(t, got[name], want[name])
	}
}

func TestAnswers(t *testing.T) {
	for _, a := range []answer{documentExample(t), exampleProjects(t)} {
		t.Run(a.name, func(t *testing.T) {
			compareGolden(t, a.name+".golden", answerText(t, a.clock, a.page, a.empty))
			for _, form := range forms {
				if form.name == "native" && a.native {
					continue
				}
				t.Run(form.name, func(t *testing.T) {
					page := form.of(t, a.page)
					if bytes.Equal(page, compact(t, a.page)) {
						t.Fatal("the form changes nothing: this would prove nothing")
					}
					if testutil.Update() {
						return // the answer itself makes the golden file
					}
					compareGolden(t, a.name+".golden", answerText(t, a.clock, page, form.of(t, a.empty)))
				})
			}
		})
	}
}
