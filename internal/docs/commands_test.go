package docs

import (
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

// TestCommands runs the commands of README.md and of the pages word for word, with the config of README.md and the URL
// of a simulated OMS. Package deploytest runs the commands of four pages. README.zh-CN.md has the commands and the
// config of README.md.
func TestCommands(t *testing.T) {
	folder := folderOfReadme(t)
	launch := func(words []string) *testutil.Process {
		return testutil.Launch(t, func(cmd *exec.Cmd) {
			cmd.Dir = folder
			cmd.Env = append(cmd.Env, "OMS_EXPORTER_WEB_LISTEN_ADDRESS=127.0.0.1:0")
		}, words[1:]...)
	}
	up := regexp.MustCompile(`(?m)^oms_up\{oms="\w+"\} 1$`)
	var url string // of the exporter that was started last
	run := func(command string) {
		words := strings.Fields(command)
		switch {
		case words[0] == "curl":
			address := strings.Trim(words[len(words)-1], "'")
			metrics, err := testutil.Get(t, strings.Replace(address, "http://localhost:10089", url, 1))
			if err != nil || metrics.Status != 200 || !up.MatchString(metrics.Body) {
				t.Errorf("%s: %v, status %d", command, err, metrics.Status)
			}
		case words[0] != "oms_exporter":
			t.Errorf("%s: no test runs this command, and its block does not have the mark \"not run in CI\"", command)
		case slices.Contains(words, "--config.check"), slices.Contains(words, "--once"):
			p := launch(words)
			if code := p.ExitCode(); code != 0 {
				t.Errorf("%s: exit code %d", command, code)
			}
			if output := p.Stdout.String(); slices.Contains(words, "--once") && !up.MatchString(output) {
				t.Errorf("%s: no oms_up 1 in\n%s", command, testutil.Tail(output, 500))
			}
		default:
			url = launch(words).URL()
		}
	}
	commands := commandsOfPages(t)
	if len(commands) < 8 {
		t.Errorf("only %d commands", len(commands))
	}
	for _, command := range commands {
		run(command)
	}
}

// folderOfReadme returns a folder with the config and the password of README.md. The URL of the OMS is that of a
// simulated one.
func folderOfReadme(t *testing.T) string {
	t.Helper()
	oms := httptest.NewServer(simulator.New(simulator.Options{User: "monitor", Password: "Secret-1234"}))
	t.Cleanup(oms.Close)
	block := regexp.MustCompile("(?s)```yaml\n(   targets:.*?)```").FindSubmatch(testutil.ReadFile(t, readme))
	if block == nil || !strings.Contains(string(block[1]), "https://oms.example.com:8089") {
		t.Fatal("README.md has no config")
	}
	config := regexp.MustCompile(`(?m)^   `).ReplaceAllString(string(block[1]), "")
	config = strings.Replace(config, "https://oms.example.com:8089", oms.URL, 1)
	folder := t.TempDir()
	testutil.WriteFile(t, filepath.Join(folder, "config.yml"), config)
	testutil.WriteFile(t, filepath.Join(folder, "oms-password"), "Secret-1234\n")
	return folder
}

// commandsOfPages returns the commands of README.md and then those of the pages. It skips go test, which .ci/run runs,
// and promtool, which package boards runs.
func commandsOfPages(t *testing.T) (commands []string) {
	t.Helper()
	text := string(testutil.ReadFile(t, readme))
	byDeploytest := []string{"install.md", "kubernetes.md", "dashboards.md", "release.md"}
	for _, page := range pages(t) {
		if page != readme && !slices.Contains(byDeploytest, filepath.Base(page)) {
			text += string(testutil.ReadFile(t, page))
		}
	}
	for _, block := range testutil.ShellBlocks(t, text) {
		for command := range strings.Lines(block.Commands) {
			command = strings.TrimSpace(command)
			if !block.NotRun && !strings.HasPrefix(command, "go test ") && !strings.HasPrefix(command, "promtool check rules ") {
				commands = append(commands, command)
			}
		}
	}
	return commands
}
