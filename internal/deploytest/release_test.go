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

	"go.yaml.in/yaml/v4"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

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
	text := testutil.ReadFile(t, "../../.goreleaser.yml")
	var r release
	if err := yaml.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Builds) != 1 || len(r.Archives) != 1 || len(r.Nfpms) != 1 {
		t.Fatal(".goreleaser.yml has not one build, one kind of archive and one kind of package")
	}
	return r
}

// packaged returns the files that the deb and rpm packages install, with their files in the repository.
func packaged(t *testing.T) map[string]string {
	t.Helper()
	nfpm := readRelease(t).Nfpms[0]
	files := map[string]string{path.Join(nfpm.Bindir, "oms_exporter"): ""}
	for _, content := range nfpm.Contents {
		files[content.Dst] = content.Src
	}
	return files
}

func TestReleaseHasFilesThatExist(t *testing.T) {
	r := readRelease(t)
	var named []string
	for _, file := range r.Archives[0].Files {
		named = append(named, file.Src)
	}
	for _, content := range r.Nfpms[0].Contents {
		named = append(named, content.Src)
	}
	for _, script := range r.Nfpms[0].Scripts {
		named = append(named, script)
	}
	for _, pattern := range named {
		if found, err := filepath.Glob(filepath.Join("..", "..", pattern)); err != nil || len(found) == 0 {
			t.Errorf("%s: no such file (%v)", pattern, err)
		}
	}
	if name := r.Nfpms[0].PackageName; !regexp.MustCompile(`^[a-z0-9][a-z0-9+.-]+$`).MatchString(name) {
		t.Errorf("Debian refuses a package named %s", name)
	}
}

// All of docs/ is in the archives and in the packages.
func TestReleaseHasTheDocumentation(t *testing.T) {
	r := readRelease(t)
	var archived, installed []string
	for _, file := range r.Archives[0].Files {
		archived = append(archived, file.Src)
	}
	for _, content := range r.Nfpms[0].Contents {
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
		for where, patterns := range map[string][]string{"archives": archived, "packages": installed} {
			if !slices.ContainsFunc(patterns, func(pattern string) bool { ok, _ := path.Match(pattern, name); return ok }) {
				t.Errorf("%s is not in the %s", name, where)
			}
		}
		return nil
	})
	if err != nil || found < 10 {
		t.Errorf("%d files, %v", found, err)
	}
}

func TestPackagesHaveTheManPageAndCompletions(t *testing.T) {
	installed := packaged(t)
	for to, from := range map[string]string{
		"/usr/share/man/man1/oms_exporter.1":                     "oms_exporter.1",
		"/usr/share/bash-completion/completions/oms_exporter":    "oms_exporter.bash",
		"/usr/share/zsh/vendor-completions/_oms_exporter":        "_oms_exporter",
		"/usr/share/zsh/site-functions/_oms_exporter":            "_oms_exporter",
		"/usr/share/fish/vendor_completions.d/oms_exporter.fish": "oms_exporter.fish",
	} {
		if installed[to] != "deploy/package/"+from {
			t.Errorf("%s is %q", to, installed[to])
		}
	}
}

// An edited config survives an upgrade.
func TestPackagesKeepTheConfig(t *testing.T) {
	for _, content := range readRelease(t).Nfpms[0].Contents {
		if strings.HasPrefix(content.Dst, "/etc/") != (content.Type == "config|noreplace") {
			t.Errorf("%s has type %q", content.Dst, content.Type)
		}
	}
}

// buildCommand is what the Dockerfile builds the program by, as a line for the shell.
func buildCommand(t *testing.T) string {
	t.Helper()
	text := testutil.ReadFile(t, "../../Dockerfile")
	joined := strings.ReplaceAll(string(text), "\\\n", "")
	match := regexp.MustCompile(`(?m)^RUN .*?(CGO_ENABLED=0 .*go build .*)$`).FindStringSubmatch(joined)
	if match == nil {
		t.Fatal("the Dockerfile has no RUN with CGO_ENABLED=0 and go build")
	}
	return match[1]
}

// dockerBuild is the exporter as the Dockerfile builds it, once for all tests.
var dockerBuild struct {
	once   sync.Once
	output []byte
	err    error
}

// exporter returns the path of the binary that the Dockerfile's command builds.
func exporter(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(testutil.SharedDir(t), "oms_exporter-docker")
	dockerBuild.once.Do(func() {
		// Without -trimpath: it would compile all packages again that a plain build has left in the cache.
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

// The linker ignores a missing variable, so the program has to show the values.
func TestVersionIsWhatWasBuilt(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), exporter(t), "--version").CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"version 1.2.3 (branch: trunk, revision: c0ffee)", "somebody", "2026-01-02"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("--version says\n%s\nwithout %q", out, want)
		}
	}
}

// A release is built like the image.
func TestReleaseIsBuiltLikeTheImage(t *testing.T) {
	linked := func(text string) []string {
		names := regexp.MustCompile(`-X ([\w./]+)=`).FindAllString(text, -1)
		slices.Sort(names)
		return names
	}
	build, image := readRelease(t).Builds[0], buildCommand(t)
	if got, want := linked(strings.Join(build.Ldflags, " ")), linked(image); !slices.Equal(got, want) || len(want) != 5 {
		t.Errorf("a release sets %q, the image %q", got, want)
	}
	for _, want := range []string{build.Env[0], build.Flags[0], build.Ldflags[0]} {
		if !strings.Contains(image, want) {
			t.Errorf("the image is built without %s", want)
		}
	}
	for _, systems := range [][2][]string{
		{build.Goos, {"linux", "darwin", "windows"}},
		{build.Goarch, {"amd64", "arm64"}},
	} {
		if !slices.Equal(systems[0], systems[1]) {
			t.Errorf("a release is for %q, want %q", systems[0], systems[1])
		}
	}
}
