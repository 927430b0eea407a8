package oms

// Opt is a value that OMS may leave out. Its zero value is missing.
type Opt[T any] struct {
	Value T
	Valid bool
}

// Some returns an Opt with a value.
func Some[T any](v T) Opt[T] { return Opt[T]{Value: v, Valid: true} }

// Or returns o if it is valid, and other otherwise.
func (o Opt[T]) Or(other Opt[T]) Opt[T] {
	if o.Valid {
		return o
	}
	return other
}
