package oms

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

const holdTime = 5 * time.Minute

// login is an OMS with one account, and walkers with one user and password, in a synctest bubble.
type login struct {
	*simulator.Simulator
	holdoffs Holdoffs
	password string // of the walkers
}

func newLogin(tasks int) *login {
	l := &login{password: "wrong"}
	l.Simulator = simulator.New(simulator.Options{Generated: tasks, Active: 1, User: "monitor", Password: "right"})
	return l
}

// ServeHTTP sets the password of the walkers, like a transport with Basic authentication.
func (l *login) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.SetBasicAuth("monitor", l.password)
	l.Simulator.ServeHTTP(w, r)
}

func (l *login) walker(t *testing.T, name string, hold time.Duration, o WalkOptions) *Walker {
	t.Helper()
	c := newClient(t, "http://oms.example.com:8089", inMemory(l, 100*time.Millisecond), Options{
		Target: name, User: "monitor", Holdoff: l.holdoffs.For("monitor"), HoldTime: hold,
	})
	return newWalker(t, c, o)
}

// walks makes so many walks, one per interval, and returns the number of requests that OMS received.
func (l *login) walks(t *testing.T, w *Walker, n int, interval time.Duration) int {
	t.Helper()
	before := l.Counts().Requests
	for range n {
		_, _ = w.Walk(t.Context(), nil) //nolint:errcheck // the requests are counted
		time.Sleep(interval)
	}
	return l.Counts().Requests - before
}

