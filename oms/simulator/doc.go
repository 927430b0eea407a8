// Package simulator is an OceanBase Migration Service for development: an http.Handler that answers ListProjects like
// OMS. It has an injected clock, tasks that change with the clock, and every unusual answer that is known or to be
// expected of an OMS or of a server in front of it.
//
// It shares no code with the client that it tests. A misreading of the format would have to be made twice.
//
//	s := simulator.New(simulator.Options{User: "monitor", Password: "secret"})
//	http.ListenAndServe("127.0.0.1:8089", s)
//
// Answers at the same instant of the clock have the same bytes. At Epoch plus StoryTime every story is under way.
package simulator
