package simulator

import (
	"maps"
	"net/http"
	"slices"
	"time"
)

// Fault is an answer that is no list, or a list that does not arrive whole. Page, Request and Attempts say when it applies;
// left at zero, they say always. Delays of all that apply add up; the first that has a Kind decides the answer.
type Fault struct {
	Page     int // this pageNumber only
	Request  int // the n-th ListProjects request only, counted from 1 since the last Set or Reset
	Attempts int // the first so many requests for each page, counted since the last Set or Reset

	Delay time.Duration // before the headers; ends early when the client goes away
	Stall time.Duration // after the first half of the body; likewise

	Kind   FaultKind
	Status int         // of Answer and Refuse; 0: 200
	Header http.Header // of Answer
	Body   string      // of Answer
	Code   string      // of Refuse: the envelope's code
	Text   string      // of Refuse: the envelope's message; "": a fitting one
	Size   int64       // of Bomb: bytes once decompressed; 0: 1 GiB
}

// FaultKind is the kind of answer.
type FaultKind int

// The kinds of answer.
const (
	NoFault     FaultKind = iota // the healthy answer, after the delays
	Answer                       // Status, Header and Body as given
	Refuse                       // an envelope with success false and Code
	Silence                      // nothing at all, until the client goes away
	Reset                        // the connection is reset before the first byte
	ResetInBody                  // the connection is reset after half the body
	CutLength                    // half the body, though Content-Length promises all of it
	CutChunked                   // half the body, chunked, without the last chunk
	Bomb                         // a small gzip body that becomes Size bytes
	Endless                      // a JSON string without an end, until the client goes away
)

// StatusFault answers any HTTP status with any body.
func StatusFault(status int, body string) Fault {
	return Fault{Kind: Answer, Status: status, Body: body}
}

// CodeFault answers 200 with success false and one of OMS's error codes.
func CodeFault(code string) Fault { return Fault{Kind: Refuse, Code: code} }

// HTMLFault answers 200 with a web page, as a console or a login page before the OMS does.
func HTMLFault() Fault {
	return Fault{Kind: Answer, Status: http.StatusOK, Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, Body: loginPage}
}

// RetryFault answers a status with Retry-After (seconds or an HTTP date).
func RetryFault(status int, after string) Fault {
	return Fault{Kind: Answer, Status: status, Header: http.Header{"Retry-After": {after}}}
}

const loginPage = `<!DOCTYPE html>
<html><head><title>OceanBase Migration Service</title></head><body><form action="/login" method="post"></form></body></html>
`

// ErrorCodes are the codes that an OMS is known to put into a refusing envelope.
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

// applied is what the faults that apply to one request come to.
type faultEffect struct {
	delay, stall time.Duration
	fault        Fault // its Kind is NoFault where none answers
}

func (b *Behaviour) faultFor(r Request) faultEffect {
	var a faultEffect
	for _, f := range b.Faults {
		if f.Page != 0 && f.Page != r.Page || f.Request != 0 && f.Request != r.serial || f.Attempts != 0 && r.attempt > f.Attempts {
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
