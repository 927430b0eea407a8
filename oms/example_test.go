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

// The whole list of tasks of an OMS, or the reason why there is none.
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
	fmt.Printf("%d tasks on %d pages, the first is %s: %s\n", len(walk.Tasks), walk.Pages, walk.Tasks[0].Name, walk.Tasks[0].Status)
	// Output: 400 tasks on 3 pages, the first is generated_MYSQL_0000000: RUNNING
}

// One page, and an error that says what to do.
func ExampleClient_ListProjects() {
	server := httptest.NewServer(simulator.New(simulator.Options{User: "monitor", Password: "secret", Behaviour: simulator.Behaviour{Denial: simulator.DenyEmpty}}))
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
	// auth
	// OMS prod: page 1: 401 Unauthorized: check basic_auth in the config: the password can be wrong or expired, or the account locked
}
