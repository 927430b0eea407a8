package oms

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
)

// apiError returns the error for an answer with success false, or without data.
func (c *call) apiError(envelope Envelope, what string) *Error {
	e := &Error{Reason: API, Status: http.StatusOK, what: what}
	e.addEnvelope(envelope)
	e.hint = apiHints[e.Code]
	switch {
	case e.hint != "": // about something else than the user, whatever the text: OMS has logins of its own
	case what == noData:
		e.hint = compareHint
	case refusesCredentials(e.Code, e.Message):
		e.Reason, e.refused = Auth, true
		e.hint = c.authHint()
	default:
		e.hint = "search the log of the OMS for it; if it concerns the user, check basic_auth in the config"
	}
	return e
}

const unavailableHint = "if the OMS console works, a rate limit refuses requests, so lower concurrency or scrape " +
	"less often; if not, check the OMS host"

const (
	noData      = "the answer has no data"
	compareHint = "check that url is the OMS, and compare with the answer to the same request with curl"
)

// apiHints has the hints for known codes.
var apiHints = map[string]string{
	"PARAM_ERROR":         "check filter and page_size; community OMS may refuse filter.statuses",
	"GHANA-OPERAT000001":  "the CM service of the OMS may be down: check the OMS host",
	"GHANA-OPERIE000000":  "internal error of the OMS: check its log",
	"INNER_ERROR":         "internal error of the OMS: check its log",
	"CM-RESOAT1111":       "internal error of the OMS: check its log",
	"TIMEOUT_EXCEPTION":   "OMS reported a timeout of its own: check its load",
	"GHANA-PROJECT000001": "a task was deleted while OMS listed it: the next scrape should succeed",
}

// addEnvelope copies code, message and advice from the envelope, in its old or new form.
func (e *Error) addEnvelope(envelope Envelope) {
	e.Code, e.Message, e.Advice, e.RequestID = envelope.Code, envelope.Message, envelope.Advice, envelope.RequestID
	if detail := envelope.ErrorDetail; detail != nil {
		if e.Code == "" {
			e.Code = detail.Code
		}
		if e.Message == "" {
			e.Message = detail.Message
		}
		if e.Advice == "" {
			e.Advice = detail.Proposal
		}
	}
}

// statusError returns the error for an answer with any status but 200. start is the start of its body.
func (c *call) statusError(res *http.Response, start []byte) *Error {
	e := &Error{Reason: HTTP, Status: res.StatusCode}
	if page, err := decodePage(bytes.NewReader(start), decodeOptions{redact: c.redact}); err == nil {
		e.addEnvelope(page.Envelope)
	}
	if e.Code == "" && e.Message == "" && len(bytes.TrimSpace(start)) > 0 {
		e.Message = c.excerpt(res, start, maxSanitized)
	}
	switch status := res.StatusCode; {
	case status == http.StatusUnauthorized, refusesCredentials(e.Code, e.Message) && status < 500:
		e.Reason, e.refused = Auth, true
		e.hint = c.authHint()
	case status == http.StatusForbidden:
		e.Reason = Auth
		e.hint = "give the user a role that may list tasks (ROOT-VIEWER), or check basic_auth in the config" + c.user()
	case status == http.StatusProxyAuthRequired:
		e.Reason = Connect
		e.hint = "check proxy_url under http_client, and its credentials"
	case status >= 300 && status < 400:
		c.explainRedirect(e, res)
	case status == http.StatusBadRequest && bytes.Contains(start, []byte("HTTPS")):
		e.Reason = TLS
		e.hint = httpsHint
	case status == http.StatusNotFound:
		e.hint = "set url to the address of the OMS console (port 8089), including its path prefix, if any"
	case apiHints[e.Code] != "" && status < 500:
		e.hint = apiHints[e.Code]
	case status == http.StatusRequestTimeout:
		e.hint = "OMS reported a timeout of its own: check its load"
	case status == http.StatusTooManyRequests:
		e.hint = "lower concurrency, or scrape less often"
		e.retry, e.busy, e.retryAfter = true, true, retryAfter(res.Header)
	case status == http.StatusServiceUnavailable:
		e.hint = unavailableHint
		e.retry, e.busy, e.retryAfter = true, true, retryAfter(res.Header)
	case status == http.StatusBadGateway, status == http.StatusGatewayTimeout:
		e.hint = "the proxy in front of the OMS cannot reach it: check that the OMS console works"
		e.retry, e.busy, e.retryAfter = true, true, retryAfter(res.Header)
	case status >= 500:
		e.hint = "check the log of the OMS, or of the proxy in front of it, at this time"
	default:
		e.hint = "set url to the address of the OMS console (port 8089)"
	}
	return e
}

// authHint returns the hint for refused credentials.
func (c *call) authHint() string {
	return "check basic_auth in the config" + c.user() + ": the password may be wrong or expired, or the account locked"
}

// user returns the user name for a hint, or "" if there is none.
func (c *call) user() string {
	if c.options.User == "" {
		return ""
	}
	return fmt.Sprintf(" (user %q)", c.options.User)
}

// refusals has the codes and texts, in lower case, with which OMS or a login in front of it refuses credentials. The
// documentation of OMS has none of them. They come from its console, in both languages, and from common practice.
var refusals = struct{ codes, texts []string }{
	codes: []string{
		"401", "unauthorized", "unauthenticated", "authentication_failed", "auth_failed", "invalid_credentials",
		"login_required", "not_login", "password_error", "password_expired", "user_locked", "account_locked",
	},
	texts: []string{
		"wrong password", "incorrect password", "invalid password", "password is wrong", "password is incorrect",
		"password is invalid", "password error", "password expired", "password has expired", "password is expired",
		"account is locked", "account has been locked", "account locked", "user is locked", "user has been locked",
		"user locked", "authentication failed", "bad credentials", "credentials have expired", "not logged in",
		"please log in", "密码错误", "密码输入错误", "密码不正确", "密码有误", "密码过期", "密码已过期", "账号已锁定", "账号被锁定", "账户已锁定", "账户被锁定",
		"用户已锁定", "用户被锁定", "已被锁定", "认证失败", "鉴权失败", "未登录", "请先登录", "请登录",
	},
}

// refusesCredentials reports whether an error of OMS is about the credentials.
func refusesCredentials(code, message string) bool {
	return slices.Contains(refusals.codes, strings.ToLower(code)) ||
		containsAny(strings.ToLower(message), refusals.texts)
}

// explainRedirect distinguishes a login page, which has another path, from an OMS that has moved.
func (c *call) explainRedirect(e *Error, res *http.Response) {
	e.Message = "" // the body of a redirect is of no use
	to, err := res.Location()
	if err != nil {
		e.hint = "check that url is the OMS: it redirects without a Location"
		return
	}
	to.RawQuery, to.Fragment, to.User = "", "", nil // a query can have the ticket of a login
	asked, err := url.Parse(c.url)
	if err == nil && path.Clean(to.Path) != path.Clean(asked.Path) {
		e.Reason, e.refused = Auth, true
		e.what = "redirected to " + sanitize(c.redact, to.String())
		e.hint = "if that is a login page, " + c.authHint()
		return
	}
	to.Path = strings.TrimSuffix(path.Clean(to.Path), "/api/v2")
	if base := to.String(); strings.HasPrefix(c.url, base+"/api/v2?") {
		e.hint = "check the proxy in front of the OMS: it redirects to the same address, for example for a login or a cookie"
	} else {
		e.hint = "set url to " + sanitize(c.redact, base)
	}
}
