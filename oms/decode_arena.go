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
func (a *rowArena) newTask() *Task {
	if len(a.rows) == cap(a.rows) {
		a.rows = make([]Task, 0, max(16, a.expected, cap(a.rows)))
	}
	a.rows = append(a.rows, Task{})
	return &a.rows[len(a.rows)-1]
}

// beginSteps returns an empty list with capacity for the steps of a task.
func (a *rowArena) beginSteps() []Step {
	if cap(a.steps) < usualSteps {
		a.steps = make([]Step, 0, arenaPiece)
	}
	return a.steps[:0]
}

// endSteps takes the list that beginSteps returned, with its steps. The next task gets the rest of its capacity.
func (a *rowArena) endSteps(steps []Step) []Step {
	if len(steps) == 0 {
		return nil
	}
	if cap(steps) == cap(a.steps) { // otherwise append has moved it
		a.steps = a.steps[len(steps):len(steps):cap(a.steps)]
	}
	return slices.Clip(steps)
}

// arena allocates many objects of one type at a time.
type arena[T any] struct{ free []T }

func (a *arena[T]) new() *T {
	if len(a.free) == 0 {
		a.free = make([]T, arenaPiece)
	}
	object := &a.free[0]
	a.free = a.free[1:]
	return object
}
