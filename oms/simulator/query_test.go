package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestReadQuery(t *testing.T) {
	_, c := serve(t, standing(StoryTime))
	six := `{"labelIds":["a","b","c","d","e","f"]}`
	for _, tt := range []struct {
		rule, method, path, body string
		status                   int
		code, text               string
	}{
		{"no parameters are the defaults", "POST", "/api/v2?Action=ListProjects", `{}`, 200, "", `"pageSize":10`},
		{"an unknown parameter is passed over", "POST", "/api/v2?Action=ListProjects", `{"uid":null,"more":1}`, 200, "",
			`"success":true`},
		{"numbers may be quoted", "POST", "/api/v2?Action=ListProjects", `{"pageSize":"7","pageNumber":"2"}`, 200, "",
			`"pageNumber":2,"pageSize":7`},
		{"pageSize 150 is allowed", "POST", "/api/v2?Action=ListProjects", `{"pageSize":150}`, 200, "",
			`"pageSize":150`},
		{"pageSize over 150", "POST", "/api/v2?Action=ListProjects", `{"pageSize":151}`, 200, "PARAM_ERROR",
			"pageSize"},
		{"pageSize 0", "POST", "/api/v2?Action=ListProjects", `{"pageSize":0}`, 200, "PARAM_ERROR", "pageSize"},
		{"pageNumber 0", "POST", "/api/v2?Action=ListProjects", `{"pageNumber":0}`, 200, "PARAM_ERROR", "pageNumber"},
		{"pageNumber no number", "POST", "/api/v2?Action=ListProjects", `{"pageNumber":"x"}`, 200, "PARAM_ERROR",
			"pageNumber"},
		{"a sixth label", "POST", "/api/v2?Action=ListProjects", six, 200, "PARAM_ERROR", "labelIds"},
		{"an unknown type", "POST", "/api/v2?Action=ListProjects", `{"type":"COPY"}`, 200, "PARAM_ERROR", "COPY"},
		{"an empty type", "POST", "/api/v2?Action=ListProjects", `{"type":""}`, 200, "PARAM_ERROR", "type"},
		{"an unknown status", "POST", "/api/v2?Action=ListProjects", `{"status":["RUNNING","STUCK"]}`, 200,
			"PARAM_ERROR", "STUCK"},
		{"an unknown sortField", "POST", "/api/v2?Action=ListProjects", `{"sortField":"name"}`, 200, "PARAM_ERROR",
			"sortField"},
		{"an unknown order", "POST", "/api/v2?Action=ListProjects", `{"order":"desc"}`, 200, "PARAM_ERROR", "order"},
		{"a body that is no object", "POST", "/api/v2?Action=ListProjects", `[]`, 200, "PARAM_ERROR", "object"},
		{"no body", "POST", "/api/v2?Action=ListProjects", ``, 200, "PARAM_ERROR", "object"},
		{"an unknown action", "POST", "/api/v2?Action=DropProjects", `{}`, 200, "PARAM_ERROR", "DropProjects"},
		{"no action", "POST", "/api/v2", `{}`, 200, "PARAM_ERROR", "Action"},
		{"another method", "GET", "/api/v2?Action=ListProjects", ``, 405, "", ""},
		{"another path", "GET", "/", ``, 404, "", "<html>"},
		{"health", "GET", "/oms/health", ``, 200, "", `"healthy":true`},
		{"health by another method", "POST", "/oms/health", ``, 405, "", ""},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			c.t = t
			a := c.do(tt.method, tt.path, tt.body)
			if a.status != tt.status || !strings.Contains(string(a.body), tt.text) {
				t.Fatalf("got %d %.300s", a.status, a.body)
			}
			if tt.code != "" {
				if e := a.envelope(t); e["success"] != false || e["code"] != tt.code || e["errorDetail"] == nil ||
					e["requestId"] == "" {
					t.Errorf("envelope %v", e)
				}
			}
		})
	}
}

func TestFilters(t *testing.T) {
	s, c := serve(t, standing(StoryTime))
	all := s.TruthOf(s.Now(), Query{VisibleSubProject: true})
	for _, tt := range []struct {
		body  string
		match func(Row) bool
	}{
		{`"searchKey":"KAFKA"`, func(r Row) bool { return strings.Contains(r.Name, "kafka") && !r.Subtask }},
		{`"searchKey":"np_t0"`, func(r Row) bool { return strings.HasPrefix(r.ID, "np_t0") }},
		{`"type":"VERIFY"`, func(r Row) bool { return r.Type == "VERIFY" }},
		{`"status":["FAILED","SUSPEND"]`, func(r Row) bool { return r.Status == "FAILED" || r.Status == "SUSPEND" }},
		{`"status":"FAILED"`, func(r Row) bool { return r.Status == "FAILED" }},
		{`"status":["RUNNING_ALARMING"]`, func(r Row) bool {
			return strings.HasPrefix(r.Status, "RUNNING") &&
				r.Alarming
		}},
		{`"status":["RUNNING_MODIFYING"]`, func(r Row) bool {
			return strings.HasPrefix(r.Status, "RUNNING") &&
				r.Modifying
		}},
		{`"status":["RUNNING_MERGING"]`, func(r Row) bool {
			return strings.HasPrefix(r.Status, "RUNNING") &&
				r.Merging
		}},
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
	_, c := serve(t, standing(StoryTime))
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
	o := standing(StoryTime)
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
				t.Error("a redirect to nowhere")
			}
		}
		c.password = "a:b secret"
		if a := c.list(`{}`); a.status != 200 || a.envelope(t)["success"] != true {
			t.Errorf("right credentials: %d %.100s", a.status, a.body)
		}
	}
	c.user = ""
	if a := c.do(http.MethodGet, "/oms/health", ""); a.status != 200 {
		t.Errorf("health asks for credentials: %d", a.status)
	}
}
