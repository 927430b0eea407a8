package demo

import (
	"net/http"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
	"github.com/oms-exporter/oms_exporter/oms"
)

func TestMain(m *testing.M) { testutil.Main(m) }

func TestStart(t *testing.T) {
	o, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	c := o.Config()
	if len(c.Targets) != 1 || c.Targets[0].Name != "demo" || !strings.HasPrefix(c.Targets[0].URL, "http://127.0.0.1:") {
		t.Fatalf("%v", c.Targets)
	}
	hc, err := c.Targets[0].NewHTTPClient("test")
	if err != nil {
		t.Fatal(err)
	}
	defer hc.CloseIdleConnections()
	for _, client := range []struct {
		rule     string
		http     *http.Client
		accepted bool
	}{
		{"a client with the password walks several pages", hc, true},
		{"a client without the password is refused", &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}, false},
	} {
		t.Run(client.rule, func(t *testing.T) {
			api, err := oms.New(c.Targets[0].URL, client.http, oms.Options{})
			if err != nil {
				t.Fatal(err)
			}
			walker, err := oms.NewWalker(api, oms.WalkOptions{PageSize: c.Targets[0].PageSize})
			if err != nil {
				t.Fatal(err)
			}
			walk, err := walker.Walk(t.Context(), nil)
			if accepted := err == nil && len(walk.Tasks) >= 60 && walk.Pages >= 3; accepted != client.accepted {
				t.Errorf("error %v, %d tasks on %d pages", err, len(walk.Tasks), walk.Pages)
			}
		})
	}
}

// Each demo has a random password.
func TestStartPassword(t *testing.T) {
	one, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	other, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if one.password == other.password || len(one.password) < 20 {
		t.Error("the password of a demo can be guessed")
	}
}
