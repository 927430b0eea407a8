package page

import (
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/oms"
)

func TestParseQuery(t *testing.T) {
	t.Run("valid queries", func(t *testing.T) {
		one, two := exporter(Target{Name: "prod"}), exporter(Target{Name: "prod"}, Target{Name: "a/b"})
		for _, c := range []struct {
			rule string
			e    *Exporter
			raw  string
			want Query
		}{
			{"target alone", two, "target=prod", Query{Target: "prod", Page: 1}},
			{"the only target needs no name", one, "", Query{Target: "prod", Page: 1}},
			{"an empty target counts as absent", one, "target=", Query{Target: "prod", Page: 1}},
			{"all parameters", two, "target=a%2Fb&status=FAILED&type=SYNC&text=%E8%AE%A2%E5%8D%95+1&page=3",
				Query{"a/b", "FAILED", "SYNC", "订单 1", 3}},
			{"empty fields of a form match everything", two, "target=prod&status=&type=&text=&page=",
				Query{Target: "prod", Page: 1}},
			{"spaces around a text are removed", two, "target=prod&text=+a+",
				Query{Target: "prod", Text: "a", Page: 1}},
		} {
			t.Run(c.rule, func(t *testing.T) {
				got, err := c.e.ParseQuery(c.raw)
				if err != nil || got != c.want {
					t.Fatalf("got %+v, %v, want %+v", got, err, c.want)
				}
				_, raw, _ := strings.Cut(got.href(), "?")
				if again, err := two.ParseQuery(raw); err != nil || again != got {
					t.Errorf("its own link %q leads to %+v, %v", got.href(), again, err)
				}
			})
		}
	})
	t.Run("invalid queries", func(t *testing.T) {
		e := exporter(Target{Name: "prod"}, Target{Name: "stage"})
		for _, c := range []struct{ raw, want string }{
			{"", "parameter target is missing: use /tasks?target=NAME with the name of a target in the config"},
			{"target=", "parameter target is missing: use /tasks?target=NAME with the name of a target in the config"},
			{"target=x%0A", `target "x\n" is not in the config: / lists the targets`},
			{"target=prod&debug=true", `parameter "debug" is unknown: use target, status, type, text or page`},
			{"target=prod&target=prod", "parameter target is given more than once: remove one"},
			{"target=prod&page=0", "parameter page is invalid: use a number from 1"},
			{"target=prod&page=-1", "parameter page is invalid: use a number from 1"},
			{"target=prod&page=two", "parameter page is invalid: use a number from 1"},
			{"target=prod&page=99999999999999999999", "parameter page is invalid: use a number from 1"},
			{"target=prod&text=%ff", "parameter text is not UTF-8 text"},
			{"target=prod&text=" + strings.Repeat("a", 201), "parameter text is longer than 200 characters"},
			{"target=%zz", "the query cannot be parsed: use /tasks?target=NAME"},
			{"a;b", "the query cannot be parsed: use /tasks?target=NAME"},
			{strings.Repeat("x", 5000),
				`parameter "` + strings.Repeat("x", 60) + `" is unknown: use target, status, type, text or page`},
		} {
			if _, err := e.ParseQuery(c.raw); err == nil || err.Error() != c.want {
				t.Errorf("%.80s: %v, want %s", c.raw, err, c.want)
			}
		}
	})
}

func TestQueryMatches(t *testing.T) {
	task := &oms.Task{
		ID: "np_Ab1", Name: "订单_Orders", Owner: "Li.Na", Type: "SYNC", Status: "RUNNING", SourceType: "OB_MYSQL",
		SinkType: "KAFKA",
		Tags:     []oms.Tag{{ID: "1", Name: "Core"}}, Source: &oms.Endpoint{Name: "shop-db"},
		Sink: &oms.Endpoint{Name: "Bus"},
	}
	for _, c := range []struct {
		query Query
		want  bool
	}{
		{Query{}, true},
		{Query{Status: "RUNNING"}, true},
		{Query{Status: "FAILED"}, false},
		{Query{Status: "running"}, false},
		{Query{Type: "SYNC"}, true},
		{Query{Type: "MIGRATION"}, false},
		{Query{Text: "orders"}, true},
		{Query{Text: "订单"}, true},
		{Query{Text: "np_ab"}, true},
		{Query{Text: "LI.NA"}, true},
		{Query{Text: "core"}, true},
		{Query{Text: "shop"}, true},
		{Query{Text: "bus"}, true},
		{Query{Text: "kafka"}, true},
		{Query{Text: "ob_mysql"}, true},
		{Query{Text: "running"}, false},
		{Query{Status: "RUNNING", Type: "SYNC", Text: "nothing"}, false},
	} {
		if got := c.query.matches(view(task), strings.ToLower(c.query.Text)); got != c.want {
			t.Errorf("%+v: %v, want %v", c.query, got, c.want)
		}
	}
	bare := &oms.Task{ID: "np_2"}
	if unknown := (Query{Status: "UNKNOWN"}); !unknown.matches(view(bare), "") {
		t.Error("a task without status is not found as UNKNOWN")
	}
}
