package simulator

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"
)

const maxRequestBody = 1 << 20

// ServeHTTP answers POST /api/v2?Action=ListProjects and GET /oms/health. It answers other requests like the web server
// in front of OMS.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/oms/health" {
		answerText(w, http.StatusOK, jsonType, `{"success":true,"data":{"healthy":true}}`)
		return
	}
	if r.URL.Path != "/api/v2" {
		answerText(w, http.StatusNotFound, "text/html", "<html><head><title>404 Not Found</title></head></html>\n")
		return
	}
	now := s.now()
	// Read the body first: until then net/http does not notice that the client has closed.
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequestBody))
	x := exchange{Simulator: s, w: w, r: r, now: now}
	x.request = Request{When: now, Method: r.Method, Action: r.URL.Query().Get("Action"), Header: r.Header.Clone()}
	if err == nil {
		x.request.Query, err = readQuery(body)
	}
	x.queryErr = err
	x.request.Page = x.request.page()
	if x.request.Header.Get("Authorization") != "" {
		x.request.Header.Set("Authorization", "(given)")
	}
	x.request, x.behaviour = s.logRequest(x.request)
	defer s.count(func(c *Counts) { c.InFlight-- })
	x.setDateHeader()
	if x.request.Action == listProjects {
		x.effect = x.behaviour.faultFor(x.request)
	}
	x.answer()
}

const jsonType = "application/json"

// exchange is one request to the API.
type exchange struct {
	*Simulator
	w         http.ResponseWriter
	r         *http.Request
	now       time.Time
	request   Request
	behaviour Behaviour
	effect    faultEffect
	queryErr  error
}

func (x *exchange) setDateHeader() {
	header, b := x.w.Header(), &x.behaviour
	switch {
	case b.WithoutDate:
		header["Date"] = nil
	case b.DateText != "":
		header.Set("Date", b.DateText)
	default:
		header.Set("Date", x.now.Add(b.DateOffset).UTC().Format(http.TimeFormat))
	}
}

func (x *exchange) answer() {
	if !sleep(x.r.Context(), x.effect.delay) {
		return
	}
	if x.answerFault() {
		return
	}
	switch mediaType, _, _ := mime.ParseMediaType(x.r.Header.Get("Content-Type")); {
	case x.r.Method != http.MethodPost:
		x.w.Header().Set("Allow", http.MethodPost)
		x.answerStatus(http.StatusMethodNotAllowed)
	case x.denyCredentials():
	case mediaType != jsonType:
		x.answerStatus(http.StatusUnsupportedMediaType)
	case x.request.Action != listProjects:
		x.answerParamError(fmt.Sprintf("Action %q is not supported.", x.request.Action))
	default:
		x.answerList()
	}
}

func (x *exchange) answerStatus(status int) {
	answerText(x.w, status, "text/plain", http.StatusText(status)+"\n")
}

// answerParamError answers PARAM_ERROR with status 200, like OMS.
func (x *exchange) answerParamError(message string) {
	x.answerError(http.StatusOK, "PARAM_ERROR", message)
}

func (x *exchange) answerError(status int, code, message string) {
	answerText(x.w, status, jsonType, string(errorEnvelope(code, message, x.behaviour.Form,
		requestID(x.now, x.request.Query))))
}

// denyCredentials answers a request with wrong credentials, and reports whether it did.
func (x *exchange) denyCredentials() bool {
	x.mu.Lock()
	code, message := x.account.checkCredentials(x.r)
	x.mu.Unlock()
	if code == "" {
		return false
	}
	x.count(func(c *Counts) { c.Denied++ })
	switch x.behaviour.Denial {
	case DenyRedirect:
		x.w.Header().Set("Location", "/oms-v2/login?redirect=%2Fapi%2Fv2")
		answerText(x.w, http.StatusFound, "text/html", "")
		return true
	case DenyEnvelope:
		x.answerError(http.StatusOK, code, message)
		return true
	}
	x.w.Header().Set("WWW-Authenticate", `Basic realm="OMS"`)
	switch x.behaviour.Denial {
	case DenyHTML:
		answerText(x.w, http.StatusUnauthorized, "text/html", loginPage)
	case DenyEmpty:
		x.w.WriteHeader(http.StatusUnauthorized)
	default:
		x.answerError(http.StatusUnauthorized, code, message)
	}
	return true
}

func (x *exchange) answerList() {
	q := &x.request.Query
	size := q.size()
	switch limit := x.behaviour.cap(); {
	case x.queryErr != nil:
		x.answerParamError(x.queryErr.Error())
		return
	case size > limit && x.behaviour.OverCap == CapRefused:
		x.answerParamError(fmt.Sprintf("pageSize: at most %d", limit))
		return
	case size > limit:
		size = limit
	}
	x.count(func(c *Counts) { c.Pages++ })
	entries := withNonTasks(x.selected(x.now, q, &x.behaviour, x.request.serial), &x.behaviour)
	p := pageOf(entries, q, size, &x.behaviour)
	x.send(p.envelope(&x.behaviour, requestID(x.now, *q)))
}

func answerText(w http.ResponseWriter, status int, contentType, body string) {
	w.Header().Set("Content-Type", contentType+"; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body) // the client may be gone
}
