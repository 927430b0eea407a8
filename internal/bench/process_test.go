// Package bench measures what a scrape costs: the exporter as it is against a straightforward one that emits the very same series. Both
// walk a simulated OMS, and all three run in processes of their own, so that CPU time and memory are of the exporter alone.
//
//	go test -run '^$' -bench Exporters -timeout 60m ./internal/bench                 prints the tables
//	go test -run '^$' -bench Exporters -timeout 60m ./internal/bench -args -write    puts them into docs/cost.md, too
package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

var write = flag.Bool("write", false, "put the tables of the benchmarks into docs/cost.md")

// setupVariable holds the setup of a process that plays a role; without it the program is the driver, or a test.
const setupVariable = "OMS_BENCH_SETUP"

func TestMain(m *testing.M) {
	text := os.Getenv(setupVariable)
	if text == "" {
		testutil.Main(m) // ends the process
	}
	if err := play(text); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// play is the whole life of a process with a role: it serves, says where, and ends when its standard input does.
func play(text string) error {
	var s setup
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return err
	}
	handler, err := s.handler()
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/", handler)
	mux.HandleFunc("GET "+usagePath, serveUsage)
	mux.HandleFunc("POST "+usagePath, resetUsage)
	profiling(mux)
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it has no end but the process' own
	if err != nil {
		return err
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	fmt.Println("http://" + listener.Addr().String())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = server.Close()
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// process is a child that plays a role.
type process struct {
	url string
}

// start runs a process, until the test or benchmark ends.
func start(tb testing.TB, s setup) *process {
	tb.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		tb.Fatal(err)
	}
	command := exec.CommandContext(tb.Context(), os.Args[0]) //nolint:gosec // this very program
	command.Env = append(os.Environ(), setupVariable+"="+string(text))
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := command.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = stdin.Close()
		_ = command.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		tb.Fatalf("%s does not start: %v", s.Role, err)
	}
	return &process{url: strings.TrimSpace(line)}
}

// usage asks the process what it has used so far.
func (p *process) usage(ctx context.Context) (u usage, err error) {
	err = p.call(ctx, http.MethodGet, func(body io.Reader) error { return json.NewDecoder(body).Decode(&u) })
	return u, err
}

// reset lets the process measure its peak memory anew.
func (p *process) reset(ctx context.Context) error {
	return p.call(ctx, http.MethodPost, func(io.Reader) error { return nil })
}

func (p *process) call(ctx context.Context, method string, read func(io.Reader) error) error {
	req, err := http.NewRequestWithContext(ctx, method, p.url+usagePath, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	return read(res.Body)
}
