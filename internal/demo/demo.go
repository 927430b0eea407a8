// Package demo runs the exporter's job on a simulated OMS in the same process, over real HTTP, for people who have none at hand.
package demo

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/oms-exporter/oms_exporter/internal/config"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

// pageSize is small, so that the walk has several pages.
const pageSize = 25

const user = "monitor"

// OMS is a simulated OMS that listens on a random port of the loopback interface.
type OMS struct {
	listener net.Listener
	server   *http.Server
	password string
}

// Start starts a simulated OMS. Its clock is right, and its tasks began long enough ago for every story to be under way.
func Start() (*OMS, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("simulated OMS: %w", err)
	}
	o := &OMS{listener: listener, password: rand.Text()}
	o.server = &http.Server{
		Handler:           simulator.New(simulator.Options{User: user, Password: o.password}),
		ReadHeaderTimeout: 10 * time.Second,
	}
	go func() { _ = o.server.Serve(listener) }() // until Close
	return o, nil
}

// Config is a config with the simulated OMS as its one target.
func (o *OMS) Config() *config.Config {
	t := config.DefaultTarget()
	t.Name = "demo"
	t.URL = "http://" + o.listener.Addr().String()
	t.PageSize = pageSize
	t.HTTPClient.BasicAuth = &promconfig.BasicAuth{Username: user, Password: promconfig.Secret(o.password)}
	return &config.Config{Targets: []config.Target{t}}
}

// Close stops the simulated OMS.
func (o *OMS) Close() { _ = o.server.Close() }
