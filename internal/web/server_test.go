package web

import (
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/config"
	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

func TestRecoverPanic(t *testing.T) {
	e := startExporter(t, nil, startOMS(t).target("prod"))
	e.handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("the start of an answer ", 1000))
		panic("password is " + password)
	})
	for range 3 {
		if got, err := testutil.Get(t, e.http.URL+"/"); err == nil {
			t.Errorf("the response is complete: %d, %d bytes", got.Status, len(got.Body))
		}
	}
	if n := e.log.count("A request failed"); n != 1 || e.log.count(password) != 0 ||
		e.log.count("TestRecoverPanic") != 1 {
		t.Errorf("%d lines, or a line without the place or with the password:\n%s", n, e.log.String())
	}
}

func TestNew(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.yml")
	text := "targets: [{name: prod, url: https://127.0.0.1:1, http_client: {tls_config: {ca_file: none.pem}}}]"
	testutil.WriteFile(t, file, text)
	store, err := config.NewStore(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = New(usualOptions(store, &logText{})); err == nil || !strings.HasPrefix(err.Error(), "target prod: ") ||
		!strings.Contains(err.Error(), "none.pem") {
		t.Errorf("error is %v", err)
	}
}
