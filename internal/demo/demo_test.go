package demo

import (
	"net/http"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
	"github.com/oms-exporter/oms_exporter/oms"
)

func TestMain(m *testing.M) { testutil.Main(m) }

func TestTheDemoIsAnOMSThatAsksForItsPassword(t *testing.T) {
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
	stranger := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for name, client := range map[string]*http.Client{"with the password": hc, "without": stranger} {
		api, err := oms.New(c.Targets[0].URL, client, oms.Options{})
		if err != nil {
			t.Fatal(err)
		}
		walker, err := oms.NewWalker(api, oms.WalkOptions{PageSize: c.Targets[0].PageSize})
		if err != nil {
			t.Fatal(err)
		}
		walk, err := walker.Walk(t.Context(), nil)
		if ok := name == "with the password"; ok != (err == nil) || ok != (len(walk.Tasks) >= 60 && walk.Pages >= 3) {
			t.Errorf("%s: %v, %d tasks on %d pages", name, err, len(walk.Tasks), walk.Pages)
		}
	}
}

func TestEachDemoHasAPasswordOfItsOwn(t *testing.T) {
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
		t.Error("it can be guessed")
	}
}
