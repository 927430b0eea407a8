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
	// Hidden stands in the place of a secret.
	Hidden = "<secret>"

	minSecretBytes = 4
	minLineBytes   = 16
)

// Redactor gives functions that replace every secret in a text by <secret>:
// plain, in base64 and base64url, escaped for URLs, JSON and HTML, and as Go
// quotes it. A secret of several lines, like a key, is looked for line by line
// too. A function hides the secrets as they are when it is first used: take
// another one for what may have come later, as secret files change. All may be
// called by several goroutines if secrets may.
//
// A secret of less than 4 bytes is left alone: replacing every "a" shreds the
// text, tells the secret by the gaps, and hides what the text was for. What
// OMS could echo of it stays hidden all the same, since Target.Secrets lists
// "user:password" besides, and that is replaced, plain and encoded.
//
// Redact before a text is cut: of a secret that the cut breaks, half would
// stay.
func Redactor(secrets func() []string) func() func(string) string {
	r := &redactor{secrets: secrets}
	return func() func(string) string {
		forms := sync.OnceValue(r.current)
		return func(text string) string { return redact(text, forms) }
	}
}

type redactor struct {
	secrets func() []string

	mu    sync.Mutex
	known []string // the secrets that the forms were made of
	forms []string
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

// replace puts Hidden in the place of each run of spans that overlap or touch:
// a secret that holds another, or begins within another, leaves no rest.
func replace(text string, spans [][2]int) string {
	slices.SortFunc(spans, func(a, b [2]int) int { return a[0] - b[0] })
	var b strings.Builder
	end := 0
	for i, span := range spans {
		if i == 0 || span[0] > end {
			b.WriteString(text[end:span[0]])
			b.WriteString(Hidden)
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
	if r.forms == nil || !slices.Equal(secrets, r.known) {
		r.known = slices.Clone(secrets)
		r.forms = []string{Hidden} // a text that was redacted before stays as it is
		for _, secret := range secrets {
			r.forms = append(r.forms, formsOf(secret)...)
			for line := range strings.Lines(secret) {
				if line = strings.TrimSpace(line); len(line) >= minLineBytes && !strings.HasPrefix(line, "-----") {
					r.forms = append(r.forms, formsOf(line)...)
				}
			}
		}
		slices.Sort(r.forms)
		r.forms = slices.Compact(r.forms)
	}
	return r.forms
}

// Others escape as much as Go does, but write it in another way.
var (
	htmlNames  = strings.NewReplacer("&#34;", "&quot;", "&#39;", "&apos;")
	javaScript = strings.NewReplacer("+", "%20", "%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*") // encodeURIComponent
)

var escapedByte = regexp.MustCompile(`%[0-9A-F]{2}`)

// formsOf returns the ways in which a secret may turn up in a text.
func formsOf(secret string) []string {
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
		inner(strconv.Quote(secret)),
		inner(strconv.QuoteToASCII(secret)),
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
		strings.ReplaceAll(url.QueryEscape(secret), "%2A", "*"), // as Java does it
	} {
		forms = append(forms, escaped, escapedByte.ReplaceAllStringFunc(escaped, strings.ToLower))
	}
	return forms
}

func inner(quoted string) string { return quoted[1 : len(quoted)-1] }

func jsonForm(secret string, escapeHTML bool) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(escapeHTML)
	_ = encoder.Encode(secret) // a string can always be encoded
	return inner(strings.TrimSuffix(b.String(), "\n"))
}
