package collector

import (
	"bytes"
	"encoding/json"
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

// documentExample is the response example of the operation's document: scalars partly quoted, 151 promised and one row
// given.
func documentExample(t *testing.T) answer {
	return answer{
		name:  "document-example",
		clock: time.Date(2023, 7, 13, 7, 5, 0, 0, time.UTC),
		page:  readAnswer(t, "document-example.json"),
		empty: []byte(`{"success":"true","pageSize":"5","totalCount":"151","data":[]}`),
	}
}

// exampleProjects are nine tasks, one of each kind and state, on one page.
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
