package oms

import "slices"

// rowArena allocates the objects of a page's rows, many at a time. A page is kept or dropped as a whole.
type rowArena struct {
	expected int // rows of the page; the first row allocates them, so an empty page needs none
	rows     []Task
	steps    []Step
	infos    arena[StepInfo]
	alarms   arena[AlarmStats]
}

const (
	usualSteps = 8 // of a task
	arenaPiece = 64
)

// newTask returns the next row. A row never moves: the page has a pointer to it.
func (r *rowArena) newTask() *Task {
	if len(r.rows) == cap(r.rows) {
		r.rows = make([]Task, 0, max(16, r.expected, cap(r.rows)))
	}
	r.rows = append(r.rows, Task{})
	return &r.rows[len(r.rows)-1]
}

// beginSteps returns an empty list with room for the steps of a task.
func (r *rowArena) beginSteps() []Step {
	if cap(r.steps) < usualSteps {
		r.steps = make([]Step, 0, arenaPiece)
	}
	return r.steps[:0]
}

// endSteps takes the list that beginSteps returned, with its steps, and keeps the rest of its room for the next task.
func (r *rowArena) endSteps(steps []Step) []Step {
	if len(steps) == 0 {
		return nil
	}
	if cap(steps) == cap(r.steps) { // otherwise append has moved it
		r.steps = r.steps[len(steps):len(steps):cap(r.steps)]
	}
	return slices.Clip(steps)
}

// arena allocates many objects of one type at a time.
type arena[T any] struct{ free []T }

func (p *arena[T]) new() *T {
	if len(p.free) == 0 {
		p.free = make([]T, arenaPiece)
	}
	object := &p.free[0]
	p.free = p.free[1:]
	return object
}
