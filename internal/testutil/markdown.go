package testutil

import (
	"regexp"
	"strings"
	"testing"
)

// ShellBlock is a block of shell commands in a page.
type ShellBlock struct {
	Commands string
	NotRun   bool // the line above the block is the comment "not run in CI" with a reason
}

var (
	shellBlock = regexp.MustCompile("(?m)^(.*)\n *```sh\n((?s:.*?))^ *```$")
	notRun     = regexp.MustCompile(`^ *<!-- not run in CI: .+ -->$`)
)

// ShellBlocks returns the blocks of shell commands in a Markdown text. A text without such a block fails the test.
func ShellBlocks(tb testing.TB, text string) (blocks []ShellBlock) {
	tb.Helper()
	for _, found := range shellBlock.FindAllStringSubmatch(text, -1) {
		blocks = append(blocks, ShellBlock{found[2], notRun.MatchString(found[1])})
	}
	if len(blocks) != strings.Count(text, "```sh\n") || len(blocks) == 0 {
		tb.Fatalf("%d of %d blocks found", len(blocks), strings.Count(text, "```sh\n"))
	}
	return blocks
}
