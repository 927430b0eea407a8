package command

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strings"
)

var prefixPattern = regexp.MustCompile(`^((/[A-Za-z0-9_.~-]+)+)?$`)

// settleURLs reads --web.external-url and --web.route-prefix, whose default is the path of the former.
func (f *Flags) settleURLs(external, prefix string) error {
	if external != "" {
		u, err := parseExternal(external)
		if err != nil { // the value is not repeated: it may have a password
			return fmt.Errorf("--web.external-url: %w: want http:// or https:// with a host and perhaps a path, or a path such as /oms/", err)
		}
		f.ExternalURL = u
		f.RoutePrefix = u.Path
	}
	if prefix == "" {
		return nil
	}
	f.RoutePrefix = strings.TrimRight(prefix, "/")
	if !strings.HasPrefix(prefix, "/") || !isPrefix(f.RoutePrefix) {
		return fmt.Errorf("--web.route-prefix=%s: not a path such as /oms (letters, digits, and _ . ~ - between the slashes)", prefix)
	}
	return nil
}

// parseExternal returns the URL without a slash at its end.
func parseExternal(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, errors.New("no valid URL")
	}
	u.Path = strings.TrimRight(u.Path, "/")
	switch {
	case u.Scheme == "" && u.Host == "" && strings.HasPrefix(text, "/"):
	case u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return nil, errors.New("no scheme that is supported, or no host")
	}
	switch {
	case u.User != nil:
		return nil, errors.New("has user info")
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(text, "#"):
		return nil, errors.New("has a query or a fragment")
	case !isPrefix(u.Path):
		return nil, errors.New("has a path with other characters than letters, digits, and _ . ~ -")
	}
	return u, nil
}

func isPrefix(p string) bool { return prefixPattern.MatchString(p) && (p == "" || path.Clean(p) == p) }
