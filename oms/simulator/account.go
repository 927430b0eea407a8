package simulator

import (
	"crypto/subtle"
	"net/http"
	"time"
)

// maxWrongPasswords in a row lock the account, in all versions of OMS.
const maxWrongPasswords = 6

// account is the one user who may call the API.
type account struct {
	user, password string
	age            time.Duration // after which the password expires; 0: never
	set            time.Time     // when the password was set
	wrong          int           // wrong passwords in a row
	locked         bool
}

// SetPassword changes the password, as its user does in the console. The account stays locked if it is.
func (s *Simulator) SetPassword(password string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account.password, s.account.set = password, s.now()
}

// Unlock unlocks the account, as root does in the console.
func (s *Simulator) Unlock() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account.wrong, s.account.locked = 0, false
}

// Locked reports whether wrong passwords have locked the account.
func (s *Simulator) Locked() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.account.locked
}

// denial returns the code and the text of a refusal, or "" if the request may pass.
func (a *account) denial(r *http.Request, now time.Time) (code, text string) {
	if a.user == "" {
		return "", ""
	}
	user, password, ok := r.BasicAuth()
	known := ok && sameSecret(user, a.user)
	switch {
	case known && a.locked:
		return "USER_LOCKED", "The account is locked."
	case known && !sameSecret(password, a.password):
		a.wrong++
		a.locked = a.wrong >= maxWrongPasswords
		fallthrough
	case !known:
		return "AUTHENTICATION_FAILED", "The user name or password is wrong."
	}
	a.wrong = 0
	if a.age > 0 && now.Sub(a.set) > a.age {
		return "PASSWORD_EXPIRED", "The password has expired."
	}
	return "", ""
}

func sameSecret(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
