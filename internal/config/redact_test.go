package config

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"
)

func redactorOf(secrets ...string) func(string) string {
	return Redactor(func() []string { return secrets })()
}

func TestRedactorForms(t *testing.T) {
	const secret = `pä"ss<w>\ &o/r+d?1é2~~`
	quoted, err := json.Marshal(secret)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		form string
		text string
	}{
		{"plain", secret},
		{"base64", base64.StdEncoding.EncodeToString([]byte(secret))},
		{"base64 unpadded", base64.RawStdEncoding.EncodeToString([]byte(secret))},
		{"base64url", base64.URLEncoding.EncodeToString([]byte(secret))},
		{"base64url unpadded", base64.RawURLEncoding.EncodeToString([]byte(secret))},
		{"query", url.QueryEscape(secret)},
		{"query, lower case", lowerEscapes(url.QueryEscape(secret))},
		{"path segment", url.PathEscape(secret)},
		{"path", (&url.URL{Path: secret}).EscapedPath()},
		{"user info", url.User(secret).String()},
		{"JSON", unquote(string(quoted))},
		{"JSON without HTML", jsonForm(secret, false)},
		{"quoted by Go", unquote(fmt.Sprintf("%q", secret))},
		{"quoted in ASCII", unquote(fmt.Sprintf("%+q", secret))},
		{"HTML", html.EscapeString(secret)},
	} {
		t.Run(c.form, func(t *testing.T) {
			if got := redactorOf(secret)("before " + c.text + " after " + c.text); got != "before <secret> after <secret>" {
				t.Errorf("got %q", got)
			}
		})
	}
}

func lowerEscapes(text string) string {
	return escapedByte.ReplaceAllStringFunc(text, strings.ToLower)
}

func TestRedactor(t *testing.T) {
	const line = "MIIEvQIBADANBgkqhkiG9w0BAQ"
	for _, c := range []struct {
		rule       string
		secrets    []string
		text, want string
	}{
		{"without secrets the text stays", nil, "a text", "a text"},
		{"an empty text stays", []string{"hunter22"}, "", ""},
		{"secrets that overlap leave no rest", []string{"abcdef", "defghi"}, "<abcdefghi>", "<<secret>>"},
		{"a secret within a longer one leaves no rest", []string{"abcd", "xabcdx"}, "xabcdx abcd", "<secret> <secret>"},
		{"a redacted text stays", []string{"secret"}, "the <secret> of secret", "the <secret> of <secret>"},
		{"a short secret is not replaced", []string{"abc", ""}, "abc", "abc"},
		{"a short secret is replaced in user:password", []string{"abc", "me:abc"}, "Basic bWU6YWJj me:abc", "Basic <secret> <secret>"},
		{"a line of a key is replaced", []string{"-----BEGIN KEY-----\n" + line + "\n-----END KEY-----"}, "bad " + line, "bad <secret>"},
		{"the first and the last line of a key stay", []string{"-----BEGIN KEY-----\n" + line + "\n-----END KEY-----"}, "-----BEGIN KEY-----", "-----BEGIN KEY-----"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			if got := redactorOf(c.secrets...)(c.text); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestRedactorChangingSecrets(t *testing.T) {
	secrets := []string{"first-one"}
	calls := 0
	redactor := Redactor(func() []string { calls++; return secrets })
	before := redactor()
	for range 2 {
		if got := before("first-one second-one"); got != "<secret> second-one" {
			t.Error(got)
		}
	}
	after := redactor()
	secrets[0] = "second-one"
	if got := after("first-one second-one"); got != "first-one <secret>" {
		t.Error(got)
	}
	if calls != 2 {
		t.Errorf("the secrets were read %d times, want once for each function", calls)
	}
}