func TestHoldoff(t *testing.T) {
	for name, rule := range map[string]func(*testing.T, *login){
		"a wrong password is tried twice: at once, and after the hold time": func(t *testing.T, l *login) {
			w := l.walker(t, "prod", holdTime, WalkOptions{})
			if n := l.walks(t, w, 100, holdTime/101); n != 1 {
				t.Errorf("%d requests within the hold time, want 1", n)
			}
			if n := l.walks(t, w, 24*60*2, 30*time.Second); n != 1 || l.Locked() {
				t.Errorf("%d more requests in a day, want 1; locked: %t", n, l.Locked())
			}
		},
		"a hold time of a second makes two requests in a minute": func(t *testing.T, l *login) {
			if n := l.walks(t, l.walker(t, "prod", time.Second, WalkOptions{}), 60, time.Second); n != 2 {
				t.Errorf("%d requests, want 2", n)
			}
		},
		"no hold time withholds nothing": func(t *testing.T, l *login) {
			if n := l.walks(t, l.walker(t, "prod", 0, WalkOptions{}), 10, time.Second); n != 10 || !l.Locked() {
				t.Errorf("%d requests, want 10; locked: %t", n, l.Locked())
			}
		},
		"ten targets with the same wrong password make one request": func(t *testing.T, l *login) {
			done := make(chan *Walk)
			for i := range 10 {
				w := l.walker(t, fmt.Sprint("prod-", i), holdTime, WalkOptions{})
				go func() {
					walk, _ := w.Walk(t.Context(), nil) //nolint:errcheck // the hold is looked at
					done <- walk
				}()
			}
			for range 10 {
				if walk := <-done; walk.Hold == nil || walk.Hold.Refusals != 1 {
					t.Errorf("hold %+v, want one refusal", walk.Hold)
				}
			}
			if n := l.Counts().Requests; n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
		},
		"ten targets with the same accepted password are walked at the same time": func(t *testing.T, l *login) {
			l.password = "right"
			start, done := time.Now(), make(chan error)
			for i := range 10 {
				w := l.walker(t, fmt.Sprint("prod-", i), holdTime, WalkOptions{PageSize: 10})
				go func() {
					_, err := w.Walk(t.Context(), nil)
					done <- err
				}()
			}
			for range 10 {
				if err := <-done; err != nil {
					t.Error(err)
				}
			}
			// A page takes 0.1 s. Each walk reads page 1 and then three pages at the same time. Nine walks wait for the
			// first page 1.
			if took := time.Since(start); took > 400*time.Millisecond {
				t.Errorf("it took %s", took)
			}
		},
		"refusals in the middle of a walk count one by one and end it": func(t *testing.T, l *login) {
			l.password = "right"
			w := l.walker(t, "prod", holdTime, WalkOptions{PageSize: 1, Concurrency: 8})
			time.AfterFunc(250*time.Millisecond, func() { l.SetPassword("another") })
			walk, err := w.Walk(t.Context(), nil)
			denied := l.Counts().Denied
			if err == nil || walk.Hold == nil || walk.Hold.Refusals != denied || denied < 2 || denied > 8 {
				t.Fatalf("hold %+v after %d refusals, error %v", walk.Hold, denied, err)
			}
			if n := l.walks(t, w, 100, time.Hour); n != 0 {
				t.Errorf("%d requests after that, want none", n)
			}
		},
		"a password that is corrected within the hold time is tried after it": func(t *testing.T, l *login) {
			w := l.walker(t, "prod", holdTime, WalkOptions{})
			time.AfterFunc(3*time.Minute, func() { l.SetPassword("wrong") })
			if n := l.walks(t, w, 10, 30*time.Second-100*time.Millisecond); n != 1 {
				t.Errorf("%d requests within the hold time, want 1", n)
			}
			time.Sleep(time.Minute)
			if walk, err := w.Walk(t.Context(), nil); err != nil || walk.Hold != nil {
				t.Errorf("after the hold time: %v, hold %+v", err, walk.Hold)
			}
			if n := l.walks(t, w, 10, 30*time.Second); n != 10 {
				t.Errorf("%d requests after that, want 10", n)
			}
		},
		"a reload on purpose allows one more request each time": func(t *testing.T, l *login) {
			w := l.walker(t, "prod", holdTime, WalkOptions{})
			l.walks(t, w, 100, time.Minute)
			for range 2 {
				l.holdoffs.AllowRetry()
				if n := l.walks(t, w, 100, time.Minute); n != 1 {
					t.Errorf("%d requests after a reload, want 1", n)
				}
			}
			l.SetPassword("wrong")
			l.holdoffs.AllowRetry()
			if _, err := w.Walk(t.Context(), nil); err != nil {
				t.Error(err)
			}
		},
		"an error of OMS is neither an acceptance nor a refusal": func(t *testing.T, l *login) {
			w := l.walker(t, "prod", holdTime, WalkOptions{})
			l.walks(t, w, 1, holdTime)
			l.Set(func(b *simulator.Behaviour) { b.Faults = []simulator.Fault{simulator.StatusFault(500, "")} })
			if n := l.walks(t, w, 10, time.Minute); n != 10 {
				t.Errorf("%d requests of 10 walks reached an OMS that answers 500", n)
			}
			l.Set(func(b *simulator.Behaviour) { b.Faults = nil })
			//nolint:errcheck // the hold shows it
			if walk, _ := w.Walk(t.Context(), nil); walk.Hold == nil || walk.Hold.Refusals != 2 {
				t.Errorf("hold %+v, want two refusals in a row", walk.Hold)
			}
		},
		"a missing permission is not a wrong password": func(t *testing.T, l *login) {
			l.Set(func(b *simulator.Behaviour) { b.Faults = []simulator.Fault{simulator.StatusFault(403, "")} })
			if n := l.walks(t, l.walker(t, "prod", holdTime, WalkOptions{}), 10, time.Second); n != 10 {
				t.Errorf("%d requests, want 10", n)
			}
		},
		"a request that waits for another one waits no longer than its context": func(t *testing.T, l *login) {
			l.Set(func(b *simulator.Behaviour) { b.Faults = []simulator.Fault{{Kind: simulator.Silence}} })
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			slow := l.walker(t, "slow", holdTime, WalkOptions{})
			go func() { _, _ = slow.Walk(ctx, nil) }()
			synctest.Wait()
			short, stop := context.WithTimeout(t.Context(), time.Second)
			defer stop()
			_, err := l.walker(t, "prod", holdTime, WalkOptions{}).Walk(short, nil)
			if reasonOf(err) != Timeout || !strings.Contains(err.Error(), "not sent: another request") {
				t.Errorf("error is %v", err)
			}
			cancel()
			synctest.Wait()
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { rule(t, newLogin(40)) })
		})
	}
}

func TestHoldoffMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLogin(1)
		w := l.walker(t, "prod", holdTime, WalkOptions{})
		message := func() string {
			t.Helper()
			_, err := w.Walk(t.Context(), nil)
			if err == nil {
				t.Fatal("no error")
			}
			return err.Error()
		}
		const (
			hint = `check basic_auth in the config (user "monitor"): the password may be wrong or expired, ` +
				`or the account locked; next request `
			change = `after a change of the credentials or a reload (SIGHUP, POST /-/reload)`
		)
		for _, want := range []string{
			hint + "at 2000-01-01T00:05:00Z, or " + change,
			"OMS prod: page 1: no request sent, because OMS refused the credentials (refusals: 1, first at " +
				"2000-01-01T00:00:00Z): " + hint + "at 2000-01-01T00:05:00Z, or " + change,
			hint + change,
			"OMS prod: page 1: no request sent, because OMS refused the credentials (refusals: 2, first at " +
				"2000-01-01T00:00:00Z): " + hint + change,
		} {
			if got := message(); !strings.Contains(got, want) {
				t.Errorf("message is\n%s\nwant\n%s", got, want)
			}
			if strings.Contains(want, "refusals: 1") {
				time.Sleep(holdTime)
			}
		}
	})
}

func TestRefusals(t *testing.T) {
	answer := func(status int, body string) *http.Client {
		return inMemory(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/oms-v2/login")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}), 0)
	}
	token := func(status int, code string) *http.Client {
		return &http.Client{Transport: roundTripFunc(func(*http.Request) (*http.Response, error) {
			return nil, &oauth2.RetrieveError{Response: &http.Response{StatusCode: status}, ErrorCode: code}
		})}
	}
	for _, c := range []struct {
		name    string
		client  *http.Client
		reason  Reason
		refused bool
	}{
		{"401 counts", answer(401, ""), Auth, true},
		{"a redirect to a login page counts", answer(302, ""), Auth, true},
		{"a code about the password counts", answer(200, `{"success":false,"code":"PASSWORD_EXPIRED"}`), Auth, true},
		{"so does a text in English", answer(200,
			`{"success":false,"code":"GHANA-X","message":"[GHANA-X]: The account is locked."}`), Auth, true},
		{"and one in Chinese", answer(200, `{"success":false,"message":"用户名或密码错误"}`), Auth, true},
		{"and a number in place of a code", answer(200, `{"Success":false,"Code":401}`), Auth, true},
		{"a locked account with status 403 counts", answer(403, `{"success":false,"code":"USER_LOCKED"}`), Auth, true},
		{"403 alone does not", answer(403, ""), Auth, false},
		{"another code does not", answer(200, `{"success":false,"code":"PARAM_ERROR","message":"pageSize"}`), API,
			false},
		{"nor does a known code, whatever its text",
			answer(200, `{"success":false,"code":"INNER_ERROR","message":"wrong password of the meta database"}`), API,
			false},
		{"a server error that mentions a password does not",
			answer(500, `{"success":false,"message":"wrong password of the meta database"}`), HTTP, false},
		{"a token server that refuses the client counts", token(400, "invalid_client"), Auth, true},
		{"and one that answers 401", token(401, ""), Auth, true},
		{"a token server with an error does not", token(503, ""), Auth, false},
		{"nor does an unknown scope", token(400, "invalid_scope"), Auth, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var holdoffs Holdoffs
			client := newClient(t, "http://oms.example.com", c.client, Options{
				Holdoff: holdoffs.For("monitor"), HoldTime: holdTime,
			})
			_, err := client.ListProjects(t.Context(), ListProjectsRequest{})
			if failure, ok := errors.AsType[*Error](err); !ok || failure.Reason != c.reason ||
				(failure.Hold != nil) != c.refused {
				t.Errorf("error %+v", failure)
			}
		})
	}
}

func TestHoldoffsForget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var holdoffs Holdoffs
		used := holdoffs.For("in use")
		for i := range 100 {
			holdoffs.For(fmt.Sprint("rotated ", i))
			time.Sleep(time.Hour)
			if holdoffs.For("in use") != used {
				t.Fatal("credentials in use are forgotten")
			}
		}
		if n := len(holdoffs.byKey); n > 30 {
			t.Errorf("%d credentials are kept", n)
		}
	})
}
