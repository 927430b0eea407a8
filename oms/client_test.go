package oms

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

func TestNew(t *testing.T) {
	for url, want := range map[string]string{ // "": an error
		"http://oms.example.com:8089":    "http://oms.example.com:8089/api/v2?Action=ListProjects",
		"HTTPS://oms.example.com/":       "https://oms.example.com/api/v2?Action=ListProjects",
		"https://gw.example.com/a/oms//": "https://gw.example.com/a/oms/api/v2?Action=ListProjects",
		"http://[2001:db8::1]:8089":      "http://[2001:db8::1]:8089/api/v2?Action=ListProjects",
		"http://oms.example.com#":        "http://oms.example.com/api/v2?Action=ListProjects",
		"http://oms.example.com?":        "", "http://oms.example.com?x=1": "", "http://oms.example.com#x": "",
		"http://u:hunter2@oms.example.com": "",
		"ftp://oms.example.com":            "", "oms.example.com:8089": "", "//oms.example.com": "", "": "",
		"http://":      "",
		"http://:8089": "", "http://oms:hunter2": "",
	} {
		c, err := New(url, &http.Client{}, Options{})
		switch {
		case want == "" && err == nil:
			t.Errorf("%q is taken as %s", url, c.url)
		case want == "" && strings.Contains(err.Error(), "hunter2"):
			t.Errorf("%q: the error contains a secret: %v", url, err)
		case want != "" && (err != nil || c.url != want):
			t.Errorf("%q: %v, %v", url, c, err)
		}
	}
	if _, err := New("http://oms.example.com", &http.Client{}, Options{MaxResponseSize: -1}); err == nil {
		t.Error("a negative size is accepted")
	}
	c := newClient(t, "http://oms.example.com", &http.Client{}, Options{})
	for _, options := range []WalkOptions{{Concurrency: -1}, {MaxPages: -1}} {
		if _, err := NewWalker(c, options); err == nil {
			t.Errorf("%+v is accepted", options)
		}
	}
}

func TestListProjectsRequest(t *testing.T) {
	t.Run("an invalid request is an error", func(t *testing.T) {
		c := newClient(t, "http://oms.test", &http.Client{}, Options{})
		for message, request := range map[string]ListProjectsRequest{
			"ListProjects request: pageNumber -1 is below 1":                       {PageNumber: -1},
			"ListProjects request: pageSize 151 is not within 1 and 150":           {PageSize: 151},
			"ListProjects request: pageSize -1 is not within 1 and 150":            {PageSize: -1},
			"ListProjects request: 6 labelIds are more than 5":                     {Filter: Filter{TagIDs: make([]string, 6)}},
			"ListProjects request: sortField is neither gmtCreate nor gmtModified": {SortField: "name"},
			"ListProjects request: order is neither asc nor descend":               {Order: "desc"},
		} {
			if _, err := c.ListProjects(t.Context(), request); err == nil || err.Error() != message {
				t.Errorf("got %v, want %s", err, message)
			}
		}
		if _, err := NewWalker(c, WalkOptions{PageSize: 151}); err == nil ||
			!strings.Contains(err.Error(), "pageSize 151") {
			t.Errorf("a walk of pages too large: %v", err)
		}
	})
	t.Run("empty members are not sent", func(t *testing.T) {
		for want, request := range map[string]ListProjectsRequest{
			`{}`: {},
			`{"searchKey":"k","type":"SYNC","status":["RUNNING"],"labelIds":["l"],` +
				`"sourceEndpointTypes":["MYSQL"],"sinkEndpointTypes":["KAFKA"],` +
				`"visibleSubProject":true,"sortField":"gmtModified","order":"descend","pageNumber":2,"pageSize":150}`: {
				Filter: Filter{SearchKey: "k", Type: "SYNC", Statuses: []string{"RUNNING"}, TagIDs: []string{"l"},
					SourceTypes: []string{"MYSQL"}, SinkTypes: []string{"KAFKA"}, Subtasks: true},
				SortField: SortByModified, Order: Descending, PageNumber: 2, PageSize: 150,
			},
		} {
			if got, err := request.body(); err != nil || string(got) != want {
				t.Errorf("%s, %v, want %s", got, err, want)
			}
		}
	})
}

func TestClientWith(t *testing.T) {
	s := simulator.New(simulator.Options{Generated: 3})
	url, hc := serve(t, s)
	c := newClient(t, url, hc, Options{Target: "prod"})
	recorded := 0
	other := c.With(func(o *Options) { o.OnAttempt = func(Attempt) { recorded++ } })
	for _, c := range []*Client{c, other} {
		if _, err := c.ListProjects(t.Context(), ListProjectsRequest{}); err != nil {
			t.Fatal(err)
		}
	}
	if recorded != 1 || c.options.OnAttempt != nil || other.http != c.http || other.options.Target != "prod" {
		t.Errorf("%d attempts recorded", recorded)
	}
}

// 307 and 308 keep the POST and its body.
func TestRedirect(t *testing.T) {
	for _, status := range []int{http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		s := simulator.New(simulator.Options{Generated: 3})
		at, hc := serve(t, s)
		from, _ := serve(t, http.RedirectHandler(at+"/api/v2?Action=ListProjects", status))
		page, err := newClient(t, from, hc, Options{}).ListProjects(t.Context(), ListProjectsRequest{PageSize: 2})
		if err != nil || len(page.Tasks) != 2 {
			t.Errorf("%d: %v, %v", status, page, err)
		}
	}
}

