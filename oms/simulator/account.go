package simulator

import "net/http"

// maxWrongPasswords is the number of wrong passwords in a row that lock the account, in all versions of OMS.
const maxWrongPasswords = 6

// account is the only user of the API.
type account struct {
	user, password string
	wrong          int // number of wrong passwords in a row
	locked         bool
}

// SetPassword changes the password, as in the console. A locked account stays locked.
func (s *Simulator) SetPassword(password string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account.password = password
}

// Locked reports whether wrong passwords have locked the account.
func (s *Simulator) Locked() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.account.locked
}

// checkCredentials returns the code and the text of the error for wrong credentials, or "" if they are right. It counts
// wrong passwords, and locks the account after maxWrongPasswords. The caller holds Simulator.mu.
func (a *account) checkCredentials(r *http.Request) (code, text string) {
	if a.user == "" {
		return "", ""
	}
	user, password, ok := r.BasicAuth()
	rightUser := ok && user == a.user
	switch {
	case rightUser && a.locked:
		return "USER_LOCKED", "The account is locked."
	case rightUser && password != a.password:
		a.wrong++
		a.locked = a.wrong >= maxWrongPasswords
		fallthrough
	case !rightUser:
		return "AUTHENTICATION_FAILED", "The user name or password is wrong."
	}
	a.wrong = 0
	return "", ""
}
