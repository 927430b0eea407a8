package config

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// readURL reads the base URL of a target. Its errors do not show the URL, which can contain a password.
func readURL(t *Target, v value) error {
	u, err := v.url("http", "https")
	if err != nil {
		return err
	}
	switch {
	case u.User != nil:
		return v.errorf("contains user info: move it to http_client.basic_auth")
	case u.RawQuery != "" || u.ForceQuery:
		return v.errorf("contains a query: use only host, port and path prefix")
	case strings.Contains(v.node.Value, "#"):
		return v.errorf("contains a fragment: use only host, port and path prefix")
	}
	base := strings.TrimRight(u.String(), "/")
	if lower := strings.ToLower(base); strings.HasSuffix(lower, "/api") || strings.HasSuffix(lower, "/api/v2") {
		return v.errorf("ends with the path of the API: remove /api/v2, which the exporter adds")
	}
	t.URL = base
	return nil
}

// url parses an absolute URL of one of the schemes. Its errors do not show the URL.
func (v value) url(schemes ...string) (*url.URL, error) {
	text, err := v.text()
	if err != nil {
		return nil, err
	}
	last := len(schemes) - 1
	allowed := "use " + strings.Join(schemes[:last], "://, ") + ":// or " + schemes[last] + ":// with a host"
	u, err := url.Parse(text)
	if err != nil {
		return nil, v.errorf("invalid URL: %s", allowed)
	}
	if !slices.Contains(schemes, u.Scheme) || u.Hostname() == "" {
		return nil, v.errorf("no supported scheme or no host: %s", allowed)
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return nil, v.errorf("invalid port: use 1 to 65535")
		}
	}
	return u, nil
}
