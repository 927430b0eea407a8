package oms_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/oms-exporter/oms_exporter/oms"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

// Walk returns the whole list of tasks of an OMS, or an error.
func ExampleWalker_Walk() {
	server := httptest.NewServer(simulator.New(simulator.Options{Generated: 400, Active: 1}))
	defer server.Close()

	client, err := oms.New(server.URL, http.DefaultClient, oms.Options{Target: "prod"})
	if err != nil {
		fmt.Println(err)
		return
	}
	walker, err := oms.NewWalker(client, oms.WalkOptions{Filter: oms.Filter{Type: "MIGRATION"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	walk, err := walker.Walk(ctx, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d tasks on %d pages, the first is %s: %s\n", len(walk.Tasks), walk.Pages, walk.Tasks[0].Name,
		walk.Tasks[0].Status)
	// Output: 400 tasks on 3 pages, the first is generated_MYSQL_0000000: RUNNING
}

// An error of ListProjects has a reason, and a text with a hint.
func ExampleClient_ListProjects() {
	failing := simulator.Behaviour{Faults: []simulator.Fault{simulator.StatusFault(http.StatusInternalServerError, "")}}
	server := httptest.NewServer(simulator.New(simulator.Options{Behaviour: failing}))
	defer server.Close()

	client, err := oms.New(server.URL, http.DefaultClient, oms.Options{Target: "prod"})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.ListProjects(context.Background(), oms.ListProjectsRequest{PageSize: 10})
	if failure, ok := errors.AsType[*oms.Error](err); ok {
		fmt.Println(failure.Reason)
		fmt.Println(failure)
	}
	// Output:
	// http
	// OMS prod: page 1: 500 Internal Server Error: check the log of the OMS, or of the proxy in front of it, at this time
}
