package config

import (
	"net/url"
	"slices"
	"strings"

	promconfig "github.com/prometheus/common/config"
	"go.yaml.in/yaml/v4"

	"github.com/oms-exporter/oms_exporter/internal/textutil"
)

// Redacted returns the configuration as YAML: every default filled in, the
// keys in a fixed order, and <secret> in the place of each secret. All values
// of http_headers and all of OAuth2's parameters and claims count as secret
// here, and so does any query of proxy_url and token_url: what they mean is
// the user's choice.
func (c *Config) Redacted() string {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for i := range c.Targets {
		list.Content = append(list.Content, targetSettings().show(&c.Targets[i]))
	}
	root := &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{encode("targets"), list}}
	var b strings.Builder
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(root); err != nil {
		return "# " + textutil.OneLine(err.Error()) + "\n"
	}
	return b.String()
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
	hide(node, "")
	for _, proxy := range proxies(node, c) {
		proxy.node.SetString(redactedURL(proxy.url))
	}
	return node
}

type shownProxy struct {
	node *yaml.Node
	url  *url.URL
}

// proxies finds the proxy URLs: the library hides their passwords by xxxxx.
func proxies(node *yaml.Node, c *promconfig.HTTPClientConfig) []shownProxy {
	var all []shownProxy
	root := value{node: node}
	if at, found := root.find("proxy_url"); found {
		all = append(all, shownProxy{at.node, c.ProxyURL.URL})
	}
	if at, found := root.find("oauth2", "proxy_url"); found {
		all = append(all, shownProxy{at.node, c.OAuth2.ProxyURL.URL})
	}
	return all
}

// Keys that are secret, and those under which every text is.
var (
	secretKeys   = []string{"password", "credentials", "bearer_token", "client_secret", "client_certificate_key", "key"}
	secretBlocks = []string{"claims", "endpoint_params", "proxy_connect_header", "values", "secrets"}
)

// hide replaces the secrets below a key. It does not rely on the types to hide
// themselves: prometheus/common has a global switch that turns this off.
func hide(node *yaml.Node, key string) {
	switch {
	case node.Kind == yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			name := node.Content[i].Value
			if slices.Contains(secretBlocks, key) {
				name = key
			}
			hide(node.Content[i+1], name)
		}
	case node.Kind == yaml.SequenceNode:
		for _, item := range node.Content {
			hide(item, key)
		}
	case slices.Contains(secretKeys, key), slices.Contains(secretBlocks, key):
		node.SetString(Hidden)
	case key == "token_url":
		if u, err := url.Parse(node.Value); err == nil {
			node.SetString(redactedURL(u))
		} else {
			node.SetString(Hidden)
		}
	}
}

// redactedURL writes a URL with its password and its query hidden.
func redactedURL(u *url.URL) string {
	shown := *u
	shown.User, shown.RawQuery = nil, ""
	text := shown.String()
	if u.User != nil {
		user := url.User(u.User.Username()).String()
		if _, has := u.User.Password(); has {
			user += ":" + Hidden
		}
		text = strings.Replace(text, "//", "//"+user+"@", 1)
	}
	if u.RawQuery != "" {
		text += "?" + Hidden
	}
	return text
}
