//go:build slow

package page

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// screenshotFile is the screenshot in the README.
const screenshotFile = "../../../testdata/screenshots/tasks.png"

func TestBrowser(t *testing.T) {
	c := startChromium(t)
	_, root := testutil.StartExporter(t, nil, "--demo")
	root += "/"
	c.emulate(1280, 900, "light")
	// The parts build on each other: the first one makes the first scrape, through the page.
	for _, part := range []struct {
		name string
		do   func(*testing.T, *chromium, string)
	}{
		{"before the first scrape the page offers one", checkFirstScrape},
		{"the schemes are light and dark", checkColourSchemes},
		{"nothing is wider than a phone", checkWidths},
		{"nothing is wider than a phone in Chinese", checkChineseWidths},
		{"a hostile name is shown as text", checkHostileName},
		{"the filter works without a script", checkFilter},
		{"the keyboard reaches every control", checkKeyboard},
		{"a screen reader reads tables, names and values", checkAccessibilityTree},
		{"every link has a page", checkLinks},
		{"the picture for the README", saveScreenshot},
		{"only the pages were loaded, and the policy blocked nothing", checkPolicy},
	} {
		t.Run(part.name, func(t *testing.T) {
			of := *c
			of.t = t
			part.do(t, &of, root)
			c.serial, c.events = of.serial, of.events
		})
	}
}

func checkFirstScrape(t *testing.T, c *chromium, root string) {
	for _, page := range []string{"", "tasks"} {
		c.open(root + page)
		if text := c.text("document.querySelector('main').innerText"); !strings.Contains(text,
			"This target has not been scraped") {
			t.Errorf("/%s shows %q", page, text)
		}
	}
	c.waitForLoad(func() {
		c.eval("Array.from(document.links).find(a => a.innerText == 'Scrape it now').click()", nil)
	})
	if text := c.text("document.body.innerText"); !strings.Contains(text, `oms_up{oms="demo"} 1`) {
		t.Fatalf("the link leads to %.200q", text)
	}
	c.open(root + "tasks")
	var rows int
	if c.eval("document.querySelectorAll('tbody').length", &rows); rows != perPage {
		t.Errorf("%d tasks are shown, want %d", rows, perPage)
	}
}

func checkColourSchemes(t *testing.T, c *chromium, root string) {
	light, dark := palettes(t)
	for _, tc := range []struct {
		scheme  string
		colours map[string]string
	}{{"light", light}, {"dark", dark}} {
		c.emulate(1280, 900, tc.scheme)
		for _, page := range []string{"", "tasks"} {
			c.open(root + page)
			for _, part := range []struct{ element, colour string }{{"body", "--page"}, {"header", "--card"}} {
				var r, g, b int
				got := c.text("getComputedStyle(document.querySelector('" + part.element + "')).backgroundColor")
				_, err := fmt.Sscanf(got, "rgb(%d, %d, %d)", &r, &g, &b)
				if want := tc.colours[part.colour]; err != nil || fmt.Sprintf("#%02x%02x%02x", r, g, b) != want {
					t.Errorf("/%s, %s: %s is %s, want %s", page, tc.scheme, part.element, got, want)
				}
			}
		}
	}
	c.emulate(1280, 900, "light")
}

func checkWidths(t *testing.T, c *chromium, root string) {
	for _, width := range []int{320, 390, 768, 1280} {
		c.emulate(width, 844, "light")
		for _, page := range []string{"", "tasks", "tasks?page=2"} {
			c.open(root + page)
			var wide int
			if c.eval("document.documentElement.scrollWidth", &wide); wide > width {
				t.Errorf("/%s is %d wide on %d", page, wide, width)
			}
		}
	}
	c.emulate(1280, 900, "light")
}

func checkChineseWidths(t *testing.T, c *chromium, root string) {
	accept := func(languages string) {
		c.call("Network.setExtraHTTPHeaders",
			map[string]any{"headers": map[string]string{"Accept-Language": languages}}, nil)
	}
	accept("zh-CN")
	checkWidths(t, c, root)
	got := c.text("document.documentElement.lang + ' ' + document.querySelector('h1').innerText")
	if got != "zh-CN demo 的任务" {
		t.Errorf("the page is %q", got)
	}
	accept("en")
}

