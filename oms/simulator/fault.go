package simulator

import (
	"maps"
	"net/http"
	"slices"
	"time"
)

// Fault is an answer that is no list, or a list that does not arrive as a whole. It applies to the requests that Page
// and Attempts select; 0 selects all. The delays of all faults that apply are added. The first one with a Kind decides
// the answer.
type Fault struct {
	Page     int // this pageNumber only
	Attempts int // the first n requests for each page only, counted since the last Set or Reset

	Delay time.Duration // before the headers; ends early when the client closes
	Stall time.Duration // after the first half of the body; likewise

	Kind   FaultKind
	Status int         // of Answer and ErrorEnvelope; 0: 200
	Header http.Header // of Answer
	Body   string      // of Answer
	Code   string      // of ErrorEnvelope: code of the envelope
	Text   string      // of ErrorEnvelope: message of the envelope; "": the usual one
	Size   int64       // of Bomb: decompressed bytes; 0: 1 GiB
}

// FaultKind is the kind of a fault.
type FaultKind int

// The kinds of faults.
const (
	NoFault       FaultKind = iota // the healthy answer after the delays
	Answer                         // an answer with Status, Header and Body
	ErrorEnvelope                  // an envelope with success false and Code
	Silence                        // no answer until the client closes
	Reset                          // the connection is reset before the first byte
	ResetInBody                    // the connection is reset after half the body
	CutLength                      // half of the body, though Content-Length promises all of it
	CutChunked                     // half of the body, chunked, without the last chunk
	Bomb                           // a small gzip body with Size decompressed bytes
	Endless                        // an endless JSON string until the client closes
)

// StatusFault returns a fault with an HTTP status and a body.
func StatusFault(status int, body string) Fault {
	return Fault{Kind: Answer, Status: status, Body: body}
}

// CodeFault returns a fault with status 200, success false and an error code of OMS.
func CodeFault(code string) Fault { return Fault{Kind: ErrorEnvelope, Code: code} }

// HTMLFault returns a fault with a web page and status 200, like a console or a login page in front of OMS.
func HTMLFault() Fault {
	return Fault{Kind: Answer, Status: http.StatusOK, Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}},
		Body: loginPage}
}

// RetryFault returns a fault with a status and Retry-After, in seconds or as an HTTP date.
func RetryFault(status int, after string) Fault {
	return Fault{Kind: Answer, Status: status, Header: http.Header{"Retry-After": {after}}}
}

const loginPage = `<!DOCTYPE html>
<html><head><title>OceanBase Migration Service</title></head><body><form action="/login"></form></body></html>
`

// ErrorCodes returns the known error codes of OMS.
func ErrorCodes() []string { return slices.Sorted(maps.Keys(errorTexts)) }

var errorTexts = map[string]string{
	"PARAM_ERROR":         "The parameter is invalid.",
	"GHANA-OPERAT000001":  "The CM service may be not available.",
	"GHANA-OPERIE000000":  "An internal error occurred.",
	"GHANA-PROJECT000001": "The project does not exist.",
	"INNER_ERROR":         "A system error occurred.",
	"CM-RESOAT1111":       "A system error occurred.",
	"TIMEOUT_EXCEPTION":   "The scheduler timed out.",
}

// faultEffect is the combined effect of the faults that apply to one request.
type faultEffect struct {
	delay, stall time.Duration
	fault        Fault // NoFault: the healthy answer
}

func (b *Behaviour) faultFor(r Request) faultEffect {
	var a faultEffect
	for _, f := range b.Faults {
		if f.Page != 0 && f.Page != r.Page || f.Attempts != 0 && r.attempt > f.Attempts {
			continue
		}
		a.delay += f.Delay
		a.stall += f.Stall
		if a.fault.Kind == NoFault {
			a.fault = f
		}
	}
	return a
}
