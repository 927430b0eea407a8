package command

import (
	"os"
	"runtime"
)

// OneCPU keeps the program to one CPU at a time, unless the Go runtime's own variable GOMAXPROCS says otherwise. A scrape is made of short
// waits, for OMS and for the client: after each of them another CPU would be woken to look for work that is done before it is awake. That
// is a fifth of what a small scrape costs, and brings nothing where OMS and the network set the pace. A guest on its host does without.
func OneCPU() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(1)
	}
}
