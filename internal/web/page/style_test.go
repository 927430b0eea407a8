package page

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	customColour = regexp.MustCompile(`(--[a-z-]+): (#[0-9a-f]{6});`)
	anyColour    = regexp.MustCompile(`#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl)a?\(`)
)

// palettes returns the colours of both schemes by name.
func palettes(t *testing.T) (light, dark map[string]string) {
	t.Helper()
	blocks := strings.SplitN(style, "@media (prefers-color-scheme: dark)", 2)
	if len(blocks) != 2 {
		t.Fatal("there is no dark scheme")
	}
	end := strings.Index(blocks[1], "* {")
	read := func(css string) map[string]string {
		colours := map[string]string{}
		for _, m := range customColour.FindAllStringSubmatch(css, -1) {
			colours[m[1]] = m[2]
		}
		return colours
	}
	if rest := blocks[1][end:]; anyColour.MatchString(rest) {
		t.Errorf("a colour is not of a scheme: %s", anyColour.FindString(rest))
	}
	return read(blocks[0]), read(blocks[1][:end])
}

func TestStyle(t *testing.T) {
	t.Run("both schemes have the same colours", func(t *testing.T) {
		light, dark := palettes(t)
		for name := range light {
			if dark[name] == "" {
				t.Errorf("%s has no dark colour", name)
			}
		}
		if len(light) == 0 || len(light) != len(dark) {
			t.Errorf("%d light colours and %d dark ones", len(light), len(dark))
		}
		for _, m := range regexp.MustCompile(`var\((--[a-z-]+)\)`).FindAllStringSubmatch(style, -1) {
			if light[m[1]] == "" {
				t.Errorf("%s is used and has no colour", m[1])
			}
		}
	})
	// WCAG 2 level AA requires 4.5 to 1 for text and 3 to 1 for shapes.
	t.Run("every colour has enough contrast", func(t *testing.T) {
		const text, shape = 4.5, 3
		type pair struct {
			front, back string
			least       float64
		}
		pairs := []pair{
			{"--text", "--page", text}, {"--text", "--card", text}, {"--muted", "--page", text},
			{"--muted", "--card", text},
			{"--link", "--page", text}, {"--link", "--card", text}, {"--on-button", "--link", text},
			{"--focus", "--page", shape}, {"--focus", "--card", shape}, {"--muted", "--card", shape},
		}
		for _, tone := range []string{"--bad", "--wait", "--good", "--done", "--busy", "--calm"} {
			pairs = append(pairs,
				pair{tone, tone + "-soft", text}, // badges and banners
				pair{tone, "--card", text},       // words in a table
				pair{tone + "-bar", "--card", shape})
		}
		for _, bar := range []string{"--bad-bar", "--wait-bar", "--good-bar"} {
			pairs = append(pairs, pair{bar, "--track", shape})
		}
		light, dark := palettes(t)
		for _, c := range []struct {
			scheme  string
			colours map[string]string
		}{{"light", light}, {"dark", dark}} {
			for _, p := range pairs {
				if got := contrast(t, c.colours[p.front], c.colours[p.back]); got < p.least {
					t.Errorf("%s: %s on %s has a contrast of %.2f, want %.1f", c.scheme, p.front, p.back, got, p.least)
				}
			}
		}
	})
}

func TestContrast(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{{"#000000", "#ffffff", 21}, {"#777777", "#ffffff", 4.48}, {"#ff0000", "#ffffff", 4.00},
		{"#123456", "#123456", 1}} {
		if got := contrast(t, c.a, c.b); math.Abs(got-c.want) > 0.005 {
			t.Errorf("%s on %s: %.3f, want %.2f", c.a, c.b, got, c.want)
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	rgb, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 32)
	if err != nil {
		t.Fatalf("colour %q: %v", colour, err)
	}
	linear := func(c uint64) float64 {
		v := float64(c&0xff) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(rgb>>16) + 0.7152*linear(rgb>>8) + 0.0722*linear(rgb)
}
