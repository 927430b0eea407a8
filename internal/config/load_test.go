package config

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	promconfig "github.com/prometheus/common/config"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// secretParts are parts of the secrets in testdata.
var secretParts = []string{"Pl4nted", "S3cret"}

// TestParseErrors compares the error of each file with its first line, "# want: ...". The empty file has no line.
func TestParseErrors(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(invalidFolder, "*.yml"))
	if err != nil || len(files) < 35 {
		t.Fatalf("%d files, error %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yml"), func(t *testing.T) {
			data := testutil.ReadFile(t, file)
			_, err = parse(filepath.Base(file), data)
			var positioned *Error
			if !errors.As(err, &positioned) || positioned.Line == 0 {
				t.Fatalf("error is %v: want an *Error with a line", err)
			}
			first, rest, _ := strings.Cut(string(data), "\n")
			want, found := strings.CutPrefix(first, "# want: ")
			if !found {
				want = "empty.yml:1: the file is empty: list at least one target under targets"
			}
			if testutil.Update() && found {
				content := "# want: " + err.Error() + "\n" + rest
				testutil.WriteFile(t, file, content)
			} else if err.Error() != want {
				t.Errorf("error is\n%s\nwant\n%s", err, want)
			}
			checkErrorText(t, err, secretParts...)
		})
	}
}

// checkErrorText checks the rules for all error texts: one line, a maximum length, no secret.
func checkErrorText(t *testing.T, err error, secrets ...string) {
	t.Helper()
	text := err.Error()
	if strings.ContainsAny(text, "\n\r") || len(text) > maxErrorBytes {
		t.Errorf("not one line of at most %d bytes: %q", maxErrorBytes, text)
	}
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			t.Errorf("the error contains the secret: %q", text)
		}
	}
}

