package config

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A file that is larger is not searched for the line of a syntax error: each
// line costs a parse of all lines before it.
const (
	maxSearchLines = 500
	maxSearchBytes = 32 << 10
)

// parseYAML returns the only document of the data, with aliases and merge keys
// replaced by what they stand for. An empty document has no node.
func parseYAML(file string, data []byte) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document yaml.Node
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, syntaxError(file, data, err)
	}
	var second yaml.Node
	if err := decoder.Decode(&second); err == nil {
		return nil, &Error{File: file, Line: second.Line, Reason: "a second YAML document begins here: allowed is one"}
	} else if !errors.Is(err, io.EOF) {
		return nil, syntaxError(file, data, err)
	}
	r := resolver{file: file, left: maxAliasNodes, open: map[*yaml.Node]bool{}}
	return r.resolve(document.Content[0], 0)
}

var yamlPrefix = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// syntaxError turns an error of the YAML parser into one that shows nothing of
// the file: an alias to an unknown anchor is quoted by the parser, and might
// be a password that begins with "*".
func syntaxError(file string, data []byte, err error) error {
	text := err.Error()
	line := 1
	if found := yamlPrefix.FindStringSubmatch(text); found != nil {
		if n, err := strconv.Atoi(found[1]); err == nil {
			line = n
		}
		text = text[len(found[0]):]
	}
	line = errorLine(data, line)
	return &Error{File: file, Line: line, Reason: "no valid YAML: " + explain(text, lineOf(data, line))}
}

// explain puts what the parser says into words that help.
func explain(text string, line []byte) string {
	indent := line[:len(line)-len(bytes.TrimLeft(line, " \t"))]
	switch {
	case bytes.ContainsRune(indent, '\t'):
		return "a tab: allowed are spaces"
	case strings.Contains(text, "unknown anchor"):
		return "an alias without its anchor: a text that begins with * needs quotes"
	case strings.Contains(text, "cannot start any token"):
		return text + ": a text that begins with " + firstOf(line, "@`%", "@, ` or %") + " needs quotes"
	case strings.Contains(text, "expected alphabetic or numeric character"):
		return text + ": a text that begins with " + firstOf(line, "&*", "& or *") + " needs quotes"
	case strings.Contains(text, "mapping values are not allowed"):
		return text + `: check the indentation; a text with ": " in it needs quotes`
	case strings.HasPrefix(text, "did not find expected"):
		return text + ": check indentation, brackets and quotes"
	}
	return text
}

// firstOf returns the first of some characters that a word in a line begins with, otherwise all of them.
func firstOf(line []byte, characters, all string) string {
	for word := range bytes.FieldsSeq(line) {
		if first := word[:1]; bytes.ContainsAny(first, characters) {
			return string(first)
		}
	}
	return all
}

// errorLine finds the line of a syntax error. The parser tells the line where
// the surrounding block begins, and that one too low at times. So: the line
// after the longest run of whole lines that can be parsed.
func errorLine(data []byte, told int) int {
	lines := bytes.SplitAfter(data, []byte("\n"))
	if len(lines) > maxSearchLines || len(data) > maxSearchBytes {
		return told
	}
	end := len(data)
	for n := len(lines) - 1; n > 0; n-- {
		end -= len(lines[n])
		var document yaml.Node
		if err := yaml.Unmarshal(data[:end], &document); err == nil {
			return min(n+1, len(lines))
		}
	}
	return 1
}

func lineOf(data []byte, line int) []byte {
	lines := bytes.Split(data, []byte("\n"))
	if line > len(lines) {
		return nil
	}
	return lines[line-1]
}
