package oms

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Limits in the documentation of OMS.
const (
	MaxPageSize = 150
	MaxTagIDs   = 5
)

// Sort fields and orders of ListProjects.
const (
	SortByCreated  = "gmtCreate"
	SortByModified = "gmtModified" // changes while pages are read: rows are repeated and missed
	Ascending      = "asc"
	Descending     = "descend"
)

// Filter selects tasks. An empty member is not sent and selects all.
type Filter struct {
	SearchKey   string   `json:"searchKey,omitempty"` // name or id of a task
	Type        string   `json:"type,omitempty"`      // MIGRATION, SYNC or VERIFY
	Statuses    []string `json:"status,omitempty"`
	TagIDs      []string `json:"labelIds,omitempty"` // at most MaxTagIDs
	SourceTypes []string `json:"sourceEndpointTypes,omitempty"`
	SinkTypes   []string `json:"sinkEndpointTypes,omitempty"`
	Subtasks    bool     `json:"visibleSubProject,omitempty"` // include subtasks
}

// ListProjectsRequest requests one page of tasks. OMS uses its default for an empty member.
type ListProjectsRequest struct {
	Filter
	SortField  string `json:"sortField,omitempty"`  // default: SortByCreated
	Order      string `json:"order,omitempty"`      // default: Descending
	PageNumber int    `json:"pageNumber,omitempty"` // from 1; default: 1
	PageSize   int    `json:"pageSize,omitempty"`   // 1 to MaxPageSize; default: 10
}

// body returns the body of the request, or an error if it is invalid by the documentation of OMS.
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
