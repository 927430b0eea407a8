package oms

// Opt is a value that OMS may leave out. Its zero value is missing.
type Opt[T any] struct {
	Value T
	Valid bool
}

// Some is an Opt that has a value.
func Some[T any](v T) Opt[T] { return Opt[T]{Value: v, Valid: true} }

// Get returns the value and whether there is one.
func (o Opt[T]) Get() (T, bool) { return o.Value, o.Valid }

// Or returns o, or other where o is missing.
func (o Opt[T]) Or(other Opt[T]) Opt[T] {
	if o.Valid {
		return o
	}
	return other
}
