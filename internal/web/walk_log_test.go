package web

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/internal/testutil"
	"github.com/oms-exporter/oms_exporter/oms"
)

// end reports the end of a walk with an error, or nil.
func (l *walkLog) end(err error) {
	l.ended(&collector.Snapshot{Walk: &oms.Walk{Pages: 3}, Err: err, At: time.Now()})
}

func TestWalkLog(t *testing.T) {
	t.Run("failures are logged once a minute and when they change", func(t *testing.T) {
		denied := &oms.Error{Reason: oms.Auth, Status: 401, Page: 1}
		forbidden := &oms.Error{Reason: oms.Auth, Status: 403, Page: 1}
		refused := &oms.Error{Reason: oms.API, Code: "INNER_ERROR"}
		busy := &oms.Error{Reason: oms.API, Code: "TIMEOUT_EXCEPTION"}
		type step struct {
			after time.Duration
			err   error
			logs  string // the message that this walk logs, "" for none
		}
		const (
			failed = "The walk failed"
			over   = "The walk works again"
			soon   = 15 * time.Second
		)
		for _, c := range []struct {
			rule  string
			steps []step
		}{
			{"a success logs nothing", []step{{0, nil, ""}, {soon, nil, ""}}},
			{"a failure is logged at once, then once a minute while it stays the same", []step{
				{0, denied, failed}, {soon, denied, ""}, {soon, denied, ""}, {soon, denied, ""},
				{soon, denied, failed}, {soon, denied, ""}}},
			{"the same failure on another page is the same",
				[]step{{0, denied, failed}, {soon, &oms.Error{Reason: oms.Auth, Status: 401, Page: 7}, ""}}},
			{"another reason is logged at once",
				[]step{{0, denied, failed}, {soon, &oms.Error{Reason: oms.Timeout}, failed}}},
			{"another status is logged at once",
				[]step{{0, denied, failed}, {soon, forbidden, failed}, {soon, forbidden, ""}}},
			{"another code is logged at once", []step{{0, refused, failed}, {soon, busy, failed}, {soon, busy, ""}}},
			{"the end of a failure is logged once", []step{{0, denied, failed}, {soon, nil, over}, {soon, nil, ""}}},
			{"an intermittent failure is logged once a minute as well", []step{
				{0, denied, failed}, {soon, nil, over}, {soon, denied, ""}, {soon, nil, ""}, {soon, denied, failed},
				{soon, nil, over}}},
			{"an error before any request",
				[]step{{0, errors.New("no request"), failed}, {soon, errors.New("no request"), ""}}},
		} {
			t.Run(c.rule, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					text := &logText{}
					walks := &walkLog{logger: level.NewFilter(log.NewLogfmtLogger(text), level.AllowInfo())}
					for i, step := range c.steps {
						time.Sleep(step.after)
						before := len(text.String())
						walks.end(step.err)
						line := text.String()[before:]
						if step.logs == "" && line != "" || !strings.Contains(line, step.logs) ||
							strings.Count(line, "\n") > 1 {
							t.Errorf("step %d logs %q, want %q", i+1, line, step.logs)
						}
					}
				})
			})
		}
	})
	t.Run("the line of a failure has the place and the advice", func(t *testing.T) {
		oms := startOMS(t)
		e := startExporter(t, nil, strings.Replace(oms.target("prod"), password, "another", 1))
		e.get("/metrics")
		line := strings.TrimSpace(e.log.String())
		_, line, _ = strings.Cut(line, "level=error ")
		line, _, _ = strings.Cut(line, "\n")
		for _, want := range []string{
			"target=prod", `msg="The walk failed"`, "reason=auth", "page=1", "status=401", "pages=0", "duration=",
			"err=\"OMS prod: page 1: 401 Unauthorized: ", "monitor", "basic_auth"} {
			if !strings.Contains(line, want) {
				t.Errorf("%s is missing in %s", want, line)
			}
		}
	})
	t.Run("the end of a failure has its duration", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			text := &logText{}
			walks := &walkLog{logger: log.NewLogfmtLogger(text)}
			for range 10 {
				walks.end(&oms.Error{Reason: oms.Connect})
				time.Sleep(time.Minute)
			}
			walks.end(nil)
			if !strings.Contains(text.String(), "failed_for=10m0s") {
				t.Error(text.String())
			}
		})
	})
	t.Run("level debug has every request", func(t *testing.T) {
		e := startExporter(t, nil, startListOMS(t).target("prod", "  concurrency: 1"))
		e.get("/probe?target=prod", timeoutHeader, "10")
		for _, want := range []string{
			"level=debug target=prod msg=Request action=ListProjects page=2 attempt=1 status=200 bytes=",
			`level=debug target=prod msg=Walking decision="page 1 has 30 rows, totalCount is 79: 3 pages of 30 rows to read"`,
			`level=debug target=prod msg="The walk is complete" tasks=79 pages=3 repeated=0 invalid=0 duration=`,
		} {
			if !strings.Contains(e.log.String(), want) {
				t.Errorf("%s is missing in\n%s", want, e.log)
			}
		}
		testutil.Eventually(t, "the scrape is logged", func() bool {
			return strings.Contains(e.log.String(), `msg="Scrape answered" path=/probe target=prod from=127.0.0.1:`) &&
				strings.Contains(e.log.String(), "scrape_timeout=10 duration=")
		})
	})
}