func load(t *testing.T, name string) *Config {
	t.Helper()
	c, err := Load(filepath.Join(validFolder, name))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var ignorePosition = cmp.Options{
	cmpopts.IgnoreUnexported(Target{}, promconfig.ProxyConfig{}),
	cmpopts.EquateEmpty(),
	cmp.AllowUnexported(),
}

func target(change func(*Target)) Target {
	t := DefaultTarget()
	change(&t)
	return t
}

func TestLoad(t *testing.T) {
	shard := func(name string, filter Filter) Target {
		return target(func(t *Target) {
			t.Name, t.URL = name, "https://oms.example.com/prefix"
			t.HTTPClient.BasicAuth = &promconfig.BasicAuth{Username: "monitor", Password: "Pl4nted-S3cret!"}
			t.Timeout, t.PageSize, t.Concurrency, t.MaxPages = 90*time.Second, 100, 8, 500
			t.MaxResponseSize, t.MinInterval = 1e9, 15*time.Second
			t.FinishedDetail, t.LogRetention = 24*time.Hour, 30*24*time.Hour
			t.Filter = filter
		})
	}
	rest := shard("prod.rest", Filter{
		Type: "VERIFY", TagIDs: []string{"12", "abc"}, SourceTypes: []string{"DB2_LUW"}, SearchKey: "订单", Subtasks: true,
	})
	rest.SyncDelayThresholds["HIGH"] = 30 * time.Second
	for _, c := range []struct {
		name string
		want []Target
	}{
		{"minimal.yml", []Target{target(func(t *Target) { t.Name, t.URL = "prod", "http://10.0.0.1:8089" })}},
		{"bom_and_crlf.yml", []Target{target(func(t *Target) {
			t.Name, t.URL, t.Timeout = "prod", "http://10.0.0.1:8089/oms", 10*time.Second
		})}},
		{"everything_off.yml", []Target{target(func(t *Target) {
			t.Name, t.URL, t.FinishedDetail, t.LogRetention = "prod", "http://[::1]:8089", 0, 0
			t.SyncDelayThresholds = map[string]time.Duration{"HIGH": 0, "MEDIUM": 0, "LOW": 0}
		})}},
		{"shards_by_anchor.yml", []Target{
			shard("prod.migration", Filter{Type: "MIGRATION"}),
			shard("prod.sync", Filter{Type: "SYNC", Statuses: []string{"RUNNING", "RUNNING_ALARMING"},
				SinkTypes: []string{"KAFKA", "OB_MYSQL"}}),
			rest,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, load(t, c.name).Targets, ignorePosition); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestLoadFileNames(t *testing.T) {
	c := load(t, "http_client.yml")
	for _, c := range []struct {
		key   string
		files [2]string
	}{
		{"ca_file", [2]string{c.Targets[0].HTTPClient.TLSConfig.CAFile, "tls/ca.crt"}},
		{"headers' files", [2]string{c.Targets[0].HTTPClient.HTTPHeaders.Headers["X-Api-Key"].Files[0], "secrets/header"}},
		{"credentials_file", [2]string{c.Targets[2].HTTPClient.Authorization.CredentialsFile, "secrets/token"}},
		{"key file of JWT", [2]string{c.Targets[3].HTTPClient.OAuth2.ClientCertificateKeyFile, "secrets/jwt.pem"}},
	} {
		if want := filepath.Join(validFolder, c.files[1]); c.files[0] != want {
			t.Errorf("%s is %s, want %s", c.key, c.files[0], want)
		}
	}
}

func TestLoadHTTPClient(t *testing.T) {
	c := load(t, "http_client.yml")
	if h := c.Targets[0].HTTPClient; h.FollowRedirects || h.EnableHTTP2 || h.Authorization.Credentials != "20240101" {
		t.Errorf("%+v", h)
	}
	for _, i := range []int{1, 2, 3, 4} {
		if h := c.Targets[i].HTTPClient; !h.FollowRedirects || !h.EnableHTTP2 {
			t.Errorf("target %d does not start from the defaults: %+v", i, h)
		}
	}
	want := &promconfig.BasicAuth{Username: "1234", Password: "2024-01-01"}
	if diff := cmp.Diff(want, c.Targets[4].HTTPClient.BasicAuth); diff != "" {
		t.Errorf("numbers and dates are texts (-want +got)\n%s", diff)
	}
}

func TestLoadErrors(t *testing.T) {
	large := filepath.Join(t.TempDir(), "large.yml")
	testutil.WriteFile(t, large, strings.Repeat("#", maxFileBytes+1))
	for _, c := range []struct {
		path   string
		reason string
	}{
		{"no/such/config.yml", "cannot be read: no such file or directory: check the path and the permissions"},
		{large, "cannot be read: is larger than 1MiB: check the path and the permissions"},
	} {
		if _, err := Load(c.path); err == nil || err.Error() != c.path+": "+c.reason {
			t.Errorf("error is %v, want %s: %s", err, c.path, c.reason)
		}
	}
}

func TestParseWithoutExpansion(t *testing.T) {
	t.Setenv("OMS_KEY", "expanded")
	c, err := parse("c.yml", []byte(`targets: [{name: a, url: http://a, filter: {search_key: "$OMS_KEY-${OMS_KEY}"}}]`))
	if err != nil || c.Targets[0].Filter.SearchKey != "$OMS_KEY-${OMS_KEY}" {
		t.Errorf("%v, error %v", c, err)
	}
}

func TestErrorLength(t *testing.T) {
	err := &Error{
		File:   strings.Repeat("d/", 500) + "a\nb",
		Line:   1,
		Key:    strings.Repeat("k", 500),
		Reason: strings.Repeat("ä\n", 900),
	}
	checkErrorText(t, err)
}

func TestParseSize(t *testing.T) {
	for _, c := range []struct {
		text  string
		bytes int64
	}{
		{"0", 0}, {"1", 1}, {"1B", 1}, {"1000", 1000}, {"1kB", 1000}, {"1KB", 1000}, {"1KiB", 1024}, {"256MiB", 256 << 20},
		{"256 MiB", 256 << 20}, {"1GB", 1e9}, {"2GiB", 2 << 30}, {"3TB", 3e12}, {"1TiB", 1 << 40}, {"5MB", 5e6},
	} {
		got, ok := parseSize(c.text)
		if !ok || got != c.bytes {
			t.Errorf("%s is %d, %v", c.text, got, ok)
		}
		if again, ok := parseSize(formatSize(c.bytes)); !ok || again != c.bytes {
			t.Errorf("%d is written %s and read as %d", c.bytes, formatSize(c.bytes), again)
		}
	}
	for _, text := range []string{"", "MiB", "-1", "1.5GB", "1gb", "0x10", "1 2", "12monkeys"} {
		if n, ok := parseSize(text); ok {
			t.Errorf("%q is read as %d", text, n)
		}
	}
}
