package simulator

import (
	"maps"
	"slices"
	"time"
)

// Behaviour is how the simulator answers. The zero value is a healthy OMS: native scalars, totalCount counts records, a
// pageSize over 150 is a PARAM_ERROR, and past the end comes an empty array.
type Behaviour struct {
	Form       Form       // how scalars and keys are spelt
	PascalRows bool       // with Form Pascal: rows' keys too, not the envelope's alone
	Unused     Unused     // what becomes of members that tell a monitor nothing
	ExtraInfo  ExtraShape // the shape of every row's extraInfo
	Gzip       bool       // gzip for clients that accept it

	Denial      Denial        // the answer to wrong credentials
	DateOffset  time.Duration // added to the clock in the Date header
	DateText    string        // instead of a date, when not empty
	WithoutDate bool          // no Date header at all

	Cap       int           // the largest pageSize; 0: 150
	Least     int           // the smallest number of rows of a full page, whatever pageSize asks for
	OverCap   OverCap       // what a larger pageSize gives
	Total     Total         // what totalCount says
	TotalMore int           // added to totalCount
	PastEnd   PastEnd       // what comes past the last page
	FirstOnly bool          // pageNumber is ignored: every page is the first
	PageRows  map[int]int   // the most rows a page has; what does not fit moves to the pages behind it
	LostRows  map[int][]int // rows of a page, counted from 0, that are left out and appear nowhere
	Visible   int           // > 1: only each n-th record of the list stays on its page, as for a user who may see no more; totalCount counts all
	Overlap   int           // rows at the end of a page that stand at the beginning of the next one again

	NullRows int // rows that are null, spread over the list and counted in totalCount
	NoIDRows int // rows without id, likewise
	TextRows int // rows that are no objects, likewise

	HideEnded         bool     // RELEASED and DELETED tasks only when the request's status names them
	RefuseStatusArray bool     // status must be a string, as the community edition documents it
	Changes           []Change // tasks added and removed while a walk is under way
	Faults            []Fault  // answers that are no list; the first that applies and answers is the answer
}

// Form is how an answer is spelt.
type Form int

// The forms of an answer.
const (
	Native Form = iota // numbers and booleans are such
	Quoted             // every number and boolean is a string
	Pascal             // native scalars, the envelope's keys begin with a capital, code is a number and cost too
)

// Unused says what becomes of members that tell a monitor nothing (connection details, deprecated objects, reference rates).
type Unused int

// What becomes of members that tell nothing.
const (
	UnusedGiven  Unused = iota // they are there, as OMS gives them
	UnusedNull                 // they are there and null
	UnusedAbsent               // they are not there, and neither is any member that would be null
)

// ExtraShape is the shape of a row's extraInfo.
type ExtraShape int

// The shapes of extraInfo.
const (
	ExtraAsStory ExtraShape = iota // each story its own
	ExtraNull                      // null in every row
	ExtraFigures                   // in every row the documented figures: syncDelay, sample time, retention ("shape 1")
	ExtraErrors                    // in every row the error members, as the document's example shows ("shape 2")
)

// Denial is the answer to a request with wrong credentials or none.
type Denial int

// The answers to wrong credentials.
const (
	DenyJSON     Denial = iota // 401 with an envelope
	DenyHTML                   // 401 with a web page
	DenyEmpty                  // 401 without a body
	DenyRedirect               // 302 to the login page
	DenyEnvelope               // 200 with success false
)

// OverCap is the answer to a pageSize over the cap.
type OverCap int

// The answers to a pageSize over the cap.
const (
	CapRefused   OverCap = iota // PARAM_ERROR
	CapAnnounced                // the cap's rows, and the answer's pageSize says so
	CapSilent                   // the cap's rows, and the answer's pageSize repeats what was asked
)

// Total is what totalCount says.
type Total int

// What totalCount can say.
const (
	TotalRecords Total = iota // the number of records
	TotalPages                // the number of pages
	TotalZero                 // 0
	TotalNull                 // null
	TotalAbsent               // no such member
)

// PastEnd is what comes past the last page.
type PastEnd int

// What can come past the last page.
const (
	PastEmpty  PastEnd = iota // an empty array
	PastNull                  // null
	PastRepeat                // the last page again
)

// Change is a task that comes or goes in the middle of a walk.
type Change struct {
	Request int    // from this ListProjects request on, counted from 1 since the last Set or Reset
	Add     string // id and name of a new task; "" adds none
	First   bool   // the new task is the oldest of the list, not the newest
	Remove  string // id of the task that goes; "" removes none
}

// clone copies what a caller of Set could change under the requests that still read the old one.
func (b Behaviour) clone() Behaviour {
	b.PageRows = maps.Clone(b.PageRows)
	b.LostRows = maps.Clone(b.LostRows)
	b.Changes = slices.Clone(b.Changes)
	b.Faults = slices.Clone(b.Faults)
	return b
}

// cap is the largest pageSize in force.
func (b *Behaviour) cap() int {
	if b.Cap > 0 {
		return b.Cap
	}
	return documentedMaxPageSize
}

// style is how rows are spelt.
func (b *Behaviour) style() style {
	return style{quoted: b.Form == Quoted, pascal: b.Form == Pascal && b.PascalRows, unused: b.Unused}
}
