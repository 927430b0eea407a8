package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	promconfig "github.com/prometheus/common/config"
	"go.yaml.in/yaml/v4"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

func write(t *testing.T, folder, name, content string) string {
	t.Helper()
	return testutil.WriteFile(t, filepath.Join(folder, name), content)
}

// loadText loads a config of one target whose http_client is the text.
func loadText(t *testing.T, folder, httpClient string) *Config {
	t.Helper()
	text := "targets:\n- name: prod\n  url: http://127.0.0.1:8089\n  http_client:\n    " +
		strings.ReplaceAll(httpClient, "\n", "\n    ") + "\n"
	c, err := Load(write(t, folder, "config.yml", text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSecrets(t *testing.T) {
	data := testutil.ReadFile(t, filepath.Join(validFolder, "http_client.yml"))
	folder := t.TempDir()
	write(t, folder, "secrets/header", "Pl4nted-F1le!\n")
	write(t, folder, "secrets/token", "Pl4nted-B3arer!\n")
	write(t, folder, "secrets/jwt.pem", "Pl4nted-J3t!\n")
	c, err := Load(write(t, folder, "config.yml", string(data)))
	if err != nil {
		t.Fatal(err)
	}
	got := c.Secrets()
	for _, want := range []string{
		"20240101", "Pl4nted-Pr0xy!", "Pl4nted-Pr0xy%21", "proxyuser:Pl4nted-Pr0xy!", "Pl4nted-C0nnect!", "Pl4nted-H3ader!", "Pl4nted-V4lue!",
		"Pl4nted-F1le!", "Pl4nted-0auth2!", "exporter:Pl4nted-0auth2!", "exporter:Pl4nted-0auth2%21", "Pl4nted-T0ken!", "Pl4nted-P4ram!",
		"Pl4nted-Cl4im!", "Pl4nted-S0cks!", "Pl4nted-B3arer!", "Pl4nted-J3t!", "2024-01-01", "1234:2024-01-01",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is missing in %q", want, got)
		}
	}
	for _, public := range []string{"berlin", "oms", "exporter", "read", ""} {
		if slices.Contains(got, public) {
			t.Errorf("%q is listed as a secret", public)
		}
	}
}

func TestSecretsProxyFromEnvironment(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://me:Pl4nted-Env!@proxy:3128")
	folder := t.TempDir()
	if got := loadText(t, folder, "proxy_from_environment: true").Secrets(); !slices.Contains(got, "Pl4nted-Env!") {
		t.Errorf("secrets are %q", got)
	}
	if got := loadText(t, folder, "enable_http2: true").Secrets(); len(got) != 0 {
		t.Errorf("secrets are %q", got)
	}
}

func TestSecretsMissingFile(t *testing.T) {
	c := loadText(t, t.TempDir(), "basic_auth: {username: u, password_file: missing}")
	if got := c.Secrets(); len(got) != 0 {
		t.Errorf("secrets are %q", got)
	}
}

func TestRedacted(t *testing.T) {
	promconfig.MarshalSecretValue = true // any package can set it
	defer func() { promconfig.MarshalSecretValue = false }()
	text := load(t, "http_client.yml").Redacted()
	for _, secret := range []string{"Pl4nted", "20240101", "2024-01-01", "berlin", "xxxxx"} {
		if strings.Contains(text, secret) {
			t.Errorf("%s is in\n%s", secret, text)
		}
	}
	for _, line := range []string{
		"proxy_url: http://proxyuser:<secret>@proxy.example.com:3128", "proxy_url: socks5://sock:<secret>@proxy.example.com:1080",
		"token_url: https://sso.example.com/token?<secret>", "client_id: exporter", "username: \"1234\"", "timeout: 30s",
		"max_response_size: 256MiB", "finished_detail: 7d", "follow_redirects: false", "follow_redirects: true", "statuses: []", "HIGH: 1m",
	} {
		if !strings.Contains(text, line) {
			t.Errorf("%s is missing in\n%s", line, text)
		}
	}
	if again := load(t, "http_client.yml").Redacted(); again != text {
		t.Error("the order is not fixed")
	}
	if err := yaml.Unmarshal([]byte(text), new(yaml.Node)); err != nil {
		t.Error(err)
	}
}

func TestRedactedRoundTrip(t *testing.T) {
	for _, name := range []string{"minimal.yml", "everything_off.yml"} {
		c := load(t, name)
		again, err := parse(name, []byte(c.Redacted()))
		if err != nil {
			t.Fatal(err)
		}
		if !c.Targets[0].Equal(&again.Targets[0]) {
			t.Errorf("%s\nis read as\n%s", c.Redacted(), again.Redacted())
		}
	}
}

func TestTargetFormat(t *testing.T) {
	c := load(t, "shards_by_anchor.yml")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%q"} {
		for _, printed := range []any{c, *c, c.Targets, c.Targets[0], &c.Targets[0]} {
			got := fmt.Sprintf(verb, printed)
			if strings.Contains(got, "Pl4nted") || !strings.Contains(got, "prod.migration") {
				t.Errorf("%s of %T: %s", verb, printed, got)
			}
		}
	}
}

func TestTargetEqual(t *testing.T) {
	one := DefaultTarget()
	for _, c := range []struct {
		name   string
		change func(*Target)
	}{
		{"password", func(t *Target) { t.HTTPClient.BasicAuth = &promconfig.BasicAuth{Password: "x"} }},
		{"threshold", func(t *Target) { t.SyncDelayThresholds["LOW"] = 0 }},
		{"timeout", func(t *Target) { t.Timeout++ }},
		{"filter", func(t *Target) { t.Filter.Statuses = []string{"INIT"} }},
	} {
		other := DefaultTarget()
		if !one.Equal(&other) {
			t.Fatal("two defaults differ")
		}
		if c.change(&other); one.Equal(&other) {
			t.Errorf("%s does not count", c.name)
		}
	}
}
