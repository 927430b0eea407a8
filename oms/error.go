package oms

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Reason is why a request or a walk failed. The set is closed: see Reasons.
type Reason string

// The reasons.
const (
	Connect Reason = "connect" // DNS, refused, reset, unreachable, a proxy that refuses the request
	TLS     Reason = "tls"     // certificates, handshake, HTTP where HTTPS was meant and the reverse
	Timeout Reason = "timeout" // the deadline, in any phase
	Auth    Reason = "auth"    // 401, 403, a redirect to a login page, a secret file that cannot be read
	HTTP    Reason = "http"    // any other status but 200
	API     Reason = "api"     // OMS returned an error, or what is no list of tasks
	Decode  Reason = "decode"  // not the JSON that was expected, or not all of it
	Limit   Reason = "limit"   // more pages or bytes than allowed
)

// Reasons are all there are, in a fixed order.
func Reasons() []Reason {
	return []Reason{Connect, TLS, Timeout, Auth, HTTP, API, Decode, Limit}
}

// Error is why a request or a walk failed. Its text is one line, names target and page, says what to do, and holds no secret that the
// client was told to redact.
type Error struct {
	Reason    Reason
	Target    string // Options.Target
	Page      int    // 0 where the failure is of the walk as a whole
	Status    int    // HTTP status, 0 if no answer came
	Code      string // OMS' error code
	Message   string // OMS' words, cut; of an answer that is not OMS' the beginning of its body
	Advice    string
	RequestID string
	Hold      *Hold // why further requests are withheld; nil: they are not

	what       string        // what happened, where status and code do not tell it
	hint       string        // what to do
	err        error         // the cause, for errors.Is
	refused    bool          // OMS refused the credentials, which counts towards the lock of the account
	retry      bool          // worth another attempt
	busy       bool          // and worth a pause, since OMS has too much to do
	stale      bool          // a connection that had been used before broke: it may have died while it was idle
	retryAfter time.Duration // what the server asked for
}

// TimeoutError is for someone who stopped waiting for a walk of target after waited, when so many pages had been read.
func TimeoutError(target string, waited time.Duration, pages int) *Error {
	return &Error{
		Reason: Timeout, Target: target,
		what: fmt.Sprintf("no complete list within %s, %d pages read", waited.Round(time.Millisecond), pages),
		hint: timeoutHint,
	}
}

// CredentialsError is for a walk of target whose credentials could not be read, so that no request was made.
func CredentialsError(target string, err error) *Error {
	return &Error{Reason: Auth, Target: target, what: errorText(err), err: err}
}

const timeoutHint = "raise timeout (and the scrape_timeout of Prometheus) or concurrency, or look at the load of the OMS"

func (e *Error) Error() string {
	parts := make([]string, 0, 8)
	if e.Target != "" {
		parts = append(parts, "OMS "+e.Target)
	} else {
		parts = append(parts, "OMS")
	}
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

// Unwrap gives the cause, if another error was it.
func (e *Error) Unwrap() error { return e.err }
