package config

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	promconfig "github.com/prometheus/common/config"
)

func TestVariables(t *testing.T) {
	folder := t.TempDir()
	password := write(t, folder, "password", "Pl4nted-S3cret!\n")
	want := func(change func(*Target)) []Target {
		return []Target{target(func(t *Target) {
			t.Name, t.URL = "oms", "https://oms.example.com:8089"
			change(t)
		})}
	}
	for _, c := range []struct {
		rule    string
		environ []string
		want    []Target
	}{
		{"a URL is enough, and variables with another prefix are ignored", []string{"HOME=/root", "OMS_EXPORTER_DEMO=x", "OMS_EXPORTER_TARGET_URL=https://oms.example.com:8089/"},
			want(func(*Target) {})},
		{"an empty variable counts as not set", []string{"OMS_EXPORTER_TARGET_URL=https://oms.example.com:8089", "OMS_EXPORTER_TARGET_NAME=", "OMS_EXPORTER_TARGET_CA_FILE="},
			want(func(*Target) {})},
		{"user name and password are not read as YAML", []string{"OMS_EXPORTER_TARGET_URL=https://oms.example.com:8089", "OMS_EXPORTER_TARGET_USERNAME=1234", "OMS_EXPORTER_TARGET_PASSWORD=&a: #b=c"},
			want(func(t *Target) {
				t.HTTPClient.BasicAuth = &promconfig.BasicAuth{Username: "1234", Password: "&a: #b=c"}
			})},
		{"the variables also set the name, a password file and a CA file", []string{"OMS_EXPORTER_TARGET_URL=https://oms.example.com:8089", "OMS_EXPORTER_TARGET_NAME=prod", "OMS_EXPORTER_TARGET_USERNAME=monitor",
			"OMS_EXPORTER_TARGET_PASSWORD_FILE=" + password, "OMS_EXPORTER_TARGET_CA_FILE=ca.crt"},
			want(func(t *Target) {
				t.Name = "prod"
				t.HTTPClient.BasicAuth = &promconfig.BasicAuth{Username: "monitor", PasswordFile: password}
				t.HTTPClient.TLSConfig.CAFile = "ca.crt"
			})},
	} {
		t.Run(c.rule, func(t *testing.T) {
			s, err := NewVariablesStore(VariablesOf(c.environ))
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Reload(nil); err != nil {
				t.Errorf("reload: %v", err)
			}
			got := s.Current()
			if diff := cmp.Diff(c.want, got.Targets, ignorePosition); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if shown := got.Redacted(); strings.Contains(shown, "&a") || strings.Contains(shown, "Pl4nted") {
				t.Errorf("the config is shown as\n%s", shown)
			}
		})
	}
}

func TestVariablesErrors(t *testing.T) {
	const url = "OMS_EXPORTER_TARGET_URL=http://a"
	none := filepath.Join(t.TempDir(), "none")
	for _, c := range []struct {
		environ []string
		want    string
	}{
		{[]string{"OMS_EXPORTER_TARGET_NAME=a"}, "OMS_EXPORTER_TARGET_URL: is not set: set it, or unset OMS_EXPORTER_TARGET_NAME"},
		{[]string{"OMS_EXPORTER_TARGET_URL=a"}, "OMS_EXPORTER_TARGET_URL: no supported scheme or no host: use http:// or https:// with a host"},
		{[]string{"OMS_EXPORTER_TARGET_URL=http://u:Pl4nted-S3cret!@a"}, "OMS_EXPORTER_TARGET_URL: contains user info: move it to http_client.basic_auth"},
		{[]string{url, "OMS_EXPORTER_TARGET_NAME=a b"}, "OMS_EXPORTER_TARGET_NAME: invalid name: it must match [a-zA-Z0-9_.-]+"},
		{[]string{url, "OMS_EXPORTER_TARGET_USERNAME=u"}, "OMS_EXPORTER_TARGET_USERNAME: is set without a password: set OMS_EXPORTER_TARGET_PASSWORD or OMS_EXPORTER_TARGET_PASSWORD_FILE"},
		{[]string{url, "OMS_EXPORTER_TARGET_PASSWORD=Pl4nted-S3cret!"}, "OMS_EXPORTER_TARGET_USERNAME: is not set: set it, or unset the password variable"},
		{[]string{url, "OMS_EXPORTER_TARGET_PASSWORD_FILE=a"}, "OMS_EXPORTER_TARGET_USERNAME: is not set: set it, or unset the password variable"},
		{[]string{url, "OMS_EXPORTER_TARGET_USERNAME=u", "OMS_EXPORTER_TARGET_PASSWORD=Pl4nted-S3cret!", "OMS_EXPORTER_TARGET_PASSWORD_FILE=a"},
			"OMS_EXPORTER_TARGET_PASSWORD_FILE: is set together with OMS_EXPORTER_TARGET_PASSWORD: set only one of them"},
		{[]string{url, "OMS_EXPORTER_TARGET_USERNAME=u:v", "OMS_EXPORTER_TARGET_PASSWORD=x"}, "OMS_EXPORTER_TARGET_USERNAME: contains a colon, which Basic authentication does not allow in a user name: remove it"},
		{[]string{url, "OMS_EXPORTER_TARGET_USERNAME=u", "OMS_EXPORTER_TARGET_PASSWORD=Pl4nted\nS3cret"},
			"OMS_EXPORTER_TARGET_PASSWORD: contains a line break or another control character: write one line, in a block with |-"},
		{[]string{url, "OMS_EXPORTER_TARGET_USERNAME=u", "OMS_EXPORTER_TARGET_PASSWORD=Pl4nted\xffS3cret"}, "OMS_EXPORTER_TARGET_PASSWORD: is not UTF-8 text: use UTF-8"},
		{[]string{url, "OMS_EXPORTER_TARGET_PASSWROD=Pl4nted-S3cret!"}, "OMS_EXPORTER_TARGET_PASSWROD: unknown variable; allowed: OMS_EXPORTER_TARGET_URL, OMS_EXPORTER_TARGET_NAME, " +
			"OMS_EXPORTER_TARGET_USERNAME, OMS_EXPORTER_TARGET_PASSWORD, OMS_EXPORTER_TARGET_PASSWORD_FILE, OMS_EXPORTER_TARGET_CA_FILE"},
		{[]string{url, "OMS_EXPORTER_TARGET_USERNAME=u", "OMS_EXPORTER_TARGET_PASSWORD_FILE=" + none}, "OMS_EXPORTER_TARGET_PASSWORD_FILE: the file " + none + " cannot be read: no such file or directory: check the path and the permissions"},
		{[]string{url, "OMS_EXPORTER_TARGET_CA_FILE=" + none}, "OMS_EXPORTER_TARGET_CA_FILE: the file " + none + " cannot be read: no such file or directory: check the path and the permissions"},
	} {
		t.Run(c.want, func(t *testing.T) {
			got, err := VariablesOf(c.environ).Config()
			if err == nil {
				err = got.CheckFiles()
			}
			if err == nil || err.Error() != c.want {
				t.Fatalf("error is\n%v\nwant\n%s", err, c.want)
			}
			checkErrorText(t, err, secretParts...)
		})
	}
}
