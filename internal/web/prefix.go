package web

import (
	"net/http"
	"path"
	"strings"
)

// externalPath returns the prefix of all paths for clients. A proxy may strip the prefix, or a part of it.
func (s *Server) externalPath() string {
	if s.options.ExternalURL != nil {
		return s.options.ExternalURL.Path
	}
	return s.options.RoutePrefix
}

// externalAddress returns the host and scheme of the exporter for the client of a request.
func (s *Server) externalAddress(r *http.Request) (host, scheme string) {
	if external := s.options.ExternalURL; external != nil && external.Host != "" {
		return external.Host, external.Scheme
	}
	if r.TLS != nil {
		return r.Host, "https"
	}
	return r.Host, "http"
}

// withPrefix serves the paths of handler below the route prefix, and redirects / to it.
func (s *Server) withPrefix(handler http.Handler) http.Handler {
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
	// http.ServeMux redirects a path with // or .. without regard to the external path.
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		clean := cleanPath(r.URL.Path)
		if rest, below := strings.CutPrefix(clean, prefix+"/"); below && clean != r.URL.Path {
			to := *r.URL
			to.Path, to.RawPath = s.externalPath()+"/"+rest, ""
			http.Redirect(w, r, to.RequestURI(), http.StatusTemporaryRedirect) //nolint:gosec // a path of this server
			return
		}
		handler.ServeHTTP(w, r)
	})
}

// cleanPath removes //, . and .. from a path.
func cleanPath(p string) string {
	if !strings.HasPrefix(p, "/") { // CONNECT, or OPTIONS *
		return p
	}
	clean := path.Clean(p)
	if strings.HasSuffix(p, "/") && clean != "/" {
		clean += "/"
	}
	return clean
}
