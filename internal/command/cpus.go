package command

import (
	"errors"
	"strconv"
)

const maxCPUs = 1024

// cpus is the value of --runtime.gomaxprocs.
type cpus int

// Set implements kingpin.Value.
func (c *cpus) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil {
		return err
	}
	if n < 1 || n > maxCPUs {
		return errors.New("must be 1 to " + strconv.Itoa(maxCPUs))
	}
	*c = cpus(n)
	return nil
}

// String implements kingpin.Value.
func (c *cpus) String() string { return strconv.Itoa(int(*c)) }
