package deploytest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

const packageFolder = "../../deploy/package"

// stdout returns the standard output of the exporter.
func stdout(t *testing.T, args ...string) string {
	t.Helper()
	out, stderr, err := testutil.Run(t, t.TempDir(), testutil.Build(t), args...)
	if err != nil || stderr != "" {
		t.Fatalf("%s: %v, %s", args, err, stderr)
	}
	return out
}

// TestManPage compares the man page and the completions in the packages with the flags. They have no version.
func TestManPage(t *testing.T) {
	page := stdout(t, "--help-man")
	for file, content := range map[string]string{
		"oms_exporter.1":    strings.Replace(page, `  "`+testutil.Version+`"`, "", 1),
		"oms_exporter.bash": stdout(t, "--completion-script-bash"),
		"_oms_exporter":     stdout(t, "--completion-script-zsh"),
		"oms_exporter.fish": fishCompletion(t, page),
	} {
		testutil.Golden(t, filepath.Join(packageFolder, file), content)
	}
}

// fishCompletion makes the completion for fish from the man page. Kingpin makes none for fish.
func fishCompletion(t *testing.T, page string) string {
	t.Helper()
	flags := regexp.MustCompile(`(?m)^\\fB(?:-(\w), )?--([a-z.-]+)(=.*)?\\fR\n(.*)$`).FindAllStringSubmatch(page, -1)
	if len(flags) < 10 {
		t.Fatalf("the man page has %d flags", len(flags))
	}
	var b strings.Builder
	b.WriteString("complete -c oms_exporter -f\n")
	for _, flag := range flags {
		short, name, value, help := flag[1], flag[2], flag[3], flag[4]
		b.WriteString("complete -c oms_exporter")
		if short != "" {
			b.WriteString(" -s " + short)
		}
		b.WriteString(" -l " + name)
		switch {
		case strings.HasSuffix(name, ".file"):
			b.WriteString(" -r -F")
		case value != "":
			fmt.Fprintf(&b, " -x -a '(oms_exporter --completion-bash --%s)'", name)
		}
		summary, _, _ := strings.Cut(help, ". ")
		fmt.Fprintf(&b, " -d '%s'\n", strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(strings.TrimSuffix(summary, ".")))
	}
	return b.String()
}

func TestCompletions(t *testing.T) {
	path := "PATH=" + filepath.Dir(testutil.Build(t)) + ":" + os.Getenv("PATH")
	// complete_line prints the completions of the last word of its arguments.
	for _, shell := range []struct{ name, file, script string }{
		{"bash", "oms_exporter.bash", `source FILE; complete_line() { COMP_WORDS=(oms_exporter "$@"); COMP_CWORD=$#; _oms_exporter_bash_autocomplete; printf '%s\n' "${COMPREPLY[@]}"; }`},
		{"zsh", "_oms_exporter", `compdef() { :; }; source FILE; compadd() { printf '%s\n' "${(@P)2}"; }; complete_line() { typeset -A compstate=(nmatches 1); words=(oms_exporter "$@"); CURRENT=$#words; _oms_exporter; }`},
		{"fish", "oms_exporter.fish", `source FILE; function complete_line; complete -C "oms_exporter $argv" | string replace -r '\t.*' ''; end`},
	} {
		t.Run(shell.name, func(t *testing.T) {
			program := testutil.LookPath(t, "install the Debian package "+shell.name, shell.name)
			file, err := filepath.Abs(filepath.Join(packageFolder, shell.file))
			if err != nil {
				t.Fatal(err)
			}
			script := strings.Replace(shell.script, "FILE", file, 1) + "\ncomplete_line "
			for words, want := range map[string]string{
				"--web.enable":  "--web.enable-pprof",
				"--log.level d": "debug",
			} {
				cmd := exec.CommandContext(t.Context(), program, "-c", script+words)
				cmd.Env = []string{path, "HOME=" + t.TempDir(), "GOCOVERDIR=" + t.TempDir()}
				out, err := cmd.CombinedOutput()
				if got := strings.Fields(string(out)); err != nil || !slices.Contains(got, want) {
					t.Errorf("%s: %v, %q, want %s among them", words, err, out, want)
				}
			}
		})
	}
}
