package oms

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Bounds that the operation's document states.
const (
	MaxPageSize = 150
	MaxTagIDs   = 5
)

// Sort fields and orders of ListProjects.
const (
	SortByCreated  = "gmtCreate"
	SortByModified = "gmtModified" // moves by itself: pages read under it repeat and miss rows
	Ascending      = "asc"
	Descending     = "descend"
)

// Filter chooses the tasks that OMS lists. An empty member is not sent and chooses all.
type Filter struct {
	SearchKey   string   `json:"searchKey,omitempty"` // a task's name or id
	Type        string   `json:"type,omitempty"`      // MIGRATION, SYNC or VERIFY
	Statuses    []string `json:"status,omitempty"`
	TagIDs      []string `json:"labelIds,omitempty"` // at most MaxLabelIDs
	SourceTypes []string `json:"sourceEndpointTypes,omitempty"`
	SinkTypes   []string `json:"sinkEndpointTypes,omitempty"`
	Subtasks    bool     `json:"visibleSubProject,omitempty"` // list subtasks, too
}

// ListProjectsRequest asks for one page of tasks. OMS reads a member that is empty as its own default.
type ListProjectsRequest struct {
	Filter
	SortField  string `json:"sortField,omitempty"`  // SortByCreated is OMS' default
	Order      string `json:"order,omitempty"`      // Descending is OMS' default
	PageNumber int    `json:"pageNumber,omitempty"` // from 1, the default
	PageSize   int    `json:"pageSize,omitempty"`   // 1 to MaxPageSize; OMS' default is 10
}

// body is the request as it is sent, if it keeps to the document.
func (r ListProjectsRequest) body() ([]byte, error) {
	switch {
	case r.PageNumber < 0:
		return nil, fmt.Errorf("pageNumber %d is below 1", r.PageNumber)
	case r.PageSize < 0 || r.PageSize > MaxPageSize:
		return nil, fmt.Errorf("pageSize %d is not within 1 and %d", r.PageSize, MaxPageSize)
	case len(r.TagIDs) > MaxTagIDs:
		return nil, fmt.Errorf("%d labelIds are more than %d", len(r.TagIDs), MaxTagIDs)
	case r.SortField != "" && r.SortField != SortByCreated && r.SortField != SortByModified:
		return nil, errors.New("sortField is neither " + SortByCreated + " nor " + SortByModified)
	case r.Order != "" && r.Order != Ascending && r.Order != Descending:
		return nil, errors.New("order is neither " + Ascending + " nor " + Descending)
	}
	return json.Marshal(r)
}
