package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestReadQuery(t *testing.T) {
	_, c := serve(t, fixedClock(StoryTime))
	for _, tt := range []struct{ rule, body, text string }{
		{"no parameters are the defaults", `{}`, `"pageSize":10`},
		{"an unknown parameter is ignored", `{"uid":null,"more":1}`, `"pageSize":10`},
		{"numbers may be quoted", `{"pageSize":"7","pageNumber":"2"}`, `"pageNumber":2,"pageSize":7`},
		{"booleans may be quoted", `{"visibleSubProject":"true","searchKey":"np_o06"}`, `"isSubProject":true`},
		{"pageSize 150 is allowed", `{"pageSize":150}`, `"pageSize":150`},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			c.t = t
			if a := c.list(tt.body); a.status != 200 || !strings.Contains(string(a.body), tt.text) ||
				a.envelope(t)["success"] != true {
				t.Errorf("got %d %.300s", a.status, a.body)
			}
		})
	}
	for _, tt := range []struct{ rule, body, text string }{
		{"pageSize over 150", `{"pageSize":151}`, "pageSize"},
		{"pageSize 0", `{"pageSize":0}`, "pageSize"},
		{"pageNumber 0", `{"pageNumber":0}`, "pageNumber"},
		{"pageNumber is not a number", `{"pageNumber":"x"}`, "pageNumber"},
		{"a sixth label", `{"labelIds":["a","b","c","d","e","f"]}`, "labelIds"},
		{"an unknown type", `{"type":"COPY"}`, "COPY"},
		{"an empty type", `{"type":""}`, "type"},
		{"an unknown status", `{"status":["RUNNING","STUCK"]}`, "STUCK"},
		{"an unknown sortField", `{"sortField":"name"}`, "sortField"},
		{"an unknown order", `{"order":"desc"}`, "order"},
		{"a body that is no object", `[]`, "object"},
		{"no body", ``, "object"},
	} {
		t.Run("a PARAM_ERROR: "+tt.rule, func(t *testing.T) {
			c.t = t
			checkParamError(t, c.list(tt.body), tt.text)
		})
	}
}

func checkParamError(t *testing.T, a answer, text string) {
	t.Helper()
	e := a.envelope(t)
	message, _ := e["message"].(string)
	if a.status != 200 || e["success"] != false || e["code"] != "PARAM_ERROR" || e["errorDetail"] == nil ||
		e["requestId"] == "" || !strings.Contains(message, text) {
		t.Errorf("got %d %v", a.status, e)
	}
}

func TestRoutes(t *testing.T) {
	_, c := serve(t, fixedClock(StoryTime))
	for _, tt := range []struct {
		rule, method, path string
		status             int
	}{
		{"another method", http.MethodGet, "/api/v2?Action=ListProjects", 405},
		{"another path", http.MethodGet, "/", 404},
		{"the health check", http.MethodGet, "/oms/health", 200},
	} {
		if a := c.do(tt.method, tt.path, ""); a.status != tt.status {
			t.Errorf("%s: got %d %.300s", tt.rule, a.status, a.body)
		}
	}
	checkParamError(t, c.do(http.MethodPost, "/api/v2?Action=DropProjects", `{}`), "DropProjects")
	checkParamError(t, c.do(http.MethodPost, "/api/v2", `{}`), "Action")
}

