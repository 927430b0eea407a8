package config

import (
	"go.yaml.in/yaml/v4"
)

const (
	maxAliasNodes = 100_000 // nodes that aliases may add, all together
	maxDepth      = 100     // of nested lists and mappings
)

// resolver copies a tree of YAML nodes without its aliases and merge keys, so
// that what reads the tree sees only lists, mappings and scalars, each with
// the line where it is written.
type resolver struct {
	file string
	left int                 // nodes that aliases may still add
	open map[*yaml.Node]bool // anchored nodes that are being copied
	in   int                 // depth of aliases at the moment
}

func (r *resolver) fail(n *yaml.Node, reason string) error {
	return &Error{File: r.file, Line: n.Line, Reason: reason}
}

func (r *resolver) resolve(n *yaml.Node, depth int) (*yaml.Node, error) {
	if depth > maxDepth {
		return nil, r.fail(n, "nested too deep: allowed are 100 levels")
	}
	if r.in > 0 {
		if r.left--; r.left < 0 {
			return nil, r.fail(n, "the aliases of this file expand to too much: allowed are 100000 nodes")
		}
	}
	if n.Kind == yaml.AliasNode {
		if r.open[n.Alias] {
			return nil, r.fail(n, "an alias stands inside its own anchor")
		}
		r.in++
		defer func() { r.in-- }()
		return r.resolve(n.Alias, depth+1)
	}
	if n.Anchor != "" {
		r.open[n] = true
		defer delete(r.open, n)
	}
	c := *n
	c.Content = nil
	if n.ShortTag() != "!!null" || r.in > 0 {
		c.Anchor = "" // that of nothing may be a text without its quotes
	}
	if n.Kind == yaml.MappingNode {
		return &c, r.mapping(&c, n, depth)
	}
	for _, child := range n.Content {
		item, err := r.resolve(child, depth+1)
		if err != nil {
			return nil, err
		}
		c.Content = append(c.Content, item)
	}
	return &c, nil
}

// mapping fills c with the entries of n, and with those of its merge keys that
// n does not have itself.
func (r *resolver) mapping(c, n *yaml.Node, depth int) error {
	var merged []*yaml.Node
	own := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, err := r.resolve(n.Content[i], depth+1)
		if err != nil {
			return err
		}
		item, err := r.resolve(n.Content[i+1], depth+1)
		if err != nil {
			return err
		}
		if key.Kind == yaml.ScalarNode && key.Tag == "!!merge" {
			merged = append(merged, item)
			continue
		}
		own[key.Value] = true
		c.Content = append(c.Content, key, item)
	}
	for _, item := range merged {
		if err := r.merge(c, item, own); err != nil {
			return err
		}
	}
	return nil
}

func (r *resolver) merge(c, from *yaml.Node, own map[string]bool) error {
	switch from.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(from.Content); i += 2 {
			if key := from.Content[i]; !own[key.Value] {
				own[key.Value] = true
				c.Content = append(c.Content, key, from.Content[i+1])
			}
		}
		return nil
	case yaml.SequenceNode:
		for _, item := range from.Content {
			if item.Kind != yaml.MappingNode {
				return r.fail(item, "only mappings can be merged by <<")
			}
			if err := r.merge(c, item, own); err != nil {
				return err
			}
		}
		return nil
	}
	return r.fail(from, "only mappings can be merged by <<")
}
