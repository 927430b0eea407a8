// Package simulator is an OceanBase Migration Service for development: an http.Handler that answers ListProjects like
// OMS. It has an injected clock, tasks that change with the clock, and every known or plausible unusual answer of an
// OMS or of a server in front of it.
//
// It shares no code with the client that it tests: in shared code, one misreading of the format would hide in both.
//
//	s := simulator.New(simulator.Options{User: "monitor", Password: "secret"})
//	http.ListenAndServe("127.0.0.1:8089", s)
//
// Answers at the same instant of the clock have the same bytes. At Epoch plus StoryTime every story is under way.
package simulator
