package deploytest

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

const (
	systemd        = "../../deploy/systemd"
	serviceFile    = systemd + "/oms_exporter.service"
	socketFile     = systemd + "/oms_exporter.socket"
	installSystemd = "install the Debian package systemd"
	installedPath  = "/usr/bin/oms_exporter"
)

// unitSetting returns the values of a setting of a unit, in order.
func unitSetting(t *testing.T, file, name string) (values []string) {
	t.Helper()
	line := regexp.MustCompile(`(?m)^` + name + `=(.*)$`)
	for _, match := range line.FindAllSubmatch(testutil.ReadFile(t, file), -1) {
		values = append(values, string(match[1]))
	}
	return values
}

func TestUnits(t *testing.T) {
	t.Run("systemd accepts the service and the socket", func(t *testing.T) {
		self, err := os.Executable() // systemd-analyze requires the program that a unit starts
		if err != nil {
			t.Fatal(err)
		}
		args, folder := []string{"verify", "--man=no"}, t.TempDir()
		for _, file := range []string{serviceFile, socketFile} {
			text := strings.ReplaceAll(string(testutil.ReadFile(t, file)), installedPath, self)
			args = append(args, testutil.WriteFile(t, filepath.Join(folder, filepath.Base(file)), text))
		}
		tool(t, installSystemd, "systemd-analyze", args...)
	})
	// The exposure goes from 0 to 10, for a service without restrictions. The exporter needs the network.
	t.Run("the service has an exposure of 1.5 or less", func(t *testing.T) {
		tool(t, installSystemd, "systemd-analyze", "security", "--offline=true", "--threshold=15", serviceFile)
	})
}

// TestServiceFiles checks that the service, the config and the packages name the same files.
func TestServiceFiles(t *testing.T) {
	for _, variable := range unitSetting(t, serviceFile, "Environment") {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(name, value)
	}
	if start := unitSetting(t, serviceFile, "ExecStart"); !slices.Equal(start, []string{installedPath}) {
		t.Fatalf("ExecStart=%q, want %s", start, installedPath)
	}
	installed := readRelease(t).packaged()
	if _, ok := installed[installedPath]; !ok {
		t.Errorf("the packages lack %s", installedPath)
	}
	config := parseFlags(t).ConfigFile
	if installed[config] != "deploy/systemd/config.yml" {
		t.Errorf("the service reads %s, the packages have %v", config, installed)
	}
	credential, source, _ := strings.Cut(unitSetting(t, serviceFile, "LoadCredential")[0], ":")
	if path.Dir(source) != path.Dir(config) {
		t.Errorf("the password is in %s, not beside %s", source, config)
	}
	want := path.Join("/run/credentials", path.Base(serviceFile), credential)
	if got := passwordFile(t, systemd+"/config.yml"); got != want {
		t.Errorf("password_file is %s, systemd puts the credential at %s", got, want)
	}
}

// TestSocket checks that the variable in the comment of the socket makes the exporter use the port of systemd.
func TestSocket(t *testing.T) {
	variable := regexp.MustCompile(`OMS_EXPORTER_[A-Z_]+=\w+`).FindString(string(testutil.ReadFile(t, socketFile)))
	if variable == "" {
		t.Fatalf("%s names no variable", socketFile)
	}
	activate := testutil.LookPath(t, installSystemd, "systemd-socket-activate")
	free := testutil.Listen(t)
	address := free.Addr().String()
	_ = free.Close() // for systemd-socket-activate, which accepts no port 0
	testutil.Start(t, exec.Command(activate, "--listen="+address, "--setenv="+variable, dockerBinary(t), "--demo"))
	testutil.WaitFor(t, "/-/ready through the socket", func() error {
		reply, err := testutil.Get(t, "http://"+address+"/-/ready")
		if err == nil && reply.Status != http.StatusOK {
			err = fmt.Errorf("status %d", reply.Status)
		}
		return err
	})
}
