package deploytest

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// release has the fields of .goreleaser.yml that the tests read.
type release struct {
	Builds []struct {
		Env, Goos, Goarch, Flags, Ldflags []string
	}
	Archives []struct{ Files []struct{ Src string } }
	Nfpms    []struct {
		PackageName string `yaml:"package_name"`
		Bindir      string
		Contents    []struct{ Src, Dst, Type string }
		Scripts     map[string]string
	}
}

func readRelease(t *testing.T) release {
	t.Helper()
	var r release
	testutil.ReadYAML(t, "../../.goreleaser.yml", &r)
	if len(r.Builds) != 1 || len(r.Archives) != 1 || len(r.Nfpms) != 1 {
		t.Fatalf(".goreleaser.yml: %d builds, %d archives, %d packages, want one build, one archive, one package",
			len(r.Builds), len(r.Archives), len(r.Nfpms))
	}
	return r
}

// archived returns the patterns of the files in the archives.
func (r release) archived() (patterns []string) {
	for _, file := range r.Archives[0].Files {
		patterns = append(patterns, file.Src)
	}
	return patterns
}

// packaged returns the files that the deb and rpm packages install, with their files in the repository.
func (r release) packaged() map[string]string {
	files := map[string]string{path.Join(r.Nfpms[0].Bindir, "oms_exporter"): ""}
	for _, content := range r.Nfpms[0].Contents {
		files[content.Dst] = content.Src
	}
	return files
}

func TestRelease(t *testing.T) {
	r := readRelease(t)
	nfpm := r.Nfpms[0]
	t.Run("the archives and packages have files that exist", func(t *testing.T) {
		patterns := r.archived()
		for _, content := range nfpm.Contents {
			patterns = append(patterns, content.Src)
		}
		for _, script := range nfpm.Scripts {
			patterns = append(patterns, script)
		}
		for _, pattern := range patterns {
			testutil.Glob(t, "../../"+pattern)
		}
	})
	t.Run("the archives and packages have all files in docs", func(t *testing.T) {
		var installed []string
		for _, content := range nfpm.Contents {
			if content.Dst == "/usr/share/doc/oms-exporter/"+path.Dir(content.Src)+"/" {
				installed = append(installed, content.Src)
			}
		}
		found := 0
		err := filepath.WalkDir("../../docs", func(name string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			found++
			name = strings.TrimPrefix(filepath.ToSlash(name), "../../")
			for where, patterns := range map[string][]string{"archives": r.archived(), "packages": installed} {
				if !slices.ContainsFunc(patterns, func(pattern string) bool { ok, _ := path.Match(pattern, name); return ok }) {
					t.Errorf("%s is not in the %s", name, where)
				}
			}
			return nil
		})
		if err != nil || found < 10 {
			t.Errorf("%d files, %v", found, err)
		}
	})
	t.Run("the packages have the man page and the completions", func(t *testing.T) {
		for to, from := range map[string]string{
			"/usr/share/man/man1/oms_exporter.1":                     "oms_exporter.1",
			"/usr/share/bash-completion/completions/oms_exporter":    "oms_exporter.bash",
			"/usr/share/zsh/vendor-completions/_oms_exporter":        "_oms_exporter",
			"/usr/share/zsh/site-functions/_oms_exporter":            "_oms_exporter",
			"/usr/share/fish/vendor_completions.d/oms_exporter.fish": "oms_exporter.fish",
		} {
			if got := r.packaged()[to]; got != "deploy/package/"+from {
				t.Errorf("%s is %q", to, got)
			}
		}
	})
	t.Run("an upgrade keeps an edited config", func(t *testing.T) {
		for _, content := range nfpm.Contents {
			if strings.HasPrefix(content.Dst, "/etc/") != (content.Type == "config|noreplace") {
				t.Errorf("%s has type %q", content.Dst, content.Type)
			}
		}
	})
	t.Run("Debian accepts the name of the package", func(t *testing.T) {
		if !regexp.MustCompile(`^[a-z0-9][a-z0-9+.-]+$`).MatchString(nfpm.PackageName) {
			t.Errorf("the name is %s", nfpm.PackageName)
		}
	})
	t.Run("a release is built like the image", func(t *testing.T) {
		variables := func(text string) []string {
			return slices.Sorted(slices.Values(regexp.MustCompile(`-X ([\w./]+)=`).FindAllString(text, -1)))
		}
		build, image := r.Builds[0], buildCommand(t)
		got, want := variables(strings.Join(build.Ldflags, " ")), variables(image)
		if !slices.Equal(got, want) || len(want) != 5 {
			t.Errorf("a release sets %q, the image %q", got, want)
		}
		for _, option := range []string{build.Env[0], build.Flags[0], build.Ldflags[0]} {
			if !strings.Contains(image, option) {
				t.Errorf("the image is built without %s", option)
			}
		}
	})
	t.Run("a release is for all platforms", func(t *testing.T) {
		if got, want := r.Builds[0].Goos, []string{"linux", "darwin", "windows"}; !slices.Equal(got, want) {
			t.Errorf("systems %q, want %q", got, want)
		}
		if got, want := r.Builds[0].Goarch, []string{"amd64", "arm64"}; !slices.Equal(got, want) {
			t.Errorf("processors %q, want %q", got, want)
		}
	})
}

// buildCommand returns the shell command of the Dockerfile that builds the exporter.
func buildCommand(t *testing.T) string {
	t.Helper()
	text := strings.ReplaceAll(string(testutil.ReadFile(t, "../../Dockerfile")), "\\\n", "")
	match := regexp.MustCompile(`(?m)^RUN .*?(CGO_ENABLED=0 .*go build .*)$`).FindStringSubmatch(text)
	if match == nil {
		t.Fatal("the Dockerfile has no RUN with CGO_ENABLED=0 and go build")
	}
	return match[1]
}

// dockerBuild is the result of dockerBinary, which all tests use.
var dockerBuild struct {
	once   sync.Once
	output []byte
	err    error
}

// dockerBinary returns the path of the exporter that the command of the Dockerfile builds.
func dockerBinary(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(testutil.SharedDir(t), "oms_exporter-docker")
	dockerBuild.once.Do(func() {
		// Without -trimpath, go build uses the packages that a plain build has left in the cache.
		line := strings.NewReplacer("-o /out/oms_exporter", "-o "+binary, "-trimpath", "").Replace(buildCommand(t))
		build := exec.Command("sh", "-c", line) // not the first test's context: all tests use the result
		build.Dir = testutil.Root(t)
		build.Env = append(os.Environ(), "GOFLAGS=", "TARGETOS=", "TARGETARCH=",
			"VERSION=1.2.3", "REVISION=c0ffee", "BRANCH=trunk", "BUILD_USER=somebody", "BUILD_DATE=2026-01-02")
		dockerBuild.output, dockerBuild.err = build.CombinedOutput()
	})
	if dockerBuild.err != nil {
		t.Fatalf("the Dockerfile's go build fails: %v\n%s", dockerBuild.err, dockerBuild.output)
	}
	return binary
}

// TestVersion checks the variables that the linker sets. The linker ignores the name of a variable that does not exist.
func TestVersion(t *testing.T) {
	out := string(tool(t, "", dockerBinary(t), "--version"))
	for _, want := range []string{"version 1.2.3 (branch: trunk, revision: c0ffee)", "somebody", "2026-01-02"} {
		if !strings.Contains(out, want) {
			t.Errorf("--version does not print %q:\n%s", want, out)
		}
	}
}
