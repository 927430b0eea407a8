package simulator

import (
	"maps"
	"slices"
	"time"
)

// Behaviour configures the answers of the simulator. The zero value is a healthy OMS: native scalars, totalCount counts
// records, a pageSize over 150 is a PARAM_ERROR, and after the last page there are empty arrays.
type Behaviour struct {
	Form       Form       // spelling of scalars and keys
	PascalRows bool       // with the Form Pascal: also the keys of rows
	Unused     Unused     // members that no monitor uses
	ExtraInfo  ExtraShape // shape of extraInfo in every row
	Gzip       bool       // compress answers for clients that accept gzip

	Denial      Denial        // answer to wrong credentials
	DateOffset  time.Duration // added to the clock in the Date header
	DateText    string        // text of the Date header; empty: a date
	WithoutDate bool          // no Date header

	Cap         int           // largest pageSize; 0: 150
	MinPageSize int           // smallest page, even for a smaller pageSize
	OverCap     OverCap       // answer to a larger pageSize
	Total       Total         // meaning of totalCount
	TotalMore   int           // added to totalCount
	PastEnd     PastEnd       // answer after the last page
	FirstOnly   bool          // pageNumber has no effect: every page is the first
	PageRows    map[int]int   // maximum number of rows by page; the other rows move to the next pages
	LostRows    map[int][]int // rows by page, counted from 0, that are missing in all answers
	Visible     int           // above 1: a page shows every n-th record only, as for a user with few rights
	Overlap     int           // rows at the end of a page that the next page repeats

	NullRows int // null rows, spread over the list; totalCount counts them
	NoIDRows int // rows without id, likewise
	TextRows int // rows that are texts, likewise

	HideEnded bool     // RELEASED and DELETED tasks only if the request has their status
	Changes   []Change // tasks added and removed during a walk
	Faults    []Fault  // answers that are no list; the first one that applies counts
}

// Form is the spelling of an answer.
type Form int

// The forms of an answer.
const (
	Native Form = iota // numbers and booleans without quotes
	Quoted             // numbers and booleans are strings
	Pascal             // native scalars, capitalized keys in the envelope, code and cost are numbers
)

// Unused is the form of the members that no monitor uses: connection details, deprecated objects, reference rates.
type Unused int

// The forms of unused members.
const (
	UnusedGiven  Unused = iota // as OMS sends them
	UnusedNull                 // null
	UnusedAbsent               // absent, like any member that is null
)

// ExtraShape is the shape of extraInfo.
type ExtraShape int

// The shapes of extraInfo.
const (
	ExtraAsStory ExtraShape = iota // depends on the story
	ExtraNull                      // null in every row
	ExtraFigures                   // in every row the documented figures: syncDelay, sample time, retention ("shape 1")
	ExtraErrors                    // in every row the members of an error, as in the documentation ("shape 2")
)

// Denial is the answer to a request with wrong credentials, or without any.
type Denial int

// The answers to wrong credentials.
const (
	DenyJSON     Denial = iota // 401 with an envelope
	DenyHTML                   // 401 with a web page
	DenyEmpty                  // 401 without a body
	DenyRedirect               // 302 to the login page
	DenyEnvelope               // 200 with success false
)

// OverCap is the answer to a pageSize over Cap.
type OverCap int

// The answers to a pageSize over Cap.
const (
	CapRefused   OverCap = iota // PARAM_ERROR
	CapAnnounced                // as many rows as Cap, and so is pageSize in the answer
	CapSilent                   // as many rows as Cap; pageSize in the answer is that of the request
)

// Total is the meaning of totalCount.
type Total int

// The meanings of totalCount.
const (
	TotalRecords Total = iota // the number of records
	TotalPages                // the number of pages
	TotalZero                 // 0
	TotalNull                 // null
	TotalAbsent               // absent
)

// PastEnd is the answer after the last page.
type PastEnd int

// The answers after the last page.
const (
	PastEmpty  PastEnd = iota // an empty array
	PastNull                  // null
	PastRepeat                // the last page again
)

// Change adds or removes a task during a walk.
type Change struct {
	Request int    // starts with this ListProjects request, counted from 1 since the last Set or Reset
	Add     string // id and name of a new task; "": none
	First   bool   // the new task is the oldest of the list; otherwise the newest
	Remove  string // id of the removed task; "": none
}

// clone copies the maps and slices: a caller of Set can change its own while requests still use the old behaviour.
func (b Behaviour) clone() Behaviour {
	b.PageRows = maps.Clone(b.PageRows)
	b.LostRows = maps.Clone(b.LostRows)
	b.Changes = slices.Clone(b.Changes)
	b.Faults = slices.Clone(b.Faults)
	return b
}

// cap returns the largest pageSize.
func (b *Behaviour) cap() int {
	if b.Cap > 0 {
		return b.Cap
	}
	return documentedMaxPageSize
}
