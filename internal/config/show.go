package config

import (
	"net/url"
	"slices"
	"strings"

	promconfig "github.com/prometheus/common/config"
	"go.yaml.in/yaml/v4"

	"github.com/oms-exporter/oms_exporter/internal/textutil"
)

// Redacted returns the configuration as YAML with all defaults, keys in a fixed order, and <secret> instead of each
// secret. It hides all values of http_headers, all parameters and claims of OAuth2, and the queries of proxy_url and
// token_url, since users choose their meaning.
func (c *Config) Redacted() string {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for i := range c.Targets {
		list.Content = append(list.Content, targetSettings().show(&c.Targets[i]))
	}
	root := &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{encode("targets"), list}}
	text, err := yaml.Dump(root, yaml.WithCompactSeqIndent(false))
	if err != nil {
		return "# " + textutil.OneLine(err.Error()) + "\n"
	}
	return string(text)
}

// encode returns a value as a YAML node.
func encode(v any) *yaml.Node {
	if node, ok := v.(*yaml.Node); ok {
		return node
	}
	var node yaml.Node
	if err := node.Encode(v); err != nil {
		return &yaml.Node{Kind: yaml.ScalarNode, Value: "cannot be shown"}
	}
	return &node
}

func showHTTPClient(c *promconfig.HTTPClientConfig) *yaml.Node {
	node := encode(c)
	hideSecrets(node, "")
	return node
}

// secretKeys are the keys of secrets. secretBlocks are the keys below which every text is a secret.
var (
	secretKeys   = []string{"password", "credentials", "bearer_token", "client_secret", "client_certificate_key", "key"}
	secretBlocks = []string{"claims", "endpoint_params", "proxy_connect_header", "values", "secrets"}
)

// hideSecrets replaces the secrets below a key. It does not rely on the types of prometheus/common, which show their
// secrets if a global switch is set.
func hideSecrets(node *yaml.Node, key string) {
	switch {
	case node.Kind == yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			name := node.Content[i].Value
			if slices.Contains(secretBlocks, key) {
				name = key
			}
			hideSecrets(node.Content[i+1], name)
		}
	case node.Kind == yaml.SequenceNode:
		for _, item := range node.Content {
			hideSecrets(item, key)
		}
	case slices.Contains(secretKeys, key), slices.Contains(secretBlocks, key):
		node.SetString(placeholder)
	case key == "token_url", key == "proxy_url":
		if u, err := url.Parse(node.Value); err == nil {
			node.SetString(redactedURL(u))
		} else {
			node.SetString(placeholder)
		}
	}
}

// redactedURL returns a URL with its password and its query hidden.
func redactedURL(u *url.URL) string {
	shown := *u
	shown.User, shown.RawQuery = nil, ""
	text := shown.String()
	if u.User != nil {
		user := url.User(u.User.Username()).String()
		if _, has := u.User.Password(); has {
			user += ":" + placeholder
		}
		text = strings.Replace(text, "//", "//"+user+"@", 1)
	}
	if u.RawQuery != "" {
		text += "?" + placeholder
	}
	return text
}
