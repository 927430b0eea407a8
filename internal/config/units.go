package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
)

// sizeUnits are in the order in which parseSize tries them: "B" is a suffix of others.
var sizeUnits = []struct {
	name  string
	bytes int64
}{
	{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10},
	{"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}, {"kB", 1e3},
	{"B", 1}, {"", 1},
}

// parseSize reads a whole number of bytes with or without a unit. It returns math.MaxInt64 for a larger number.
func parseSize(text string) (int64, bool) {
	for _, unit := range sizeUnits {
		digits, found := strings.CutSuffix(text, unit.name)
		if !found {
			continue
		}
		n, err := strconv.ParseUint(strings.TrimRight(digits, " "), 10, 63)
		if err != nil {
			return 0, false
		}
		if n > math.MaxInt64/uint64(unit.bytes) {
			return math.MaxInt64, true
		}
		return int64(n) * unit.bytes, true
	}
	return 0, false
}

// formatSize writes a size in the largest unit that divides it. parseSize reads the same number.
func formatSize(n int64) string {
	for _, unit := range sizeUnits {
		if unit.name != "" && n >= unit.bytes && n%unit.bytes == 0 {
			return fmt.Sprintf("%d%s", n/unit.bytes, unit.name)
		}
	}
	return strconv.FormatInt(n, 10)
}

// formatDuration writes a duration as Prometheus does, but with days instead of weeks.
func formatDuration(d time.Duration) string {
	if d%(24*time.Hour) == 0 && d > 0 {
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	}
	return model.Duration(d).String()
}
