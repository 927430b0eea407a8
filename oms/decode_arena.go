package oms

import "slices"

// room gives the objects of a page's rows their place. They are made in pieces that hold many: a page is kept or dropped as a whole.
type rowArena struct {
	expected int // rows of the page; room for them is made with the first one, so that an empty page costs none
	rows     []Task
	steps    []Step
	infos    arena[StepInfo]
	alarms   arena[AlarmStats]
}

const (
	usualSteps = 8 // of a task
	arenaPiece = 64
)

// task is the place of the next row. It is never moved: the page points to it.
func (r *rowArena) newTask() *Task {
	if len(r.rows) == cap(r.rows) {
		r.rows = make([]Task, 0, max(16, r.expected, cap(r.rows)))
	}
	r.rows = append(r.rows, Task{})
	return &r.rows[len(r.rows)-1]
}

// forSteps is an empty list with room for the steps of a task.
func (r *rowArena) beginSteps() []Step {
	if cap(r.steps) < usualSteps {
		r.steps = make([]Step, 0, arenaPiece)
	}
	return r.steps[:0]
}

// keepSteps gives back the list that forSteps gave, filled, and keeps the rest for the next.
func (r *rowArena) endSteps(steps []Step) []Step {
	if len(steps) == 0 {
		return nil
	}
	if cap(steps) == cap(r.steps) { // else it has moved to a place of its own
		r.steps = r.steps[len(steps):len(steps):cap(r.steps)]
	}
	return slices.Clip(steps)
}

// pieces makes objects of one kind.
type arena[T any] struct{ free []T }

func (p *arena[T]) new() *T {
	if len(p.free) == 0 {
		p.free = make([]T, arenaPiece)
	}
	object := &p.free[0]
	p.free = p.free[1:]
	return object
}
