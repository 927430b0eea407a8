// Package demo runs a simulated OMS in the process of the exporter, for users without an OMS.
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

// pageSize is small to make the walk read several pages.
const pageSize = 25

const user = "monitor"

// OMS is a simulated OMS that listens on a random port of the loopback interface.
type OMS struct {
	listener net.Listener
	server   *http.Server
	password string
}

// Start starts a simulated OMS. Its clock is correct, and its tasks started long enough ago for every story to be in
// progress.
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

// Config returns a config with the simulated OMS as its only target.
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
