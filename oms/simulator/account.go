package simulator

import (
	"crypto/subtle"
	"net/http"
	"time"
)

// maxWrongPasswords is the number of wrong passwords in a row that lock the account, in all versions of OMS.
const maxWrongPasswords = 6

// account is the only user of the API.
type account struct {
	user, password string
	age            time.Duration // the password expires at this age; 0: never
	set            time.Time     // when the password was set
	wrong          int           // number of wrong passwords in a row
	locked         bool
}

// SetPassword changes the password, like the user in the console. A locked account stays locked.
func (s *Simulator) SetPassword(password string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account.password, s.account.set = password, s.now()
}

// Unlock unlocks the account, like root in the console.
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
