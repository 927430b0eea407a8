package config

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// parseYAML returns the only document of the data, without aliases and merge keys. The node is nil for an empty
// document.
func parseYAML(file string, data []byte) (*yaml.Node, error) {
	var documents []yaml.Node
	if err := yaml.Load(data, &documents, yaml.WithAllDocuments()); err != nil {
		return nil, syntaxError(file, data, err)
	}
	switch len(documents) {
	case 0:
		return nil, nil
	case 1:
		r := resolver{file: file, aliasNodesLeft: maxAliasNodes, openAnchors: map[*yaml.Node]bool{}}
		return r.resolve(documents[0].Content[0], 0)
	}
	return nil, &Error{
		File: file, Line: documents[1].Line, Reason: "a second YAML document begins here: keep one document",
	}
}

// syntaxError returns an *Error for an error of the YAML loader. Of the file, it shows only the character that needs
// quotes. The messages of the loader repeat aliases and tags, and a password can begin with "*" or "!".
func syntaxError(file string, data []byte, err error) error {
	e := &Error{File: file, Line: 1, Reason: "invalid YAML"}
	failed, ok := errors.AsType[*yaml.LoadError](err)
	if !ok {
		return e
	}
	mark := failed.Mark
	tab := strings.Contains(failed.Message, "tab character")
	if failed.Stage == yaml.ScannerStage && failed.ContextMark.Line > 0 && !tab {
		mark = failed.ContextMark // where the token begins, not where it fails to end
	}
	before := data[:min(mark.Index, len(data))]
	if mark.Line == 0 { // the reader counts bytes only
		mark.Line = 1 + bytes.Count(before, []byte("\n"))
		mark.Column = 1 + utf8.RuneCount(before[1+bytes.LastIndexByte(before, '\n'):])
	}
	e.Line, e.Column = mark.Line, mark.Column
	message := failed.Message
	switch {
	case failed.Stage == yaml.ComposerStage:
		message = "unknown anchor"
	case failed.ContextMsg == "while parsing a tag":
		message = "invalid tag"
	case failed.ContextMark != failed.Mark && failed.ContextMsg != "":
		message += " " + failed.ContextMsg
	}
	e.Reason += ": " + message + ": " + syntaxHint(failed.Stage, characterAt(data, mark))
	return e
}

// characterAt returns the character at a position, or 0.
func characterAt(data []byte, at yaml.Mark) rune {
	lines := strings.Split(string(data), "\n")
	if at.Line > len(lines) {
		return 0
	}
	line := []rune(lines[at.Line-1])
	if at.Column < 1 || at.Column > len(line) {
		return 0
	}
	return line[at.Column-1]
}

// syntaxHint returns the hint for a syntax error at a character.
func syntaxHint(stage yaml.Stage, first rune) string {
	switch {
	case stage == yaml.ReaderStage:
		return "use UTF-8 text without control characters"
	case first == '\t':
		return "indent with spaces, not with tabs"
	case first == ':':
		return `check the indentation, and quote a text that contains ": "`
	case strings.ContainsRune("@`%&*!|>", first):
		return fmt.Sprintf("quote a text that begins with %c", first)
	}
	return "check indentation, brackets and quotes"
}
