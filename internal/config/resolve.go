package config

import (
	"go.yaml.in/yaml/v4"
)

const (
	maxAliasNodes = 100_000 // nodes that all aliases together can add
	maxDepth      = 100     // of nested lists and mappings
)

// resolver copies a tree of YAML nodes and replaces aliases and merge keys by the nodes that they refer to. The copy
// has only lists, mappings and scalars, each with the line where it is written.
type resolver struct {
	file           string
	aliasNodesLeft int                 // nodes that aliases can still add
	openAnchors    map[*yaml.Node]bool // anchored nodes that are being copied
	aliasDepth     int                 // of the node that is being copied
}

func (r *resolver) fail(n *yaml.Node, reason string) error {
	return &Error{File: r.file, Line: n.Line, Reason: reason}
}

func (r *resolver) resolve(n *yaml.Node, depth int) (*yaml.Node, error) {
	if depth > maxDepth {
		return nil, r.fail(n, "nested too deep: use at most 100 levels")
	}
	if r.aliasDepth > 0 {
		if r.aliasNodesLeft--; r.aliasNodesLeft < 0 {
			return nil, r.fail(n, "the aliases expand to too many nodes: use at most 100000")
		}
	}
	if n.Kind == yaml.AliasNode {
		if r.openAnchors[n.Alias] {
			return nil, r.fail(n, "an alias refers to the anchor around it: remove the alias")
		}
		r.aliasDepth++
		defer func() { r.aliasDepth-- }()
		return r.resolve(n.Alias, depth+1)
	}
	if n.Anchor != "" {
		r.openAnchors[n] = true
		defer delete(r.openAnchors, n)
	}
	c := *n
	c.Content = nil
	if n.ShortTag() != "!!null" || r.aliasDepth > 0 {
		c.Anchor = "" // the anchor of an empty value can be a text that lacks quotes: nullHint needs it
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

// mapping fills c with the entries of n, and with the entries of its merge keys that n does not have.
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

// merge adds the entries of a mapping, or of a list of mappings, that c does not have.
func (r *resolver) merge(c, from *yaml.Node, own map[string]bool) error {
	mappings := []*yaml.Node{from}
	if from.Kind == yaml.SequenceNode {
		mappings = from.Content
	}
	for _, mapping := range mappings {
		if mapping.Kind != yaml.MappingNode {
			return r.fail(mapping, "only mappings can be merged with <<: refer to a mapping or remove the line")
		}
		for i := 0; i+1 < len(mapping.Content); i += 2 {
			if key := mapping.Content[i]; !own[key.Value] {
				own[key.Value] = true
				c.Content = append(c.Content, key, mapping.Content[i+1])
			}
		}
	}
	return nil
}
