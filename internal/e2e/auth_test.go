package e2e

import (
	"html"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

func TestAuthHoldoff(t *testing.T) {
	t.Run("refused credentials are sent again only after the password file has changed", func(t *testing.T) {
		oms := startOMS(t)
		secret := writeFile(t, "password", wrongPassword+"\n")
		p := startExporter(t, "--no-web.tasks-on-metrics",
			configFlag(t, oms.targetWithFile("prod", secret), oms.targetWithFile("same-user", secret)))
		targets := []string{"prod", "same-user"}

		for range 50 {
			for _, target := range targets {
				got := p.get("/probe?target=" + target)
				if got.Value(t, `oms_up{oms="`+target+`"}`) != 0 ||
					got.Value(t, `oms_scrape_failure{oms="`+target+`",reason="auth"}`) != 1 ||
					got.Value(t, `oms_auth_held{oms="`+target+`"}`) != 1 {
					t.Fatalf("a scrape with a wrong password:\n%s", got.Body)
				}
			}
		}
		debug := p.get("/probe?target=prod&debug=true").Body
		if n := oms.Counts().Requests; n != 1 || oms.Locked() {
			t.Errorf("%d requests for 100 scrapes and a debug walk, want 1; account locked: %t", n, oms.Locked())
		}
		const held = "no request sent, because OMS refused the credentials (refusals: 1, first at "
		p.waitForLog(held)
		for _, c := range []struct{ where, text string }{
			{"the debug output", debug},
			{"/", p.get("/").Body},
			{"/tasks", p.get("/tasks?target=same-user").Body},
			{"the log", p.Stderr.String()},
		} {
			if !strings.Contains(c.text, held) || !strings.Contains(c.text, "; next request at ") {
				t.Errorf("%s has no reason for the missing request:\n%s", c.where, c.text)
			}
		}

		testutil.WriteFile(t, secret, password)
		for _, target := range targets {
			got := p.get("/probe?target=" + target)
			if got.Value(t, `oms_up{oms="`+target+`"}`) != 1 || got.Value(t, `oms_auth_held{oms="`+target+`"}`) != 0 ||
				got.Tasks() != oms.taskCount() {
				t.Errorf("a scrape with the right password:\n%s", got.Body)
			}
		}
	})
	t.Run("a reload permits one more request", func(t *testing.T) {
		oms := startOMS(t)
		p := startExporter(t, configFlag(t,
			oms.targetWithFile("prod", writeFile(t, "password", wrongPassword), "  auth_retry_interval: 100ms")))
		scrape := func(times int) {
			for range times {
				p.get("/metrics")
				time.Sleep(10 * time.Millisecond)
			}
		}
		wantRequests := func(want int) {
			t.Helper()
			if n := oms.Counts().Requests; n != want || oms.Locked() {
				t.Errorf("%d requests, want %d; account locked: %t", n, want, oms.Locked())
			}
		}
		p.Eventually("OMS has refused the credentials twice", func() bool {
			scrape(1)
			return oms.Counts().Denied == 2
		})
		scrape(50)
		wantRequests(2)
		p.reload(http.StatusOK)
		scrape(20)
		wantRequests(3)
		p.Signal(syscall.SIGHUP)
		p.waitForLogCount(reloaded, 2)
		scrape(20)
		wantRequests(4)
	})
}

func TestPasswordFile(t *testing.T) {
	oms := startOMS(t)
	secret := writeFile(t, "password", password)
	p := startExporter(t, configFlag(t, oms.targetWithFile("prod", secret)))
	for _, c := range []struct{ rule, content, reason string }{
		{"an empty password is not sent", "", "is empty"},
		{"a password with an invisible character is not sent", password + "\u200b", "contains the invisible character U+200B"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			testutil.WriteFile(t, secret, c.content)
			got := p.get("/metrics")
			page := html.UnescapeString(p.get("/").Body)
			if got.Value(t, `oms_scrape_failure{oms="prod",reason="auth"}`) != 1 ||
				got.Value(t, `oms_auth_held{oms="prod"}`) != 0 ||
				!strings.Contains(page, "password_file: the file "+secret+" "+c.reason) {
				t.Errorf("a scrape:\n%s\n%s", got.Body, page)
			}
			if n := oms.Counts().Requests; n != 0 {
				t.Errorf("%d requests, want 0", n)
			}
		})
	}
	t.Run("a byte order mark and a line end do not belong to the password", func(t *testing.T) {
		testutil.WriteFile(t, secret, "\ufeff"+password+"\r\n")
		if got := p.get("/metrics"); got.Value(t, `oms_up{oms="prod"}`) != 1 {
			t.Errorf("a scrape failed:\n%s", p.Stderr.String())
		}
	})
}
