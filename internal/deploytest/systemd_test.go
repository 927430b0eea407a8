package deploytest

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

const (
	systemd        = "../../deploy/systemd"
	serviceFile    = systemd + "/oms_exporter.service"
	socketFile     = systemd + "/oms_exporter.socket"
	installSystemd = "install the Debian package systemd"
	installedUnit  = "/usr/bin/oms_exporter"
)

// setting gives the values of a setting of a unit, in order.
func setting(t *testing.T, file, name string) []string {
	t.Helper()
	text := testutil.ReadFile(t, file)
	var values []string
	for _, match := range regexp.MustCompile(`(?m)^`+name+`=(.*)$`).FindAllStringSubmatch(string(text), -1) {
		values = append(values, match[1])
	}
	return values
}

// systemd-analyze requires the program that a unit starts. Here it is this test.
func TestUnitsAreValid(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var files []string
	for _, file := range []string{serviceFile, socketFile} {
		text := testutil.ReadFile(t, file)
		to := filepath.Join(dir, filepath.Base(file))
		testutil.WriteFile(t, to, strings.ReplaceAll(string(text), installedUnit, self))
		files = append(files, to)
	}
	tool(t, installSystemd, "systemd-analyze", append([]string{"verify", "--man=no"}, files...)...)
}

// Of 0 to 10, where 10 is a service that may do all. What is left is the network, which it is for.
func TestServiceIsHardlyExposed(t *testing.T) {
	tool(t, installSystemd, "systemd-analyze", "security", "--offline=true", "--threshold=15", serviceFile) // tenths
}

// What the unit, the socket, the config and the packages say of one another.
func TestServiceFindsItsFiles(t *testing.T) {
	for _, line := range append(setting(t, serviceFile, "Environment"), setting(t, socketFile, "# *Environment")...) {
		name, value, _ := strings.Cut(line, "=")
		t.Setenv(name, value)
	}
	start := setting(t, serviceFile, "ExecStart")
	if len(start) != 1 || start[0] != installedUnit {
		t.Fatalf("ExecStart=%q, want %s", start, installedUnit)
	}
	installed := packaged(t)
	if _, ok := installed[installedUnit]; !ok {
		t.Errorf("the packages lack %s", installedUnit)
	}
	config := parseFlags(t).ConfigFile
	if installed[config] != "deploy/systemd/config.yml" {
		t.Errorf("the service reads %s, the packages have %v", config, installed)
	}
	credential, source, _ := strings.Cut(setting(t, serviceFile, "LoadCredential")[0], ":")
	if path.Dir(source) != path.Dir(config) {
		t.Errorf("the password is in %s, not beside %s", source, config)
	}
	// The folder that systemd gives a service of the system for its credentials.
	if got, want := passwordFile(
		t,
		systemd+"/config.yml",
	), path.Join("/run/credentials", path.Base(serviceFile), credential); got != want {
		t.Errorf("password_file is %s, systemd puts the credential at %s", got, want)
	}
}

// The socket unit's variable makes the exporter take the port that systemd hands over.
func TestSocketIsTakenFromSystemd(t *testing.T) {
	activate := testutil.LookPath(t, installSystemd, "systemd-socket-activate")
	name, value := socketVariable(t)
	free := testutil.Listen(t)
	address := free.Addr().String()
	_ = free.Close() // for systemd-socket-activate, which takes no port 0
	testutil.Start(t, exec.Command(activate, "--listen="+address, "--setenv="+name+"="+value, exporter(t), "--demo"))
	testutil.WaitFor(t, "/-/ready through the socket", func() error {
		reply, err := testutil.Get(t, "http://"+address+"/-/ready")
		if err == nil && reply.Status != http.StatusOK {
			err = fmt.Errorf("status %d", reply.Status)
		}
		return err
	})
}

// socketVariable is the setting that the comment of the socket unit requires.
func socketVariable(t *testing.T) (name, value string) {
	t.Helper()
	text := testutil.ReadFile(t, socketFile)
	match := regexp.MustCompile(`(OMS_EXPORTER_[A-Z_]+)=(\w+)`).FindStringSubmatch(string(text))
	if match == nil {
		t.Fatalf("%s names no variable", socketFile)
	}
	return match[1], match[2]
}
