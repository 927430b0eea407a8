package oms

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func isOver(status string) bool { return status == "OVER" }

func TestSkipSteps(t *testing.T) {
	const steps = `"steps":[{"name":"S","extraInfo":{"errorCode":"E"}},{"name":"T","stepInfo":{"capacity":2}}]`
	for _, c := range []struct {
		rule, row string
		steps     string
	}{
		{"a status that is not skipped", `"status":"RUNNING",` + steps, "S T"},
		{"a status that is skipped", `"status":"OVER",` + steps, ""},
		{"a status that is skipped, after the steps", steps + `,"status":"OVER"`, ""},
		{"no status", steps, "S T"},
		{"a status that is null", `"status":null,` + steps, "S T"},
		{"of a status given twice the last counts: not skipped", `"status":"OVER",` + steps + `,"Status":"RUNNING"`,
			"S T"},
		{"of a status given twice the last counts: skipped", `"status":"RUNNING",` + steps + `,"Status":"OVER"`, ""},
		{"of steps given twice the last count", `"status":"OVER","steps":[{"name":"A"}],` + steps +
			`,"Status":"RUNNING"`, "S T"},
		{"of steps given twice the last count, even null", `"status":"OVER",` + steps +
			`,"Steps":null,"Status":"RUNNING"`, ""},
		{"of steps given twice the second may be skipped", `"steps":[{"name":"A"}],"status":"OVER",` + steps +
			`,"Status":"RUNNING"`, "S T"},
		{"of steps given twice the first may be skipped", `"status":"OVER","steps":[{"name":"A"}],"status":"RUNNING",` +
			steps, "S T"},
		{"steps that are no list", `"status":"OVER","steps":"many"`, ""},
	} {
		t.Run(c.rule, func(t *testing.T) {
			for _, longest := range []int{0, maxBuffered} {
				answer := `{"data":[{"id":"before","status":"OVER","steps":[{"name":"B"}]},{"id":"a",` + c.row +
					`},{"id":"behind"}]}`
				page, err := decodeBuffered(longest, strings.NewReader(answer),
					decodeOptions{rows: 3, skipSteps: isOver})
				if err != nil {
					t.Fatal(err)
				}
				var names []string
				for _, s := range page.Tasks[1].Steps {
					names = append(names, s.Name)
				}
				if got := strings.Join(names, " "); got != c.steps {
					t.Errorf("steps %q, want %q", got, c.steps)
				}
				if page.Tasks[0].Steps != nil || page.Tasks[2].Steps != nil {
					t.Errorf("steps of the rows around: %v, %v", page.Tasks[0].Steps, page.Tasks[2].Steps)
				}
			}
		})
	}
}

func TestSkippedSteps(t *testing.T) {
	t.Run("an error in them is an error", func(t *testing.T) {
		for _, steps := range []string{`[{"name":"S"},]`, `[{"progress":-}]`, `[{"name":"S"]}`, `[{"name":"S"}`} {
			page, err := decodePage(strings.NewReader(`{"data":[{"id":"a","status":"OVER","steps":`+steps+`}]}`),
				decodeOptions{rows: 1, skipSteps: isOver})
			if err == nil {
				t.Errorf("%s is read as %v", steps, page)
			}
		}
	})
	t.Run("the rest of the row is the same", func(t *testing.T) {
		for _, answer := range answersOnDisk(t) {
			checkSkippedSteps(t, answer, 0)
			checkSkippedSteps(t, answer, maxBuffered)
		}
	})
	t.Run("the decoder does not keep them", func(t *testing.T) {
		long := `{"data":[{"status":"OVER","steps":["` + strings.Repeat("x", 4<<20) + `"]}]}`
		p := decoders.New().(*decoder)
		p.decodeOptions = decodeOptions{skipSteps: isOver}
		readAll(t, p, long)
		if kept := cap(p.skippedSteps); kept > readBuffer {
			t.Errorf("%d bytes", kept)
		}
	})
}

// checkSkippedSteps decodes an answer with and without its steps. The rest has to be the same.
func checkSkippedSteps(t *testing.T, answer []byte, longest int) {
	t.Helper()
	all, err := decodeBuffered(longest, bytes.NewReader(answer), decodeOptions{rows: 4})
	if err != nil {
		return // skipped values are checked less strictly
	}
	// Skip the status of the first row, so there are rows to skip.
	var status string
	if len(all.Tasks) > 0 {
		status = all.Tasks[0].Status
	}
	skips := func(of string) bool { return of == status }
	got, err := decodeBuffered(longest, bytes.NewReader(answer), decodeOptions{rows: 4, skipSteps: skips})
	if err != nil {
		t.Fatalf("%.2000q: %v only where steps are skipped", answer, err)
	}
	for _, task := range all.Tasks {
		if skips(task.Status) {
			task.Steps = nil
		}
	}
	if diff := cmp.Diff(all, got, cmpopts.EquateErrors(), cmp.AllowUnexported(Envelope{}),
		cmpopts.EquateNaNs()); diff != "" {
		t.Fatalf("%.2000q (- all steps, + some skipped):\n%s", answer, diff)
	}
}
