//go:build slow

package page

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// checkLinks opens every page that links lead to, and requests every other path.
func checkLinks(t *testing.T, c *chromium, root string) {
	queue, seen, kinds := []string{root}, map[string]bool{root: true}, map[string]int{}
	for len(queue) > 0 {
		address := queue[0]
		queue = queue[1:]
		reply, err := testutil.Get(t, address)
		if err != nil || reply.Status != http.StatusOK || reply.Body == "" {
			t.Errorf("%s: status %d, %v", address, reply.Status, err)
			continue
		}
		kind := reply.Header.Get("Content-Type")
		kinds[kind]++
		if !strings.HasPrefix(kind, "text/html") {
			continue
		}
		c.open(address)
		var links []string
		c.eval("Array.from(document.links, a => a.href.split('#')[0])", &links)
		for _, link := range links {
			if !strings.HasPrefix(link, root) {
				t.Errorf("%s has a link to another server: %s", address, link)
			} else if !seen[link] {
				seen[link] = true
				queue = append(queue, link)
			}
		}
	}
	for _, path := range []string{
		"", "metrics", "probe?target=demo", "probe?target=demo&debug=true", "tasks?target=demo",
		"tasks?target=demo&page=2",
		"tasks?target=demo&status=FAILED", "sd", "config", "-/healthy",
	} {
		if !seen[root+path] {
			t.Errorf("no link leads to /%s", path)
		}
	}
	t.Logf("%d addresses: %v", len(seen), kinds)
}

// checkPolicy checks all events so far: the pages loaded nothing else, and the browser reported no violation of their
// policy.
func checkPolicy(t *testing.T, c *chromium, root string) {
	requests := 0
	for _, e := range c.events {
		if strings.Contains(string(e.Params), root+"favicon.ico") {
			continue // a browser requests the icon for plain text, such as /probe
		}
		switch e.Method {
		case "Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Page.javascriptDialogOpening":
			t.Errorf("%s: %s", e.Method, e.Params)
		case "Network.requestWillBeSent":
			var sent struct {
				Type    string
				Request struct{ URL string }
			}
			if err := json.Unmarshal(e.Params, &sent); err != nil {
				t.Error(err)
			}
			requests++
			if sent.Type != "Document" && !strings.HasPrefix(sent.Request.URL, "data:") ||
				sent.Type == "Document" && !strings.HasPrefix(sent.Request.URL, root) {
				t.Errorf("%s %s was loaded", sent.Type, sent.Request.URL)
			}
		}
	}
	if requests < 20 {
		t.Errorf("only %d requests were seen", requests)
	}
}
