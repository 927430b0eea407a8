package testutil

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Output stores the output of a program. It is safe for concurrent use.
type Output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

// String returns the whole output so far.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// Tail returns the last n bytes of a text.
func Tail(text string, n int) string { return text[max(0, len(text)-n):] }

// Process is a program that runs beside a test.
type Process struct {
	Stdout, Stderr Output
	Ended          <-chan struct{} // closed when the process has ended

	tb  testing.TB
	cmd *exec.Cmd
}

// Start starts a program. At the end of the test, a program that still runs receives SIGTERM, and its last output is
// logged if the test failed.
func Start(tb testing.TB, cmd *exec.Cmd) *Process {
	tb.Helper()
	ended := make(chan struct{})
	p := &Process{Ended: ended, tb: tb, cmd: cmd}
	cmd.Stdout, cmd.Stderr = &p.Stdout, &p.Stderr
	cmd.WaitDelay = time.Minute // of a child that keeps the output open
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	go func() {
		_ = cmd.Wait() // ExitCode returns the result
		close(ended)
	}()
	tb.Cleanup(func() {
		if !p.HasEnded() {
			p.Signal(syscall.SIGTERM)
			p.ExitCode()
		}
		if tb.Failed() {
			tb.Logf("the last output of %s:\n%s%s", p.name(), Tail(p.Stdout.String(), 2000), Tail(p.Stderr.String(), 4000))
		}
	})
	return p
}

func (p *Process) name() string { return filepath.Base(p.cmd.Path) }

// HasEnded reports whether the process has ended.
func (p *Process) HasEnded() bool {
	select {
	case <-p.Ended:
		return true
	default:
		return false
	}
}

// Signal sends a signal. A process that has already ended is not an error.
func (p *Process) Signal(s os.Signal) {
	p.tb.Helper()
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.tb.Error(err)
	}
}

// ExitCode waits until the process has ended and returns its exit code, or -1 if a signal ended it.
func (p *Process) ExitCode() int {
	p.tb.Helper()
	select {
	case <-p.Ended:
	case <-time.After(waitLimit):
		_ = p.cmd.Process.Kill()
		p.tb.Errorf("%s did not end within %s", p.name(), waitLimit)
		<-p.Ended
	}
	return p.cmd.ProcessState.ExitCode()
}

// Stop sends SIGTERM to the process, which must end with exit code 0.
func (p *Process) Stop() {
	p.tb.Helper()
	p.Signal(syscall.SIGTERM)
	if code := p.ExitCode(); code != 0 {
		p.tb.Errorf("%s ended with exit code %d", p.name(), code)
	}
}

// Eventually waits until done returns true. A process that ends before fails the test.
func (p *Process) Eventually(what string, done func() bool) {
	p.tb.Helper()
	Eventually(p.tb, what, func() bool {
		ended := p.HasEnded() // checked first: the last output of the process can make done true
		reached := done()
		if ended && !reached {
			p.tb.Fatalf("%s: %s ended before with exit code %d", what, p.name(), p.cmd.ProcessState.ExitCode())
		}
		return reached
	})
}

// listening matches the log line with the port of the exporter, of Prometheus and of Alertmanager.
var listening = regexp.MustCompile(
	`msg="?Listening on"? (?:component=\S+ )?address=(\S+)|"address":"([^"]+)".*"msg":"Listening on"`,
)

// ListenAddresses returns the addresses in a log of the exporter, of Prometheus or of Alertmanager.
func ListenAddresses(log string) (addresses []string) {
	for _, match := range listening.FindAllStringSubmatch(log, -1) {
		addresses = append(addresses, match[1]+match[2])
	}
	return addresses
}

// Addresses waits until the process has logged n addresses on which it listens, and returns them.
func (p *Process) Addresses(n int) []string {
	p.tb.Helper()
	var addresses []string
	p.Eventually(fmt.Sprintf("listen on %d ports", n), func() bool {
		addresses = ListenAddresses(p.Stderr.String())
		return len(addresses) >= n
	})
	return addresses
}

// URL waits until the process listens and returns its URL without a slash at the end.
func (p *Process) URL() string {
	p.tb.Helper()
	return "http://" + p.Addresses(1)[0]
}
