package simulator

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// StoryTime is how long after Epoch every story is under way: demos and golden tests stand there.
const StoryTime = 12 * time.Hour

// maxRequests bounds the log of requests: a demo runs for weeks.
const maxRequests = 10000

// Options are what a Simulator is made of. The zero value is an OMS without authentication that tells the stories by the real clock.
type Options struct {
	Now            func() time.Time // its clock; nil: time.Now
	Epoch          time.Time        // where the stories begin; zero: StoryTime before the clock's present time
	User, Password string           // Basic auth; an empty User: none is required
	PasswordAge    time.Duration    // after which the password expires; 0: never

	Generated int     // so many generated tasks instead of the stories; they do not change with the clock
	Active    float64 // which part of them runs, from 0 to 1; the others are RELEASED
	Tables    int     // so many tables in each generated task's transferMapping; 0: it is null

	Behaviour Behaviour // how it answers at first
}

// Simulator is an OMS. All its methods may be called at the same time.
type Simulator struct {
	now   func() time.Time
	epoch time.Time
	tasks taskList

	mu        sync.Mutex
	account   account
	behaviour Behaviour
	requests  []Request
	counts    Counts
	serial    int         // ListProjects requests since the last Set or Reset
	attempts  map[int]int // the same by page
}

// Request is a request as the simulator understood it.
type Request struct {
	When   time.Time // by the simulator's clock
	Method string
	Action string
	User   string      // of Basic auth, right or wrong
	Header http.Header // of the request; its credentials are replaced
	Query              // the decoded parameters; zero when the body could not be read
	Page   int         // pageNumber, 1 when not given

	serial, attempt int
}

// Counts tell what became of the requests since New or the last Reset.
type Counts struct {
	Requests    int // to the API
	Health      int // to the health check
	Denied      int // wrong credentials
	Refused     int // bad parameters, unknown actions, wrong methods
	Faults      int // answered, or cut, by a fault
	Pages       int // answered with a page
	InFlight    int // at this moment
	MaxInFlight int // the most at once
}

// Row tells one task of the truth: what a walk is compared with, and what filters and sorting look at.
type Row struct {
	ID, Name, Type, Status string
	Owner, Importance      string
	SourceType, SinkType   string
	LabelIDs               []string
	Alarming, Modifying    bool
	Merging, Subtask       bool
	Created, Modified      time.Time
}

// taskList is where rows come from: stories or generated tasks.
type taskList interface {
	// entries gives every task there is at an instant, in no order that matters.
	entries(now time.Time) []entry
}

// entry is a task's Row and the way to all of it; nil for records that are no tasks.
type entry struct {
	Row
	task    func() *task
	nonTask any // instead of a task: a record that is null, a text, or an object without id
}

// New makes a Simulator.
func New(o Options) *Simulator {
	s := &Simulator{now: o.Now, epoch: o.Epoch, behaviour: o.Behaviour.clone(), attempts: map[int]int{}}
	if s.now == nil {
		s.now = time.Now
	}
	if s.epoch.IsZero() {
		s.epoch = s.now().Add(-StoryTime)
	}
	s.epoch = s.epoch.UTC().Truncate(time.Second)
	s.account = account{user: o.User, password: o.Password, age: o.PasswordAge, set: s.now()}
	if o.Generated > 0 {
		s.tasks = newGenerated(s.epoch, o.Generated, o.Active, o.Tables)
	} else {
		s.tasks = storyList{epoch: s.epoch, stories: allStories()}
	}
	return s
}

// Set changes the behaviour of the requests that come from now on. Counting for Fault and Change begins anew.
func (s *Simulator) Set(change func(*Behaviour)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.behaviour.clone()
	change(&b)
	s.behaviour = b.clone()
	s.restartCounting()
}

// Requests gives the latest requests to the API, oldest first, at most 10,000.
func (s *Simulator) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Counts tells what became of the requests since New or the last Reset.
func (s *Simulator) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts
}

// Reset forgets requests and counts. The behaviour stays.
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

// Now is the simulator's clock.
func (s *Simulator) Now() time.Time { return s.now() }

// Truth gives what an unfiltered walk should find at an instant, oldest task first, under the present behaviour
// (HideEnded and Changes count, rows lost by LostRows are in it).
func (s *Simulator) Truth(now time.Time) []Row { return s.TruthOf(now, Query{}) }

// TruthOf is Truth for a walk with request parameters; pages and order are not looked at.
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

// arrive logs a request and gives the behaviour that holds for all of it.
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
