package dashboards

import (
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
)

func TestX(t *testing.T) {
	_ = parser.ItemType(0)
}
