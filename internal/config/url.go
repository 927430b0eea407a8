package config

import (
	"net/url"
	"strconv"
	"strings"
)

// readURL checks the base URL of a target. No error repeats any of it: it may
// hold a password.
func readURL(t *Target, v value) error {
	text, err := v.text()
	if err != nil {
		return err
	}
	u, err := checkURL(v, text, "http", "https")
	if err != nil {
		return err
	}
	switch {
	case u.User != nil:
		return v.errorf("has user info: it belongs into http_client.basic_auth")
	case u.RawQuery != "" || u.ForceQuery:
		return v.errorf("has a query: allowed are host, port and a path prefix")
	case strings.Contains(text, "#"):
		return v.errorf("has a fragment: allowed are host, port and a path prefix")
	}
	base := strings.TrimRight(u.String(), "/")
	if lower := strings.ToLower(base); strings.HasSuffix(lower, "/api") || strings.HasSuffix(lower, "/api/v2") {
		return v.errorf("ends in the path of the API, which the exporter adds itself: leave /api/v2 out of url")
	}
	t.URL = base
	return nil
}

// checkURL parses an absolute URL of one of the schemes.
func checkURL(v value, text string, schemes ...string) (*url.URL, error) {
	allowed := "allowed is " + strings.Join(schemes, "://, ") + ":// with a host"
	u, err := url.Parse(text)
	if err != nil {
		return nil, v.errorf("no valid URL: %s", allowed)
	}
	known := false
	for _, scheme := range schemes {
		known = known || u.Scheme == scheme
	}
	if !known || u.Hostname() == "" {
		return nil, v.errorf("no scheme that is supported, or no host: %s", allowed)
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return nil, v.errorf("no valid port: allowed is 1 to 65535")
		}
	}
	return u, nil
}
