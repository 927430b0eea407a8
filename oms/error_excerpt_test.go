package oms

import (
	"net/http"
	"strings"
	"testing"
)

// An answer that does not come from OMS is shown by its start. The longest secrets are longer than the excerpt and have
// to be recognized as a whole.
func TestExcerpt(t *testing.T) {
	token := strings.Repeat("hunter2.", 110) // as long as a usual JSON web token
	for rule, body := range map[string]string{
		"a long secret at the start":   "unknown token " + token + ", sorry",
		"a secret after much space":    "unknown token" + strings.Repeat(" ", maxText-17) + token,
		"a secret that the limit cuts": "unknown token" + strings.Repeat(" ", maxStart-100) + token,
		"a secret that just fits":      strings.Repeat(" ", maxStart-len(token)) + token,
	} {
		for _, status := range []int{http.StatusOK, http.StatusInternalServerError} {
			t.Run(rule, func(t *testing.T) {
				url, hc := respondWith(status, body)(t)
				hide := func(s string) string { return strings.ReplaceAll(s, token, "<secret>") }
				c := newClient(t, url, hc, Options{Redact: func() func(string) string { return hide }})
				_, err := c.ListProjects(t.Context(), ListProjectsRequest{})
				if err == nil || !strings.Contains(err.Error(), "OMS: page 1: ") ||
					strings.Contains(err.Error(), "hunter") {
					t.Errorf("%d: %v", status, err)
				}
			})
		}
	}
}

// A token server gives the token, so Options.Redact does not know it.
func TestExcerptAccessToken(t *testing.T) {
	for _, body := range []string{"unknown token hunter2-1234", `{"success":false,"message":"unknown token hunter2-1234"}`} {
		url, hc := respondWith(http.StatusUnauthorized, body)(t)
		next := hc.Transport
		hc.Transport = roundTripFunc(func(r *http.Request) (*http.Response, error) {
			r = r.Clone(r.Context())
			r.Header.Set("Authorization", "Bearer hunter2-1234")
			return next.RoundTrip(r)
		})
		_, err := newClient(t, url, hc, Options{}).ListProjects(t.Context(), ListProjectsRequest{})
		if err == nil || !strings.Contains(err.Error(), "unknown token <secret>") {
			t.Errorf("%v", err)
		}
	}
}
