//go:build slow

package page

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// chromium is a tab of a headless browser, controlled through the DevTools protocol on two pipes.
type chromium struct {
	t       *testing.T
	in      *os.File
	out     *os.File
	reader  *bufio.Reader
	session string
	serial  int
	events  []devToolsMessage // all events so far
}

// startChromium starts the browser. The browser ends with the test.
func startChromium(t *testing.T) *chromium {
	t.Helper()
	path := testutil.LookPath(t, "install the Debian packages chromium and fonts-noto-cjk", "chromium")
	toRead, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out, toWrite, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	folder, err := os.MkdirTemp("", "chromium")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	browser := exec.CommandContext(ctx, path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
		"--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
		"--hide-scrollbars",
		"--user-data-dir="+folder, "--remote-debugging-pipe", "about:blank")
	browser.ExtraFiles = []*os.File{toRead, toWrite} // descriptors 3 and 4
	var stderr bytes.Buffer
	browser.Stderr = &stderr
	if err := browser.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = toRead.Close(), toWrite.Close()
	c := &chromium{t: t, in: in, out: out, reader: bufio.NewReaderSize(out, 1<<20)}
	t.Cleanup(func() {
		c.send("Browser.close", nil, "")
		_ = browser.Wait()
		cancel()
		_, _ = in.Close(), out.Close()
		_ = os.RemoveAll(folder)
		if t.Failed() {
			t.Logf("end of the browser's log:\n%s", stderr.Bytes()[max(0, stderr.Len()-2000):])
		}
	})
	var target struct{ TargetID string }
	c.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	c.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	c.session = attached.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log", "Network", "Accessibility"} {
		c.call(domain+".enable", nil, nil)
	}
	return c
}

func (c *chromium) send(method string, params any, session string) int {
	c.serial++
	text, err := json.Marshal(struct {
		ID        int    `json:"id"`
		Method    string `json:"method"`
		Params    any    `json:"params,omitempty"`
		SessionID string `json:"sessionId,omitempty"`
	}{c.serial, method, params, session})
	if err == nil {
		_, err = c.in.Write(append(text, 0))
	}
	if err != nil {
		c.t.Errorf("%s: %v", method, err)
	}
	return c.serial
}

// call calls a method of the protocol and reads its result.
func (c *chromium) call(method string, params, result any) {
	c.t.Helper()
	id := c.send(method, params, c.session)
	for {
		answer := c.read()
		if answer.ID == 0 {
			c.events = append(c.events, answer)
			continue
		}
		if answer.ID != id {
			continue
		}
		if answer.Error != nil {
			c.t.Fatalf("%s: %s", method, answer.Error)
		}
		if result != nil {
			if err := json.Unmarshal(answer.Result, result); err != nil {
				c.t.Fatalf("%s: %v", method, err)
			}
		}
		return
	}
}

// devToolsMessage is an event of the DevTools protocol, or the answer to a call, which has an ID.
type devToolsMessage struct {
	ID     int
	Method string
	Params json.RawMessage
	Result json.RawMessage
	Error  json.RawMessage
}

func (c *chromium) read() devToolsMessage {
	c.t.Helper()
	if err := c.out.SetReadDeadline(time.Now().Add(5 * time.Minute)); err != nil {
		c.t.Fatal(err)
	}
	text, err := c.reader.ReadBytes(0)
	if err != nil {
		c.t.Fatalf("the browser does not respond: %v", err)
	}
	var m devToolsMessage
	if err := json.Unmarshal(bytes.TrimSuffix(text, []byte{0}), &m); err != nil {
		c.t.Fatal(err)
	}
	return m
}

// waitForLoad calls do, which opens another page, and waits until the page is loaded.
func (c *chromium) waitForLoad(do func()) {
	c.t.Helper()
	const event = "Page.loadEventFired"
	before := c.count(event)
	do()
	for c.count(event) == before {
		c.events = append(c.events, c.read())
	}
}

func (c *chromium) count(event string) int {
	n := 0
	for _, e := range c.events {
		if e.Method == event {
			n++
		}
	}
	return n
}

func (c *chromium) open(url string) {
	c.t.Helper()
	c.waitForLoad(func() {
		var result struct{ ErrorText string }
		c.call("Page.navigate", map[string]any{"url": url}, &result)
		if result.ErrorText != "" {
			c.t.Fatalf("%s: %s", url, result.ErrorText)
		}
	})
}

// eval sets value to the value of an expression in the page.
func (c *chromium) eval(expression string, value any) {
	c.t.Helper()
	var result struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	c.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true}, &result)
	if result.ExceptionDetails != nil {
		c.t.Fatalf("%s: %s", expression, result.ExceptionDetails)
	}
	if value != nil {
		if err := json.Unmarshal(result.Result.Value, value); err != nil {
			c.t.Fatalf("%s: %v", expression, errors.Join(err, errors.New(string(result.Result.Value))))
		}
	}
}

func (c *chromium) text(expression string) string {
	c.t.Helper()
	var s string
	c.eval(expression, &s)
	return s
}

// emulate sets the size of the tab and its preferred colour scheme.
func (c *chromium) emulate(width, height int, scheme string) {
	c.t.Helper()
	c.call("Emulation.setDeviceMetricsOverride",
		map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}, nil)
	c.call("Emulation.setEmulatedMedia",
		map[string]any{"features": []any{map[string]string{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

// press presses a key without a character.
func (c *chromium) press(key string, code int) {
	c.t.Helper()
	for _, kind := range []string{"rawKeyDown", "keyUp"} {
		c.call("Input.dispatchKeyEvent",
			map[string]any{"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code}, nil)
	}
}

// screenshot returns a screenshot of the tab as PNG.
func (c *chromium) screenshot() []byte {
	c.t.Helper()
	var shot struct{ Data []byte }
	c.call("Page.captureScreenshot", map[string]any{"format": "png"}, &shot)
	return shot.Data
}