func checkHostileName(t *testing.T, c *chromium, root string) {
	const name = "<script>alert('oms')</script>"
	c.open(root + "tasks?text=" + url.QueryEscape(name))
	if got := c.text("document.querySelector('.name').innerText"); got != name {
		t.Errorf("the name is shown as %q", got)
	}
	if got := c.text("document.getElementById('text').value"); got != name {
		t.Errorf("the text of the filter is shown as %q", got)
	}
	var scripts int
	if c.eval("document.scripts.length", &scripts); scripts != 0 {
		t.Errorf("%d scripts in the page", scripts)
	}
	if n := c.count("Page.javascriptDialogOpening"); n != 0 {
		t.Error("the script ran")
	}
}

func checkFilter(t *testing.T, c *chromium, root string) {
	c.open(root + "tasks?page=2")
	c.waitForLoad(func() {
		c.eval("document.getElementById('status').value = 'RUNNING', document.getElementById('text').value = '华东', "+
			"document.querySelector('.filter button').click()", nil)
	})
	if got, want := c.text("location.search"),
		"?target=demo&status=RUNNING&type=&text=%E5%8D%8E%E4%B8%9C"; got != want {
		t.Errorf("the form requests %s, want %s", got, want)
	}
	if got := c.text("Array.from(document.querySelectorAll('.name'), e => e.innerText).join()"); got != "数据库迁移_华东_生产" {
		t.Errorf("found %q", got)
	}
	if got := c.text("document.querySelector('.name bdi').lang"); got != "zh" {
		t.Errorf("its language is %q", got)
	}
}

func checkKeyboard(t *testing.T, c *chromium, root string) {
	const tab, enter = 9, 13
	c.open(root + "tasks")
	c.press("Tab", tab)
	if got := c.text("document.activeElement.className"); got != "skip" {
		t.Errorf("the first stop is %q, want the link that skips to the content", got)
	}
	c.call("Input.dispatchKeyEvent",
		map[string]any{"type": "keyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": enter,
			"text": "\r"}, nil)
	var stops []string
	for range 4 {
		c.press("Tab", tab)
		stops = append(stops, c.text("document.activeElement.id || document.activeElement.innerText"))
	}
	if want := []string{"status", "type", "text", "Filter"}; !slices.Equal(stops, want) {
		t.Errorf("the next stops are %q, want %q", stops, want)
	}
	if got := c.text("getComputedStyle(document.activeElement).outlineStyle"); got != "solid" {
		t.Errorf("the focus is invisible: outline %s", got)
	}
}

// checkAccessibilityTree reads the accessibility tree of the wide table and of the narrow one.
func checkAccessibilityTree(t *testing.T, c *chromium, root string) {
	for _, width := range []int{1280, 390} {
		c.emulate(width, 844, "light")
		c.open(root + "tasks")
		var tree struct {
			Nodes []struct {
				Ignored    bool
				Role, Name struct{ Value any }
			}
		}
		c.call("Accessibility.getFullAXTree", nil, &tree)
		count := map[string]int{}
		for _, n := range tree.Nodes {
			role, _ := n.Role.Value.(string)
			if n.Ignored {
				continue
			}
			count[role]++
			name, _ := n.Name.Value.(string)
			if slices.Contains([]string{"link", "button", "combobox", "searchbox", "textbox", "table", "progressbar",
				"navigation", "search", "rowheader", "columnheader"}, role) && strings.TrimSpace(name) == "" {
				t.Errorf("%d wide: a %s has no name", width, role)
			}
		}
		if count["table"] != 2 || count["rowheader"] != perPage || count["columnheader"] != 10 ||
			count["progressbar"] == 0 || count["main"] != 1 || count["search"] != 1 {
			t.Errorf("%d wide: the tree has %v", width, count)
		}
	}
	c.emulate(1280, 900, "light")
}

func saveScreenshot(t *testing.T, c *chromium, root string) {
	c.emulate(1200, 1000, "light")
	c.open(root + "tasks?status=RUNNING") // shows steps, delays, alarms and messages on one screen
	png := c.screenshot()
	if len(png) < 20_000 || len(png) > 200_000 {
		t.Errorf("the picture has %d bytes: it should show something, and load fast", len(png))
	}
	if !testutil.Update() {
		return
	}
	testutil.WriteFile(t, screenshotFile, string(png))
}
