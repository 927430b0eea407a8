package simulator

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// StoryTime is the time after Epoch at which every story is under way. Demos and golden tests use it.
const StoryTime = 12 * time.Hour

// maxRequests limits the log of requests: a demo runs for weeks.
const maxRequests = 10000

// Options configure a Simulator. The zero value is an OMS without authentication. It has the stories and the real
// clock.
type Options struct {
	Now            func() time.Time // clock; nil: time.Now
	Epoch          time.Time        // start of the stories; zero: StoryTime before now
	User, Password string           // Basic authentication; an empty User: none

	Generated int     // number of generated tasks in place of the stories; they do not change with the clock
	Active    float64 // part of them that runs, from 0 to 1; the others are RELEASED
	Tables    int     // tables in the transferMapping of each generated task; 0: null

	Behaviour Behaviour // initial behaviour
}

// Simulator is an OMS. It is safe for concurrent use.
type Simulator struct {
	now     func() time.Time
	epoch   time.Time
	entries func(now time.Time) []entry // every task at an instant, in any order: stories or generated tasks

	mu        sync.Mutex
	account   account
	behaviour Behaviour
	requests  []Request
	counts    Counts
	serial    int         // ListProjects requests since the last Set or Reset
	attempts  map[int]int // ListProjects requests by page since the last Set or Reset
}

// Request is a logged request.
type Request struct {
	When   time.Time // by the simulator's clock
	Method string
	Action string
	Header http.Header // without its credentials
	Query              // parameters; zero if the body is invalid
	Page   int         // pageNumber; default: 1

	serial, attempt int
}

// Counts has the numbers of requests since New or the last Reset.
type Counts struct {
	Requests    int // to the API
	Denied      int // wrong credentials
	Pages       int // answered with a page
	InFlight    int // now
	MaxInFlight int // maximum of InFlight
}

// Row has the figures of one task: the expected result of a walk, and the members for filters and sorting.
type Row struct {
	ID, Name, Type, Status string
	Owner, Importance      string
	SourceType, SinkType   string
	LabelIDs               []string
	Alarming, Modifying    bool
	Merging, Subtask       bool
	Created, Modified      time.Time
}

// entry is the Row of a task and a function that returns the whole task, nil for a record that is no task.
type entry struct {
	Row
	task    func() *task
	nonTask any // a record that is null, a text, or an object without id
}

// New returns a Simulator.
func New(o Options) *Simulator {
	s := &Simulator{now: o.Now, epoch: o.Epoch, behaviour: o.Behaviour.clone(), attempts: map[int]int{}}
	if s.now == nil {
		s.now = time.Now
	}
	if s.epoch.IsZero() {
		s.epoch = s.now().Add(-StoryTime)
	}
	s.epoch = s.epoch.UTC().Truncate(time.Second)
	s.account = account{user: o.User, password: o.Password}
	if o.Generated > 0 {
		s.entries = newGenerated(s.epoch, o.Generated, o.Active, o.Tables).entries
	} else {
		s.entries = storyList{epoch: s.epoch, stories: allStories()}.entries
	}
	return s
}

// Set changes the behaviour for the next requests. The counts of Fault and Change start again.
func (s *Simulator) Set(change func(*Behaviour)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.behaviour.clone()
	change(&b)
	s.behaviour = b.clone()
	s.restartCounting()
}

// Requests returns the latest requests to the API, oldest first, at most 10,000.
func (s *Simulator) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Counts returns the numbers of requests since New or the last Reset.
func (s *Simulator) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts
}

// Reset deletes requests and counts. The behaviour stays.
func (s *Simulator) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
	s.counts = Counts{InFlight: s.counts.InFlight, MaxInFlight: s.counts.InFlight}
	s.restartCounting()
}

func (s *Simulator) restartCounting() {
	s.serial = 0
	s.attempts = map[int]int{}
}

// Now returns the time of the simulator's clock.
func (s *Simulator) Now() time.Time { return s.now() }

// Truth returns the rows that a walk without filters should find at an instant, oldest first, under the current
// behaviour. Changes apply to it, LostRows does not.
func (s *Simulator) Truth(now time.Time) []Row { return s.TruthOf(now, Query{}) }

// TruthOf returns the Truth for a walk with other parameters. It ignores pages and order.
func (s *Simulator) TruthOf(now time.Time, q Query) []Row {
	s.mu.Lock()
	behaviour, serial := s.behaviour, s.serial
	s.mu.Unlock()
	q.SortField, q.Order = "gmtCreate", "asc"
	entries := s.selected(now, &q, &behaviour, serial)
	rows := make([]Row, len(entries))
	for i := range entries {
		rows[i] = entries[i].Row
	}
	return rows
}

// logRequest logs a request and returns the behaviour that applies to it.
func (s *Simulator) logRequest(r Request) (Request, Behaviour) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.Requests++
	s.counts.InFlight++
	s.counts.MaxInFlight = max(s.counts.MaxInFlight, s.counts.InFlight)
	if r.Action == listProjects {
		s.serial++
		s.attempts[r.Page]++
		r.serial, r.attempt = s.serial, s.attempts[r.Page]
	}
	if len(s.requests) == maxRequests {
		s.requests = append(s.requests[:0:0], s.requests[maxRequests/10:]...)
	}
	s.requests = append(s.requests, r)
	return r, s.behaviour
}

func (s *Simulator) count(add func(*Counts)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	add(&s.counts)
}
