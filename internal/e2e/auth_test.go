package e2e

import (
	"html"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// withPasswordFile is a target that reads its password from a file beside it.
func withPasswordFile(oms omsServer, name, file string, settings ...string) string {
	return strings.Replace(oms.target(name, settings...), "password: "+password, "password_file: "+file, 1)
}

func TestAuthHoldoff(t *testing.T) {
	oms := startOMS(t)
	secret := file(t, "password", "Wr0ng-password\n")
	p := start(t, nil, "--no-web.tasks-on-metrics",
		"--config.file="+configFile(t, withPasswordFile(oms, "prod", secret), withPasswordFile(oms, "same-user", secret)))

	for range 50 {
		for _, target := range []string{"prod", "same-user"} {
			got := p.get("/probe?target=" + target)
			if got.Value(t, `oms_up{oms="`+target+`"}`) != 0 ||
				got.Value(t, `oms_scrape_failure{oms="`+target+`",reason="auth"}`) != 1 ||
				got.Value(t, `oms_auth_held{oms="`+target+`"}`) != 1 {
				t.Fatalf("a scrape with a wrong password:\n%s", got.Body)
			}
		}
	}
	debug := p.get("/probe?target=prod&debug=true").Body
	if counts := oms.Counts(); counts.Requests != 1 || oms.Locked() {
		t.Errorf(
			"%d requests for 100 scrapes of two targets and a debug walk, want 1; locked: %t",
			counts.Requests,
			oms.Locked(),
		)
	}
	const held = "no request sent, because OMS refused the credentials (refusals: 1, first at "
	p.waitForLog(held)
	for _, c := range []struct {
		where string
		text  string
	}{
		{"debug", debug}, {"/", p.get("/").Body}, {"/tasks", p.get("/tasks?target=same-user").Body}, {"the log", p.Stderr.String()},
	} {
		if !strings.Contains(c.text, held) || !strings.Contains(c.text, "; next request at ") {
			t.Errorf("%s does not say why no request is sent:\n%s", c.where, c.text)
		}
	}

	if err := os.WriteFile(secret, []byte(password), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{"prod", "same-user"} {
		got := p.get("/probe?target=" + target)
		if got.Value(t, `oms_up{oms="`+target+`"}`) != 1 || got.Value(t, `oms_auth_held{oms="`+target+`"}`) != 0 ||
			got.Tasks() != oms.truth() {
			t.Errorf("the scrape after the password file was corrected:\n%s", got.Body)
		}
	}
}

func TestAuthHoldoffEndsByReload(t *testing.T) {
	oms := startOMS(t)
	p := start(t, nil, "--config.file="+configFile(t,
		withPasswordFile(oms, "prod", file(t, "password", "Wr0ng-password"), "  auth_retry_interval: 100ms")))
	scrape := func(times int) {
		for range times {
			p.get("/metrics")
			time.Sleep(10 * time.Millisecond)
		}
	}
	testutil.Eventually(
		t,
		"the credentials were refused twice",
		func() bool { scrape(1); return oms.Counts().Denied == 2 },
	)
	scrape(50)
	if n := oms.Counts().Requests; n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
	if got, err := p.ask(http.MethodPost, "/-/reload"); err != nil || got.Status != http.StatusOK {
		t.Fatalf("reload: %v, %d", err, got.Status)
	}
	scrape(20)
	if n := oms.Counts().Requests; n != 3 {
		t.Errorf("%d requests after POST /-/reload, want 3", n)
	}
	reloads := strings.Count(p.Stderr.String(), "The config is reloaded")
	p.Signal(syscall.SIGHUP)
	testutil.Eventually(
		t,
		"the config is reloaded",
		func() bool { return strings.Count(p.Stderr.String(), "The config is reloaded") > reloads },
	)
	scrape(20)
	if n := oms.Counts().Requests; n != 4 || oms.Locked() {
		t.Errorf("%d requests after SIGHUP, want 4; locked: %t", n, oms.Locked())
	}
}

// What is surely wrong is never sent.
func TestUnusableSecretFiles(t *testing.T) {
	oms := startOMS(t)
	secret := file(t, "password", password)
	p := start(t, nil, "--config.file="+configFile(t, withPasswordFile(oms, "prod", secret)))
	for _, c := range []struct {
		content string
		want    string
	}{
		{"", "is empty"},
		{password + "\u200b", "contains the invisible character U+200B"},
	} {
		if err := os.WriteFile(secret, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		got := p.get("/metrics")
		page := html.UnescapeString(p.get("/").Body)
		if got.Value(t, `oms_scrape_failure{oms="prod",reason="auth"}`) != 1 ||
			got.Value(t, `oms_auth_held{oms="prod"}`) != 0 ||
			!strings.Contains(page, "password_file: the file "+secret+" "+c.want) {
			t.Errorf("%q:\n%s\n%s", c.content, got.Body, page)
		}
	}
	if n := oms.Counts().Requests; n != 0 {
		t.Errorf("%d requests, want none", n)
	}
	if err := os.WriteFile(secret, []byte("\ufeff"+password+"\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := p.get("/metrics"); got.Value(t, `oms_up{oms="prod"}`) != 1 {
		t.Errorf("a password behind a byte order mark:\n%s", p.Stderr.String())
	}
}
