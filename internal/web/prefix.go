package web

import (
	"net/http"
	"path"
	"strings"
)

// externalPath is the prefix of all paths as clients request them. A proxy may strip it, or a part of it, from what arrives here.
func (s *Server) externalPath() string {
	if s.options.ExternalURL != nil {
		return s.options.ExternalURL.Path
	}
	return s.options.RoutePrefix
}

// externalAddress returns the host and scheme by which the client of a request reaches the exporter.
func (s *Server) externalAddress(r *http.Request) (host, scheme string) {
	if external := s.options.ExternalURL; external != nil && external.Host != "" {
		return external.Host, external.Scheme
	}
	if r.TLS != nil {
		return r.Host, "https"
	}
	return r.Host, "http"
}

// belowPrefix serves the paths of handler below the route prefix. / leads there.
func (s *Server) belowPrefix(handler http.Handler) http.Handler {
	prefix := s.options.RoutePrefix
	if prefix != "" {
		mux := http.NewServeMux()
		mux.Handle(prefix+"/", http.StripPrefix(prefix, handler))
		root := func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, s.externalPath()+"/", http.StatusFound)
		}
		mux.HandleFunc("GET /{$}", root)
		mux.HandleFunc("GET "+prefix, root)
		handler = mux
	}
	// http.ServeMux redirects a path with // or .. in it to the path as it arrived here.
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		clean := cleanPath(r.URL.Path)
		if rest, below := strings.CutPrefix(clean, prefix+"/"); below && clean != r.URL.Path {
			to := *r.URL
			to.Path, to.RawPath = s.externalPath()+"/"+rest, ""
			http.Redirect(w, r, to.RequestURI(), http.StatusTemporaryRedirect) //nolint:gosec // a clean path of this server, without a host
			return
		}
		handler.ServeHTTP(w, r)
	})
}

// cleanPath removes //, . and .. from a path.
func cleanPath(p string) string {
	if !strings.HasPrefix(p, "/") { // of CONNECT or of OPTIONS *
		return p
	}
	clean := path.Clean(p)
	if strings.HasSuffix(p, "/") && clean != "/" {
		clean += "/"
	}
	return clean
}
