// Package simulator is an OceanBase Migration Service that is good enough to develop against: an http.Handler that answers
// ListProjects and the health check as an OMS does, with a clock that is injected, tasks whose lives move with that clock, and
// every odd answer an OMS or what stands before it is known or feared to give.
//
// It shares no code with the client it is used to test: it is a second reading of the wire, so that one misreading is not made twice.
//
//	s := simulator.New(simulator.Options{User: "monitor", Password: "secret"})
//	http.ListenAndServe("127.0.0.1:8089", s)
//
// The same instant of the clock always gives the same bytes. At Epoch plus StoryTime every story is under way.
package simulator
