//go:build slow

package deploytest

import (
	"bufio"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// TestComposeStack runs the programs of the stack with their configs, without containers: the demo, Prometheus,
// Alertmanager, and a mail server in place of the mailbox.
func TestComposeStack(t *testing.T) {
	services := demoServices(t)
	mailbox := startMailbox(t)
	_, exporterURL := testutil.StartExporter(t, nil, services["exporter"].Command...)
	// start starts the program of a service with replacements in its config, and returns its URL.
	start := func(name, program string, replacements map[string]string, args ...string) string {
		command := services[name].Command
		file := filepath.Join(containerFiles(t, services[name]), option(t, command, "--config.file"))
		text := string(testutil.ReadFile(t, file))
		for from, to := range replacements {
			if !strings.Contains(text, from) {
				t.Fatalf("%s does not have %s", file, from)
			}
			text = strings.ReplaceAll(text, from, to)
		}
		testutil.WriteFile(t, file, text)
		args = append(args, "--config.file="+file, "--web.external-url="+option(t, command, "--web.external-url"),
			"--web.listen-address=127.0.0.1:0")
		path := testutil.LookPath(t, "install the Debian package "+program, program)
		return testutil.Start(t, exec.Command(path, args...)).URL()
	}
	alertmanager := start("alertmanager", "prometheus-alertmanager", map[string]string{"mailbox:1025": mailbox.address},
		"--storage.path="+t.TempDir(), "--cluster.listen-address=")
	prometheus := start("prometheus", "prometheus", map[string]string{
		"exporter:10089":       strings.TrimPrefix(exporterURL, "http://"),
		"alertmanager:9093":    strings.TrimPrefix(alertmanager, "http://"),
		"scrape_interval: 30s": "scrape_interval: 1s",
		"scrape_timeout: 25s":  "scrape_timeout: 1s",
	}, "--storage.tsdb.path="+t.TempDir())

	for path, want := range map[string]string{
		"/api/v1/query?query=oms_up":    `"oms":"demo"`,
		"/api/v1/alertmanagers":         strings.TrimPrefix(alertmanager, "http://"),
		"/api/v1/rules?type=alert":      `"name":"OMSTaskFailed"`,
		"/api/v1/query?query=oms%3Aup":  `"1"`,
		"/api/v1/query?query=oms_tasks": `"status":"FAILED"`,
	} {
		testutil.WaitFor(t, path+" shows "+want, func() error {
			reply, err := testutil.Get(t, prometheus+path)
			if err == nil && !strings.Contains(reply.Body, want) {
				err = fmt.Errorf("status %d: %s", reply.Status, testutil.Tail(reply.Body, 500))
			}
			return err
		})
	}
	tool(t, "install the Debian package prometheus-alertmanager", "amtool", "--alertmanager.url="+alertmanager,
		"alert", "add", "OMSTaskFailed", "oms=demo", "severity=warning",
		"--annotation=summary=Task orders is FAILED",
		"--annotation=dashboard_url=/d/oms-task",
		"--annotation=runbook_url=https://example.com/RUNBOOK.md")
	for _, want := range []string{"Subject: demo: ", "Task orders is FAILED", "http://localhost:3000/d/oms-task"} {
		testutil.Eventually(t, "an e-mail with "+want, func() bool {
			return strings.Contains(mailbox.received.String(), want)
		})
	}
}

// mailbox is an SMTP server.
type mailbox struct {
	address  string
	received testutil.Output
}

func startMailbox(t *testing.T) *mailbox {
	listener := testutil.Listen(t)
	m := &mailbox{address: listener.Addr().String()}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go m.serve(conn)
		}
	}()
	return m
}

func (m *mailbox) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	fmt.Fprint(conn, "220 mailbox\r\n")
	lines, inData := bufio.NewScanner(conn), false
	for lines.Scan() {
		verb, _, _ := strings.Cut(lines.Text(), " ")
		switch {
		case inData && lines.Text() != ".":
			// Quoted-printable breaks long lines.
			fmt.Fprint(&m.received, strings.TrimSuffix(strings.ReplaceAll(lines.Text(), "=3D", "="), "="))
			if !strings.HasSuffix(lines.Text(), "=") {
				fmt.Fprintln(&m.received)
			}
			continue
		case verb == "DATA":
			fmt.Fprint(conn, "354 go ahead\r\n")
		case verb == "QUIT":
			fmt.Fprint(conn, "221 bye\r\n")
			return
		default:
			fmt.Fprint(conn, "250 OK\r\n")
		}
		inData = verb == "DATA"
	}
}
