package page

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"golang.org/x/text/language"
)

// locale is a language of the pages. The values of a filter are codes of OMS in every language.
type locale struct {
	Tag      string            // for the attribute lang
	messages map[string]string // the English messages in this language; nil: English
	codes    map[string]string // the names that the console of OMS has for codes; nil: the codes themselves

	magnitudes  []magnitude
	noMagnitude string // follows a quantity without a unit

	pages *template.Template
}

var (
	english = newLocale(locale{Tag: "en", magnitudes: englishMagnitudes})
	chinese = newLocale(locale{Tag: "zh-CN", messages: chineseMessages, codes: chineseCodes,
		magnitudes: chineseMagnitudes, noMagnitude: " "})

	locales = []*locale{english, chinese} // in the order of matcher
	matcher = language.NewMatcher([]language.Tag{language.English, language.Chinese})
)

// newLocale returns l with its templates.
func newLocale(l locale) *locale {
	l.pages = l.parseTemplates()
	return &l
}

// parseTemplates parses the templates, whose function t translates messages.
func (l *locale) parseTemplates() *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{
		"t":     l.text,
		"style": func() template.CSS { return template.CSS(style) }, //nolint:gosec // the style sheet is embedded
		"list":  func(parts ...any) []any { return parts },
		"words": func(s string) []string { return strings.SplitAfter(s, "_") }, // a line may break between them
	}).ParseFS(files, "templates/*.html"))
}

// localeFor returns the language of a browser with this header Accept-Language, or English.
func localeFor(acceptLanguage string) *locale {
	_, i := language.MatchStrings(matcher, acceptLanguage)
	return locales[i]
}

// text returns an English message in the language of l. With args, the message is a format of package fmt.
func (l *locale) text(message string, args ...any) string {
	if translated, ok := l.messages[message]; ok {
		message = translated
	}
	if len(args) == 0 {
		return message
	}
	return fmt.Sprintf(message, args...)
}

// count returns the text of a number of things: one for 1, many otherwise. Both have the verb %d.
func (l *locale) count(n int, one, many string) string {
	if n == 1 {
		return l.text(one, n)
	}
	return l.text(many, n)
}

// code returns the name of a status, a type, a step or another code of OMS. A code without a name is its own name.
func (l *locale) code(code string) string {
	if name, ok := l.codes[code]; ok {
		return name
	}
	return code
}

// duration returns a duration in its two largest units.
func (l *locale) duration(d time.Duration) string {
	const day = 24 * time.Hour
	sign := ""
	if d < 0 {
		sign, d = "−", -d
	}
	switch d = d.Round(time.Second); {
	case d < time.Minute:
		return sign + l.text("%d s", d/time.Second)
	case d < time.Hour:
		return sign + l.units(d, time.Minute, "%d min", time.Second, "%d s")
	case d < day:
		return sign + l.units(d, time.Hour, "%d h", time.Minute, "%d min")
	default:
		return sign + l.units(d, day, "%d d", time.Hour, "%d h")
	}
}

func (l *locale) units(d, large time.Duration, largeUnit string, small time.Duration, smallUnit string) string {
	text := l.text(largeUnit, d/large)
	if rest := d % large / small; rest != 0 {
		text += " " + l.text(smallUnit, rest)
	}
	return text
}

// elapsed returns the duration of a walk.
func (l *locale) elapsed(d time.Duration) string {
	switch {
	case d < time.Second:
		return l.text("%d ms", d.Milliseconds())
	case d < time.Minute:
		return l.text("%.1f s", d.Seconds())
	}
	return l.duration(d)
}

// printer writes texts in a language at a time.
type printer struct {
	*locale
	now time.Time
}

func (p printer) moment(at time.Time) Moment { return Moment{at: at, printer: p} }

// at returns a printer whose clock differs from that of p by offset.
func (p printer) at(offset time.Duration) printer {
	return printer{locale: p.locale, now: p.now.Add(offset)}
}

// Moment is a time on a page: in UTC, and its age.
type Moment struct {
	at      time.Time
	printer printer
}

// ISO returns the time for the attribute datetime.
func (m Moment) ISO() string { return m.at.UTC().Format(time.RFC3339) }

// UTC returns the time for people.
func (m Moment) UTC() string { return m.at.UTC().Format("2006-01-02 15:04:05 UTC") }

// Known reports whether there is a time.
func (m Moment) Known() bool { return !m.at.IsZero() }

// Ago returns the age of the time. A time in the future is a difference between clocks, and counts as now.
func (m Moment) Ago() string { return m.printer.text("%s ago", m.age()) }

func (m Moment) age() string { return m.printer.duration(max(m.printer.now.Sub(m.at), 0)) }
