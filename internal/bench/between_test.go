package bench

import "testing"

func TestTheTablesStandBetweenTheMarksAndNowhereElse(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"old tables go", "a\n" + beginMark + "\nold\n" + endMark + "\nb", "a\n" + beginMark + "\nnew\n" + endMark + "\nb"},
		{"nothing was there", beginMark + endMark, beginMark + "\nnew\n" + endMark},
		{"no marks: an error", "a b", ""},
		{"no end: an error", beginMark + " a", ""},
		{"in the wrong order: an error", endMark + beginMark, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := between(c.text, "new\n")
			if got != c.want || (err == nil) != (c.want != "") {
				t.Errorf("got %q, %v, want %q", got, err, c.want)
			}
		})
	}
}
