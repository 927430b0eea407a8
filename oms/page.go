package oms

// Page is the answer to one ListProjects request.
type Page struct {
	Envelope
	Tasks   []*Task // the rows that have an id, in OMS' order
	Invalid int     // rows left out: null, no object, or without an id
}

// Rows is the number of rows of the answer, those that were left out among them.
func (p *Page) Rows() int { return len(p.Tasks) + p.Invalid }

// Envelope is what every answer of OMS carries around its data.
type Envelope struct {
	Success     Opt[bool]
	ErrorDetail *ErrorDetail
	Code        string // an error code; PascalCase versions say 200 here when all is well
	Message     string // localized and cut, like Advice
	Advice      string
	RequestID   string
	PageSize    Opt[int64]
	TotalCount  Opt[int64] // records in practice, pages in the document
	HasData     bool       // a data member is there, be it null

	dataErr error // why data is no list of tasks; of no interest where OMS returned an error
}
