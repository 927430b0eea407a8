// Package bench measures what a scrape costs: CPU time, memory and response times of the exporter, and of a
// straightforward exporter to compare with. Both walk a simulated OMS, and all three run in processes of their own.
package bench

import (
	"bufio"
	"encoding/json"
	"errors"
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

// setupVariable holds the setup of a process with a role. Without it the process runs tests or benchmarks.
const setupVariable = "OMS_BENCH_SETUP"

func TestMain(m *testing.M) {
	text := os.Getenv(setupVariable)
	if text == "" {
		testutil.Main(m) // ends the process
	}
	if err := runRole(text); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// runRole runs a process with a role. It prints its address, serves, and ends with its standard input.
func runRole(text string) error {
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
	mux.HandleFunc(usagePath, func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(usage{CPU: cpuTime(), Peak: peakMemory()})
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it ends with the process
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

// process is a child process with a role.
type process struct {
	url string
}

// start starts a process that ends with the benchmark.
func start(b *testing.B, s setup) *process {
	b.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		b.Fatal(err)
	}
	command := exec.CommandContext(b.Context(), os.Args[0]) //nolint:gosec // this very program
	command.Env = append(os.Environ(), setupVariable+"="+string(text))
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = stdin.Close()
		_ = command.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		b.Fatalf("%s does not start: %v", s.Role, err)
	}
	return &process{url: strings.TrimSpace(line)}
}

const usagePath = "/usage"

// usage is what a process has used since its start.
type usage struct {
	CPU  time.Duration // user and system
	Peak int64         // resident memory in bytes; 0 if the system does not report it
}

// usage returns the usage of the process.
func (p *process) usage(b *testing.B) (u usage) {
	b.Helper()
	res, err := client.Get(p.url + usagePath) //nolint:noctx // a local process answers at once
	if err == nil {
		err = json.NewDecoder(res.Body).Decode(&u)
		_ = res.Body.Close()
	}
	if err != nil {
		b.Fatal(err)
	}
	return u
}
