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

var up = regexp.MustCompile(`(?m)^oms_up\{oms="\w+"\} 1$`)

// TestCommands runs the commands of README.md and of the pages word for word, on the config of "A real OMS in five
// minutes" with the URL of a simulated OMS. Package deploytest runs those of four pages. README.zh-CN.md has the same
// commands and the same config as README.md.
func TestCommands(t *testing.T) {
	text := string(testutil.ReadFile(t, readme))
	fake := httptest.NewServer(simulator.New(simulator.Options{User: "monitor", Password: "Secret-1234"}))
	t.Cleanup(fake.Close)
	block := regexp.MustCompile("(?s)```yaml\n(   targets:.*?)```").FindStringSubmatch(text)
	if block == nil || !strings.Contains(block[1], "https://oms.example.com:8089") {
		t.Fatal("README.md has no config")
	}
	folder := t.TempDir()
	config := regexp.MustCompile(`(?m)^   `).ReplaceAllString(block[1], "")
	testutil.WriteFile(
		t,
		filepath.Join(folder, "config.yml"),
		strings.Replace(config, "https://oms.example.com:8089", fake.URL, 1),
	)
	testutil.WriteFile(t, filepath.Join(folder, "oms-password"), "Secret-1234\n")
	inFolder := func(cmd *exec.Cmd) {
		cmd.Dir = folder
		cmd.Env = append(cmd.Env, "OMS_EXPORTER_WEB_LISTEN_ADDRESS=127.0.0.1:0")
	}

	var url string // of the exporter that was started last
	ran := 0
	byDeploytest := []string{"install.md", "kubernetes.md", "dashboards.md", "release.md"}
	for _, page := range pages(t) {
		if page != readme && !slices.Contains(byDeploytest, filepath.Base(page)) {
			text += string(testutil.ReadFile(t, page))
		}
	}
	for _, block := range testutil.ShellBlocks(t, text) {
		if block.NotRun {
			continue
		}
		for command := range strings.Lines(block.Commands) {
			command = strings.TrimSpace(command)
			words := strings.Fields(command)
			switch {
			case strings.HasPrefix(command, "go test "),
				strings.HasPrefix(command, "promtool check rules "): // by .ci/run and by internal/boards
				continue
			case words[0] == "curl":
				metrics, err := testutil.Get(
					t,
					strings.Replace(strings.Trim(words[len(words)-1], "'"), "http://localhost:10089", url, 1),
				)
				if err != nil || metrics.Status != 200 || !up.MatchString(metrics.Body) {
					t.Errorf("%s: %v, status %d", command, err, metrics.Status)
				}
			case words[0] != "oms_exporter":
				t.Errorf("%s: no test runs this command, and its block does not have the mark \"not run in CI\"", command)
			case strings.Contains(command, "--config.check"), strings.Contains(command, "--once"):
				p := testutil.Launch(t, inFolder, words[1:]...)
				if code := p.ExitCode(); code != 0 {
					t.Errorf("%s: exit code %d", command, code)
				}
				if output := p.Stdout.String(); strings.Contains(command, "--once") && !up.MatchString(output) {
					t.Errorf("%s: no oms_up 1 in\n%s", command, testutil.Tail(output, 500))
				}
			default:
				url = testutil.Launch(t, inFolder, words[1:]...).URL()
			}
			ran++
		}
	}
	if ran < 8 {
		t.Errorf("only %d commands ran", ran)
	}
}
