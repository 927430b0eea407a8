package oms

// Page is the answer to one ListProjects request.
type Page struct {
	Envelope
	Tasks   []*Task // rows with an id, in the order of OMS
	Invalid int     // rows left out: null, no object, or without an id
}

// Rows returns the number of rows of the answer, including the ones left out.
func (p *Page) Rows() int { return len(p.Tasks) + p.Invalid }

// Envelope has the members of an answer beside its rows.
type Envelope struct {
	Success     Opt[bool]
	ErrorDetail *ErrorDetail
	Code        string // error code; versions with PascalCase keys send 200 for success
	Message     string // localized and cut, like Advice
	Advice      string
	RequestID   string
	PageSize    Opt[int64]
	TotalCount  Opt[int64] // records in practice, pages in the document
	HasData     bool       // there is a data member; it may be null

	dataErr error // data is no list of tasks; ignored if OMS returned an error
}
