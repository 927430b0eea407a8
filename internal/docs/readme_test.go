package docs

import (
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

// notRun is in each section of README.md whose commands no test runs.
const notRun = "No test runs the commands of this section"

// TestReadmeCommands runs the commands of README.md word for word, on the config of "A real OMS in five minutes" with the URL of a simulated
// OMS. README.zh-CN.md has the same commands and the same config.
func TestReadmeCommands(t *testing.T) {
	text := string(testutil.ReadFile(t, readme))
	fake := httptest.NewServer(simulator.New(simulator.Options{User: "monitor", Password: "Secret-1234"}))
	t.Cleanup(fake.Close)
	block := regexp.MustCompile("(?s)```yaml\n(   targets:.*?)```").FindStringSubmatch(text)
	if block == nil || !strings.Contains(block[1], "https://oms.example.com:8089") {
		t.Fatal("README.md has no config")
	}
	folder := t.TempDir()
	config := regexp.MustCompile(`(?m)^   `).ReplaceAllString(block[1], "")
	testutil.WriteFile(t, filepath.Join(folder, "config.yml"), strings.Replace(config, "https://oms.example.com:8089", fake.URL, 1))
	testutil.WriteFile(t, filepath.Join(folder, "oms-password"), "Secret-1234\n")
	inFolder := func(cmd *exec.Cmd) {
		cmd.Dir = folder
		cmd.Env = append(cmd.Env, "OMS_EXPORTER_WEB_LISTEN_ADDRESS=127.0.0.1:0")
	}

	var url string // of the exporter that was started last
	ran := 0
	for _, s := range chapters(text) {
		for _, command := range shellCommands(s.text) {
			words := strings.Fields(command)
			switch {
			case strings.Contains(s.text, notRun):
			case strings.HasPrefix(command, "go test "): // by .ci/run
			case words[0] == "curl":
				ran++
				metrics, err := testutil.Get(t, strings.Replace(words[len(words)-1], "http://localhost:10089", url, 1))
				if err != nil || metrics.Status != 200 || metrics.Value(t, `oms_up{oms="demo"}`) != 1 {
					t.Errorf("%s: %v, status %d", command, err, metrics.Status)
				}
			case words[0] != "oms_exporter":
				t.Errorf("%s: nothing runs this command; a section of such commands has the sentence %q", command, notRun)
			case strings.Contains(command, "--config.check"), strings.Contains(command, "--once"):
				ran++
				p := testutil.Launch(t, inFolder, words[1:]...)
				if code := p.ExitCode(); code != 0 {
					t.Errorf("%s: exit code %d", command, code)
				}
				if metrics := (testutil.Reply{Body: p.Stdout.String()}); strings.Contains(command, "--once") && metrics.Series(`oms_up{oms="prod"}`) != "1" {
					t.Errorf("%s: no oms_up 1 in\n%s", command, testutil.Tail(metrics.Body, 500))
				}
			default:
				ran++
				url = testutil.Launch(t, inFolder, words[1:]...).URL()
			}
		}
	}
	if ran < 5 {
		t.Errorf("only %d commands ran", ran)
	}
}
