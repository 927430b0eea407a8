package oms

import "fmt"

// Limits on rows and elements: a few bytes of an answer can need much memory. Known answers of OMS stay far below them.
const (
	maxRowsFactor = 4   // times the requested rows, at least MaxPageSize
	maxSteps      = 100 // per row
	maxElements   = 500 // per row: tags, error details, rules and the texts of its lists
)

// limitError is the error for an answer with more rows or elements than OMS sends.
type limitError struct{ text string }

func (e *limitError) Error() string { return e.text }

// beginRow counts a row of an answer, also one that is no object.
func (p *decoder) beginRow() error {
	p.row++
	p.elements, p.task = 0, nil
	if most := maxRowsFactor * max(p.rows, MaxPageSize); p.row > most {
		return &limitError{fmt.Sprintf("the page has more than %d rows, although %d were requested", most, p.rows)}
	}
	return nil
}

// countElement counts an element of a row, except a step.
func (p *decoder) countElement() error {
	p.elements++
	if p.elements > maxElements {
		return p.newLimitError("tags, error details and rules", maxElements)
	}
	return nil
}

func (p *decoder) newLimitError(what string, most int) error {
	return &limitError{fmt.Sprintf("%s has more than %d %s", p.rowPosition(), most, what)}
}

// rowPosition returns the number of the current row, and its id if it has been read.
func (p *decoder) rowPosition() string {
	if p.task == nil || p.task.ID == "" {
		return fmt.Sprintf("row %d", p.row)
	}
	return fmt.Sprintf("row %d (id %s)", p.row, sanitize(p.redact, p.task.ID))
}