func TestFilters(t *testing.T) {
	s, c := serve(t, fixedClock(StoryTime))
	all := s.TruthOf(s.Now(), Query{VisibleSubProject: true})
	isRunning := func(r Row) bool { return strings.HasPrefix(r.Status, "RUNNING") }
	for _, tt := range []struct {
		body  string
		match func(Row) bool
	}{
		{`"searchKey":"KAFKA"`, func(r Row) bool { return strings.Contains(r.Name, "kafka") && !r.Subtask }},
		{`"searchKey":"np_t0"`, func(r Row) bool { return strings.HasPrefix(r.ID, "np_t0") }},
		{`"type":"VERIFY"`, func(r Row) bool { return r.Type == "VERIFY" }},
		{`"status":["FAILED","SUSPEND"]`, func(r Row) bool { return r.Status == "FAILED" || r.Status == "SUSPEND" }},
		{`"status":"FAILED"`, func(r Row) bool { return r.Status == "FAILED" }},
		{`"status":["RUNNING_ALARMING"]`, func(r Row) bool { return isRunning(r) && r.Alarming }},
		{`"status":["RUNNING_MODIFYING"]`, func(r Row) bool { return isRunning(r) && r.Modifying }},
		{`"status":["RUNNING_MERGING"]`, func(r Row) bool { return isRunning(r) && r.Merging }},
		{`"labelIds":["l_core","l_batch"]`, func(r Row) bool {
			return slices.Contains(r.LabelIDs, "l_core") || slices.Contains(r.LabelIDs, "l_batch")
		}},
		{`"sourceEndpointTypes":["DB2_LUW","IDB"]`,
			func(r Row) bool { return r.SourceType == "DB2_LUW" || r.SourceType == "IDB" }},
		{`"sinkEndpointTypes":["KAFKA"]`, func(r Row) bool { return r.SinkType == "KAFKA" }},
		{`"visibleSubProject":true,"status":[]`, func(Row) bool { return true }},
		{`"visibleSubProject":false`, func(r Row) bool { return !r.Subtask }},
	} {
		t.Run(tt.body, func(t *testing.T) {
			c.t = t
			var want []string
			for _, r := range all {
				if tt.match(r) {
					want = append(want, r.ID)
				}
			}
			got := c.list(`{"order":"asc","pageSize":150,` + tt.body + `}`).ids(t)
			if len(want) == 0 || !slices.Equal(got, want) {
				t.Errorf("got %v\nwant %v", got, want)
			}
		})
	}
}

func TestSort(t *testing.T) {
	_, c := serve(t, fixedClock(StoryTime))
	for _, field := range []string{"gmtCreate", "gmtModified"} {
		for _, order := range []string{"asc", "descend"} {
			rows, _ := c.list(fmt.Sprintf(`{"sortField":%q,"order":%q,"pageSize":150}`, field,
				order)).envelope(t)["data"].([]any)
			times := make([]string, 0, len(rows))
			for _, r := range rows {
				times = append(times, r.(map[string]any)[field].(string))
			}
			if order == "descend" {
				slices.Reverse(times)
			}
			if len(times) < 60 || !slices.IsSorted(times) {
				t.Errorf("%s %s: %d rows, sorted %v", field, order, len(times), slices.IsSorted(times))
			}
		}
	}
	newest := c.list(`{"pageSize":150,"order":"asc"}`).ids(t)
	slices.Reverse(newest)
	if got := c.list(`{"pageSize":150}`).ids(t); !slices.Equal(got, newest) {
		t.Error("the default is not gmtCreate, descend")
	}
}

func TestDenial(t *testing.T) {
	o := fixedClock(StoryTime)
	o.User, o.Password = "monitor", "a:b secret"
	s, c := serve(t, o)
	c.user = "monitor"
	for denial, want := range map[Denial]struct {
		status int
		text   string
	}{
		DenyJSON:     {401, `"success":false`},
		DenyHTML:     {401, "<html>"},
		DenyEmpty:    {401, ""},
		DenyRedirect: {302, ""},
		DenyEnvelope: {200, `"success":false`},
	} {
		s.Set(func(b *Behaviour) { b.Denial = denial })
		for _, c.password = range []string{"wrong", "a:b secret2"} {
			a := c.list(`{}`)
			if a.status != want.status || !strings.Contains(string(a.body), want.text) || want.text == "" &&
				len(a.body) > 0 {
				t.Errorf("%v: got %d %q", denial, a.status, a.body)
			}
			if denial == DenyRedirect && a.header.Get("Location") == "" {
				t.Error("a redirect without a Location")
			}
		}
		c.password = "a:b secret"
		if a := c.list(`{}`); a.status != 200 || a.envelope(t)["success"] != true {
			t.Errorf("right credentials: %d %.100s", a.status, a.body)
		}
	}
}
