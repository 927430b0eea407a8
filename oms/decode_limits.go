package oms

import "fmt"

// Bounds in rows and elements, since few bytes of an answer can become many in memory. What OMS is known to send stays far below them.
const (
	maxRowsFactor = 4   // times the rows that were requested, or MaxPageSize if that is more
	maxSteps      = 100 // of a row
	maxElements   = 500 // of a row: tags, error details, rules and the texts of its lists
)

// excessError is an answer with more rows, or with more elements in a row, than an OMS sends.
type limitError struct{ text string }

func (e *limitError) Error() string { return e.text }

// beginRow counts the rows of an answer, those that are no objects among them.
func (p *decoder) beginRow() error {
	p.row++
	p.elements, p.task = 0, nil
	if most := maxRowsFactor * max(p.rows, MaxPageSize); p.row > most {
		return &limitError{fmt.Sprintf("the page has more than %d rows, although %d were requested", most, p.rows)}
	}
	return nil
}

// element counts the elements of a row, except its steps.
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

// place names the row that is read, by its id if that is known.
func (p *decoder) rowPosition() string {
	if p.task == nil || p.task.ID == "" {
		return fmt.Sprintf("row %d", p.row)
	}
	return fmt.Sprintf("row %d (id %s)", p.row, tidy(p.redact, p.task.ID))
}
