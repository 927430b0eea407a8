package config

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	promconfig "github.com/prometheus/common/config"
)

func TestCredentialsReader(t *testing.T) {
	folder := t.TempDir()
	c := loadText(t, folder,
		"basic_auth: {username: monitor, password_file: password}\nhttp_headers: {X-Api-Key: {files: [key]}}")
	path := write(t, folder, "password", "\ufeffPl4nted-S3cret!\r\n")
	write(t, folder, "key", "Pl4nted-K3y!")
	var user, password, key string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		user, password, _ = r.BasicAuth()
		key = r.Header.Get("X-Api-Key")
	}))
	defer server.Close()
	client, err := c.Targets[0].NewHTTPClient("")
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	request := func(ctx context.Context) {
		t.Helper()
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
	}
	reader := NewCredentialsReader(&c.Targets[0])
	first, err := reader.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	t.Run("all requests of a walk send the content of the files when it began", func(t *testing.T) {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		request(first.NewContext(t.Context()))
		if user != "monitor" || password != "Pl4nted-S3cret!" || key != "Pl4nted-K3y!" {
			t.Errorf("sent are %q, %q and %q", user, password, key)
		}
		for _, secret := range []string{"Pl4nted-S3cret!", "monitor:Pl4nted-S3cret!", "Pl4nted-K3y!"} {
			if !slices.Contains(first.Secrets(), secret) {
				t.Errorf("%s is not listed as a secret", secret)
			}
		}
	})
	t.Run("the identity follows URL, user and content, and nothing else", func(t *testing.T) {
		identity := func(change func(*Target)) string {
			target := c.Targets[0]
			auth := *target.HTTPClient.BasicAuth
			target.HTTPClient.BasicAuth = &auth
			change(&target)
			read, err := NewCredentialsReader(&target).Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return read.Identity()
		}
		write(t, folder, "password", "Pl4nted-S3cret!")
		write(t, folder, "elsewhere", "Pl4nted-S3cret!")
		write(t, folder, "user", "monitor")
		write(t, folder, "key2", "Pl4nted-K3y!")
		for _, c := range []struct {
			name string
			same func(*Target)
		}{
			{"another target of the same OMS", func(t *Target) { t.Name, t.Timeout = "other", 1 }},
			{"another file, the same content", func(t *Target) { t.HTTPClient.BasicAuth.PasswordFile = filepath.Join(folder, "elsewhere") }},
			{"another file of the user, the same content", func(t *Target) {
				t.HTTPClient.BasicAuth.Username, t.HTTPClient.BasicAuth.UsernameFile = "", filepath.Join(folder, "user")
			}},
			{"another file of a header, the same content", func(t *Target) {
				t.HTTPClient.HTTPHeaders = &promconfig.Headers{Headers: map[string]promconfig.Header{
					"X-Api-Key": {Files: []string{filepath.Join(folder, "key2")}},
				}}
			}},
		} {
			if identity(c.same) != first.Identity() {
				t.Errorf("%s: another identity", c.name)
			}
		}
		for _, c := range []struct {
			name  string
			other func(*Target)
		}{
			{"another URL", func(t *Target) { t.URL += "/prefix" }},
			{"another user", func(t *Target) { t.HTTPClient.BasicAuth.Username = "root" }},
			{"another password", func(*Target) { overwrite(folder, "password", "Pl4nted-0ther!") }},
			{"another key", func(*Target) { overwrite(folder, "key", "Pl4nted-0ther!") }},
		} {
			write(t, folder, "password", "Pl4nted-S3cret!")
			write(t, folder, "key", "Pl4nted-K3y!")
			if identity(c.other) == first.Identity() {
				t.Errorf("%s: the same identity", c.name)
			}
		}
		if strings.Contains(first.Identity(), "Pl4nted") {
			t.Error("the identity discloses a secret")
		}
	})
}

func overwrite(folder, name, content string) {
	_ = os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600) // a failure shows as the same identity
}

func TestCredentialRead(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "password")
	reader := NewCredentialsReader(&loadText(t, folder, "basic_auth: {username: u, password_file: password}").Targets[0])
	utf16LE := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune("Pl4nted-S3cret!")) {
		utf16LE = append(utf16LE, byte(unit), byte(unit>>8)) //nolint:gosec // the low byte, then the high one
	}
	for _, c := range []struct {
		rule          string
		content, want string
	}{
		{"an empty file is not sent", "", "is empty: write the secret into it"},
		{"a file of space and a byte order mark is empty", "\ufeff \n", "is empty: write the secret into it"},
		{"two lines are not sent", "Pl4nted-S3cret!\nPl4nted", "has more than one line: use one line of printable text"},
		{"a zero width space is not sent", "Pl4nted-S3cret!\u200b", "contains the invisible character U+200B: use one line of printable text"},
		{"a byte order mark in the middle is not sent", "Pl4nted\ufeff-S3cret!", "contains the invisible character U+FEFF: use one line of printable text"},
		{"an ideographic space is not sent", "Pl4nted\u3000S3cret!", "contains the invisible character U+3000: use one line of printable text"},
		{"a control character is not sent", "Pl4nted-S3cret!\x00", "contains the invisible character U+0000: use one line of printable text"},
		{"UTF-16, which PowerShell writes, is not sent", string(utf16LE), "is UTF-16 text: save it as UTF-8"},
		{"another encoding is not sent", "Pl4nted-\xc4\xe3", "is not UTF-8 text: save it as UTF-8"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			write(t, folder, "password", c.content)
			_, err := reader.Read(t.Context())
			want := filepath.Join(folder, "config.yml") +
				":5: targets[0].http_client.basic_auth.password_file: the file " + path + " " + c.want
			if err == nil || err.Error() != want {
				t.Fatalf("error is\n%v\nwant\n%s", err, want)
			}
			checkErrorText(t, err, secretParts...)
		})
	}
	t.Run("the wait for a file system ends with the context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		blocked := make(chan struct{})
		hanging := NewCredentialsReader(reader.target)
		hanging.reads.DoChan("", func() (any, error) { <-blocked; return reader.target.readCredentials() })
		if _, err := hanging.Read(ctx); err == nil || !strings.Contains(err.Error(), "could not be read in time") {
			t.Errorf("error is %v", err)
		}
		close(blocked)
	})
}
