package command

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strings"
)

var pathPattern = regexp.MustCompile(`^(/[A-Za-z0-9_.~-]+)+$`)

// setURLs sets ExternalURL and RoutePrefix. The default of --web.route-prefix is the path of --web.external-url.
func (f *Flags) setURLs(external, prefix string) error {
	if external != "" {
		u, err := parseExternalURL(external)
		if err != nil { // without the value, which can contain a password
			return fmt.Errorf("--web.external-url: %w: "+
				"use http:// or https:// with a host and an optional path, or a path such as /oms/", err)
		}
		f.ExternalURL = u
		f.RoutePrefix = u.Path
	}
	if prefix == "" {
		return nil
	}
	f.RoutePrefix = strings.TrimRight(prefix, "/")
	if !strings.HasPrefix(prefix, "/") || f.RoutePrefix != "" && !isPath(f.RoutePrefix) {
		return fmt.Errorf(
			"--web.route-prefix=%s: use a path such as /oms with letters, digits, and _ . ~ - between the slashes",
			prefix,
		)
	}
	return nil
}

// parseExternalURL returns the URL without a trailing slash.
func parseExternalURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, errors.New("invalid URL")
	}
	u.Path = strings.TrimRight(u.Path, "/")
	switch {
	case u.Scheme == "" && u.Host == "" && strings.HasPrefix(text, "/"):
	case u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return nil, errors.New("no supported scheme or no host")
	}
	switch {
	case u.User != nil:
		return nil, errors.New("contains user info")
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(text, "#"):
		return nil, errors.New("contains a query or a fragment")
	case u.Path != "" && !isPath(u.Path):
		return nil, errors.New("contains characters in the path other than letters, digits, and _ . ~ -")
	}
	return u, nil
}

// isPath reports whether p is a clean path of characters that need no escape.
func isPath(p string) bool { return pathPattern.MatchString(p) && path.Clean(p) == p }