func TestRedirectPolicy(t *testing.T) {
	for _, c := range []struct {
		rule     string
		status   int
		policy   func(*http.Request, []*http.Request) error
		requests int
	}{
		{"301 would turn the POST into a GET", http.StatusMovedPermanently, nil, 1},
		{"302 would turn the POST into a GET", http.StatusFound, nil, 1},
		{"303 would turn the POST into a GET", http.StatusSeeOther, nil, 1},
		{"307 is followed ten times", http.StatusTemporaryRedirect, nil, maxRedirects},
		{"308 is followed ten times", http.StatusPermanentRedirect, nil, maxRedirects},
		{"a policy that allows every redirect does not raise the limit", http.StatusPermanentRedirect,
			func(*http.Request, []*http.Request) error { return nil }, maxRedirects},
		{"the policy of the client can refuse a redirect", http.StatusPermanentRedirect,
			func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, 1},
	} {
		t.Run(c.rule, func(t *testing.T) {
			requests := 0
			url, hc := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests++
				http.Redirect(w, r, r.URL.String(), c.status)
			}))
			hc.CheckRedirect = c.policy
			_, err := newClient(t, url, hc, Options{}).ListProjects(t.Context(), ListProjectsRequest{})
			if reasonOf(err) != HTTP || errors.Is(err, errRedirects) != (c.requests > 1) || requests != c.requests {
				t.Errorf("%v after %d requests, want %d", err, requests, c.requests)
			}
		})
	}
}

func TestAnswerBody(t *testing.T) {
	t.Run("an answer of exactly the largest size is read", func(t *testing.T) {
		const body = `{"data":[{"id":"a"}]}`
		for _, encoded := range []string{"", "gzip"} {
			for limit, ok := range map[int64]bool{int64(len(body)): true, int64(len(body)) - 1: false} {
				url, hc := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					text := body
					if encoded != "" {
						w.Header().Set("Content-Encoding", encoded)
						text = zipped(body)
					}
					_, _ = io.WriteString(w, text)
				}))
				_, err := newClient(t, url, hc, Options{MaxResponseSize: limit}).ListProjects(t.Context(),
					ListProjectsRequest{})
				if (err == nil) != ok {
					t.Errorf("%q: %d bytes of %d allowed: %v", encoded, len(body), limit, err)
				}
			}
		}
	})
	// Servers and proxies often set a wrong header.
	t.Run("the first bytes show whether it is compressed, not the header", func(t *testing.T) {
		const body = `{"data":[{"id":"a"}]}`
		for _, text := range []string{body, zipped(body), " \n" + body} {
			for _, encoding := range []string{"", "gzip", "identity", "UTF-8", "utf8", "none", "br", "aws-chunked",
				"gzip, UTF-8"} {
				url, hc := respondWith(200, text, "Content-Encoding: "+encoding)(t)
				page, err := newClient(t, url, hc, Options{}).ListProjects(t.Context(), ListProjectsRequest{})
				if err != nil || len(page.Tasks) != 1 {
					t.Errorf("Content-Encoding %q, %.10q: %v", encoding, text, err)
				}
			}
		}
	})
}

func TestReasons(t *testing.T) {
	used := map[Reason]bool{}
	for _, f := range failures() {
		used[f.reason] = true
	}
	used[Timeout] = true
	if got := Reasons(); len(got) != len(used) || len(slices.Compact(slices.Sorted(slices.Values(got)))) != 8 {
		t.Errorf("%v", got)
	}
}

func TestClockOffset(t *testing.T) {
	at := time.Date(2025, 6, 1, 8, 0, 0, 0, time.UTC)
	var p Progress
	if p.ClockOffset().Valid {
		t.Error("an offset before any answer")
	}
	for _, a := range []answerTimes{
		{sent: at, received: at.Add(4 * time.Second)}, // without a date
		{sent: at, received: at.Add(4 * time.Second), date: at.Add(time.Minute)},
		{sent: at, received: at.Add(time.Second), date: at.Add(30 * time.Second)},
		{sent: at, received: at.Add(2 * time.Second), date: at.Add(time.Hour)},
	} {
		p.addAnswer(a)
	}
	if got := p.ClockOffset(); got != Some(30*time.Second) { // half a second for Date, half a second for the way
		t.Errorf("offset %v", got)
	}
	for _, offset := range []time.Duration{-90 * time.Second, 0, time.Hour} {
		_, w, _ := simulate(t, 3, simulator.Behaviour{DateOffset: offset}, WalkOptions{})
		walk, err := w.Walk(context.Background(), nil)
		if err != nil || (walk.ClockOffset.Value-offset).Abs() > 3*time.Second {
			t.Errorf("offset %v of a clock that is %v ahead, %v", walk.ClockOffset, offset, err)
		}
	}
	for _, behaviour := range []simulator.Behaviour{{WithoutDate: true}, {DateText: "yesterday"}} {
		_, w, _ := simulate(t, 3, behaviour, WalkOptions{})
		if walk, err := w.Walk(context.Background(), nil); err != nil || walk.ClockOffset.Valid {
			t.Errorf("offset %v, %v", walk.ClockOffset, err)
		}
	}
}
