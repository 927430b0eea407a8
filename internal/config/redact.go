package config

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

const (
	// placeholder stands in the place of a secret.
	placeholder = "<secret>"

	minSecretBytes = 4
	minLineBytes   = 16
)

// RedactFunc replaces every secret in a text by <secret>: plain, in base64 and base64url, escaped for URLs, JSON and
// HTML, and quoted by Go. It also replaces each line of a secret of several lines, such as a key.
type RedactFunc = func(text string) string

// Redactor returns a function that makes RedactFuncs. Each of them reads the secrets once, at its first call, so make a
// new one whenever secret files can have changed. All functions are safe for concurrent use if secrets is.
//
// The logger redacts nothing, so texts that can contain a secret are redacted before: texts from OMS (oms/text.go) and
// errors of requests and access tokens of OAuth2 (oms/call.go), errors of prometheus/common (transport.go), lines of
// Go's standard log (internal/command/stdlog.go), and panics of handlers (internal/web/server.go).
//
// Secrets of less than 4 bytes are not replaced, since replacing every "a" makes the text unreadable and the secret
// obvious. Target.Secrets also lists "user:password", so the forms of a short password that OMS can echo are replaced.
//
// Redact a text before cutting it: half of a secret that the cut splits is not replaced.
func Redactor(secrets func() []string) func() RedactFunc {
	r := &redactor{secrets: secrets}
	return func() RedactFunc {
		forms := sync.OnceValue(r.current)
		return func(text string) string { return redact(text, forms) }
	}
}

type redactor struct {
	secrets func() []string

	mu      sync.Mutex
	encoded []string // the secrets of the forms
	forms   []string
}

func redact(text string, forms func() []string) string {
	if text == "" {
		return text
	}
	var found [][2]int
	for _, form := range forms() {
		for from := 0; ; {
			i := strings.Index(text[from:], form)
			if i < 0 {
				break
			}
			found = append(found, [2]int{from + i, from + i + len(form)})
			from += i + 1
		}
	}
	return replace(text, found)
}

// replace replaces each run of spans that overlap or touch by the placeholder. Secrets that contain or overlap each
// other leave no rest.
func replace(text string, spans [][2]int) string {
	slices.SortFunc(spans, func(a, b [2]int) int { return a[0] - b[0] })
	var b strings.Builder
	end := 0
	for i, span := range spans {
		if i == 0 || span[0] > end {
			b.WriteString(text[end:span[0]])
			b.WriteString(placeholder)
		}
		end = max(end, span[1])
	}
	b.WriteString(text[end:])
	return b.String()
}

func (r *redactor) current() []string {
	secrets := r.secrets()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.forms == nil || !slices.Equal(secrets, r.encoded) {
		r.encoded = slices.Clone(secrets)
		r.forms = []string{placeholder} // a text that is redacted already does not change
		for _, secret := range secrets {
			r.forms = append(r.forms, encodedForms(secret)...)
			for line := range strings.Lines(secret) {
				if line = strings.TrimSpace(line); len(line) >= minLineBytes && !strings.HasPrefix(line, "-----") {
					r.forms = append(r.forms, encodedForms(line)...)
				}
			}
		}
		slices.Sort(r.forms)
		r.forms = slices.Compact(r.forms)
	}
	return r.forms
}

// Other languages write some escapes differently than Go.
var (
	htmlNames = strings.NewReplacer("&#34;", "&quot;", "&#39;", "&apos;")
	// javaScript turns url.QueryEscape into encodeURIComponent.
	javaScript = strings.NewReplacer("+", "%20", "%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*")
)

var escapedByte = regexp.MustCompile(`%[0-9A-F]{2}`)

// encodedForms returns the encodings in which a secret can appear in a text.
func encodedForms(secret string) []string {
	if len(secret) < minSecretBytes {
		return nil
	}
	raw := []byte(secret)
	forms := []string{
		secret,
		base64.RawStdEncoding.EncodeToString(raw),
		base64.StdEncoding.EncodeToString(raw),
		base64.RawURLEncoding.EncodeToString(raw),
		base64.URLEncoding.EncodeToString(raw),
		html.EscapeString(secret),
		htmlNames.Replace(html.EscapeString(secret)),
		unquote(strconv.Quote(secret)),
		unquote(strconv.QuoteToASCII(secret)),
		jsonForm(secret, true),
		jsonForm(secret, false),
	}
	for _, escaped := range []string{
		url.QueryEscape(secret),
		url.PathEscape(secret),
		(&url.URL{Path: secret}).EscapedPath(),
		url.User(secret).String(),
		strings.ReplaceAll(url.QueryEscape(secret), "+", "%20"),
		javaScript.Replace(url.QueryEscape(secret)),
		strings.ReplaceAll(url.QueryEscape(secret), "%2A", "*"), // Java
	} {
		forms = append(forms, escaped, escapedByte.ReplaceAllStringFunc(escaped, strings.ToLower))
	}
	return forms
}

// unquote removes the quotes around a text.
func unquote(quoted string) string { return quoted[1 : len(quoted)-1] }

func jsonForm(secret string, escapeHTML bool) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(escapeHTML)
	_ = encoder.Encode(secret) // a string can always be encoded
	return unquote(strings.TrimSuffix(b.String(), "\n"))
}
