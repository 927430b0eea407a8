package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

const (
	listProjects          = "ListProjects"
	documentedMaxPageSize = 150
	defaultPageSize       = 10
	maxLabels             = 5
)

// Query has the parameters of ListProjects. A zero value is an absent parameter.
type Query struct {
	SearchKey           string
	Type                string
	Status              []string
	LabelIDs            []string
	SourceEndpointTypes []string
	SinkEndpointTypes   []string
	VisibleSubProject   bool
	SortField           string
	Order               string
	PageNumber          int
	PageSize            int
}

var (
	taskTypes = []string{"MIGRATION", "SYNC", "VERIFY"}
	statuses  = []string{"INIT", "RUNNING", "SUSPEND", "FAILED", "FINISHED", "RELEASING", "RELEASED", "DELETED",
		"RUNNING_MODIFYING", "RUNNING_MERGING", "RUNNING_ALARMING"}
)

// readQuery reads the body of a request. Like OMS it requires the exact names of parameters, ignores unknown ones, and
// accepts numbers and booleans in quotes.
func readQuery(body []byte) (Query, error) {
	var q Query
	var given map[string]json.RawMessage
	if err := json.Unmarshal(body, &given); err != nil || given == nil {
		return q, fmt.Errorf("the body is not a JSON object")
	}
	readers := map[string]func(json.RawMessage) error{
		"searchKey":           into(&q.SearchKey),
		"type":                into(&q.Type),
		"status":              q.readStatus,
		"labelIds":            into(&q.LabelIDs),
		"sourceEndpointTypes": into(&q.SourceEndpointTypes),
		"sinkEndpointTypes":   into(&q.SinkEndpointTypes),
		"visibleSubProject":   intoScalar(&q.VisibleSubProject),
		"sortField":           into(&q.SortField),
		"order":               into(&q.Order),
		"pageNumber":          intoScalar(&q.PageNumber),
		"pageSize":            intoScalar(&q.PageSize),
	}
	for name, read := range readers {
		raw, ok := given[name]
		if !ok || string(raw) == "null" {
			continue
		}
		if err := read(raw); err != nil {
			return Query{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	return q, checkEnums(given, &q)
}

// readStatus accepts one status in place of a list.
func (q *Query) readStatus(raw json.RawMessage) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		q.Status = []string{one}
		return nil
	}
	return json.Unmarshal(raw, &q.Status)
}

func checkEnums(given map[string]json.RawMessage, q *Query) error {
	has := func(name string) bool { raw, ok := given[name]; return ok && string(raw) != "null" }
	switch {
	case has("type") && !slices.Contains(taskTypes, q.Type):
		return fmt.Errorf("type: %q", q.Type)
	case has("sortField") && q.SortField != "gmtCreate" && q.SortField != "gmtModified":
		return fmt.Errorf("sortField: %q", q.SortField)
	case has("order") && q.Order != "asc" && q.Order != "descend":
		return fmt.Errorf("order: %q", q.Order)
	case len(q.LabelIDs) > maxLabels:
		return fmt.Errorf("labelIds: at most %d", maxLabels)
	case has("pageNumber") && q.PageNumber < 1:
		return fmt.Errorf("pageNumber: %d", q.PageNumber)
	case has("pageSize") && q.PageSize < 1:
		return fmt.Errorf("pageSize: %d", q.PageSize)
	}
	for _, status := range q.Status {
		if !slices.Contains(statuses, status) {
			return fmt.Errorf("status: %q", status)
		}
	}
	return nil
}

// page, size and ascending return the parameters with their defaults.
func (q *Query) page() int       { return max(q.PageNumber, 1) }
func (q *Query) ascending() bool { return q.Order == "asc" }
func (q *Query) size() int {
	if q.PageSize == 0 {
		return defaultPageSize
	}
	return q.PageSize
}

// matches reports whether a row passes the filters.
func (q *Query) matches(r *Row) bool {
	switch {
	case r.Subtask && !q.VisibleSubProject,
		q.Type != "" && q.Type != r.Type,
		len(q.SourceEndpointTypes) > 0 && !slices.Contains(q.SourceEndpointTypes, r.SourceType),
		len(q.SinkEndpointTypes) > 0 && !slices.Contains(q.SinkEndpointTypes, r.SinkType),
		len(q.LabelIDs) > 0 && !slices.ContainsFunc(q.LabelIDs,
			func(id string) bool { return slices.Contains(r.LabelIDs, id) }),
		len(q.Status) > 0 && !slices.ContainsFunc(q.Status, r.hasStatus):
		return false
	}
	key := strings.ToLower(q.SearchKey)
	return strings.Contains(strings.ToLower(r.Name), key) || strings.Contains(strings.ToLower(r.ID), key)
}

// hasStatus reports whether a row has a status of the request. In the console, RUNNING_ALARMING, RUNNING_MODIFYING and
// RUNNING_MERGING are running tasks: a row shows them in its status or in a flag.
func (r *Row) hasStatus(status string) bool {
	if r.Status == status {
		return true
	}
	switch status {
	case "RUNNING_ALARMING":
		return r.Alarming && strings.HasPrefix(r.Status, "RUNNING")
	case "RUNNING_MODIFYING":
		return r.Modifying && r.Status == "RUNNING"
	case "RUNNING_MERGING":
		return r.Merging && r.Status == "RUNNING"
	}
	return false
}

func into(to any) func(json.RawMessage) error {
	return func(raw json.RawMessage) error { return json.Unmarshal(raw, to) }
}

// intoScalar accepts a number or a boolean with and without quotes.
func intoScalar(to any) func(json.RawMessage) error {
	return func(raw json.RawMessage) error { return json.Unmarshal(bytes.Trim(raw, `"`), to) }
}
