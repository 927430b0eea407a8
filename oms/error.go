package oms

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Reason is the reason why a request or a walk failed. The set is closed: see Reasons.
type Reason string

// The reasons of failures.
const (
	Connect Reason = "connect" // DNS, refused, reset, unreachable, a proxy that refuses the request
	TLS     Reason = "tls"     // certificates, handshake, HTTP where HTTPS was meant and the reverse
	Timeout Reason = "timeout" // the deadline, in any phase
	Auth    Reason = "auth"    // 401, 403, a redirect to a login page, a secret file that cannot be read
	HTTP    Reason = "http"    // any other status but 200
	API     Reason = "api"     // OMS returned an error, or an answer that is no list of tasks
	Decode  Reason = "decode"  // invalid or incomplete JSON
	Limit   Reason = "limit"   // more pages or bytes than allowed
)

// Reasons returns all reasons in a fixed order.
func Reasons() []Reason {
	return []Reason{Connect, TLS, Timeout, Auth, HTTP, API, Decode, Limit}
}

// Error is the error of a request or a walk. Its text is one line. It has the target, the page and a hint, and no
// secret that Options.Redact removes.
type Error struct {
	Reason    Reason
	Target    string // Options.Target
	Page      int    // 0 for a failure of the whole walk
	Status    int    // HTTP status, 0 if no answer came
	Code      string // OMS' error code
	Message   string // message of OMS, cut; for any other answer the start of its body
	Advice    string
	RequestID string
	Hold      *Hold // nil: requests are not withheld

	what       string        // the event, if status and code do not show it
	hint       string        // the next step for the user
	err        error         // for errors.Is and errors.As
	refused    bool          // OMS refused the credentials; six refusals lock the account
	retry      bool          // worth another attempt
	busy       bool          // OMS is overloaded: pause before the next attempt
	stale      bool          // a reused connection broke: it may have died while idle
	retryAfter time.Duration // from the Retry-After header
}

// TimeoutError returns the error for a caller that waited for a walk of target, and stopped before its end. pages is
// the number of pages read so far.
func TimeoutError(target string, waited time.Duration, pages int) *Error {
	return &Error{
		Reason: Timeout, Target: target,
		what: fmt.Sprintf("no complete list within %s, %d pages read", waited.Round(time.Millisecond), pages),
		hint: timeoutHint,
	}
}

// CredentialsError returns the error for a walk of target without a request, because the credentials could not be read.
func CredentialsError(target string, err error) *Error {
	return &Error{Reason: Auth, Target: target, what: errorText(err), err: err}
}

const timeoutHint = "raise timeout (and the scrape_timeout of Prometheus) or concurrency, or check the load of the " +
	"OMS"

func (e *Error) Error() string {
	parts := []string{strings.TrimSpace("OMS " + e.Target)}
	if e.Page > 0 {
		parts = append(parts, fmt.Sprintf("page %d", e.Page))
	}
	if e.Status != 0 && e.Status != http.StatusOK {
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status))))
	}
	for _, text := range []string{e.what, e.codeAndMessage(), e.hint} {
		if text != "" {
			parts = append(parts, text)
		}
	}
	if e.RequestID != "" {
		parts[len(parts)-1] += " (requestId " + e.RequestID + ")"
	}
	return strings.Join(parts, ": ")
}

func (e *Error) codeAndMessage() string {
	text := e.Message
	if e.Code != "" && !strings.Contains(text, e.Code) {
		text = strings.TrimSpace(e.Code + " " + text)
	}
	if e.Advice != "" {
		text = strings.TrimSpace(text + " (OMS advises: " + e.Advice + ")")
	}
	return text
}

// Unwrap returns the wrapped error, or nil.
func (e *Error) Unwrap() error { return e.err }
