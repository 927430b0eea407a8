package config

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestCheckFilesErrors(t *testing.T) {
	for _, c := range []struct {
		rule   string
		client string
		want   string // after "config.yml", FOLDER is the config's
	}{
		{"a password file must exist", "basic_auth:\n  password_file: none", ":6: targets[0].http_client.basic_auth.password_file: the file FOLDER/none cannot be read: no such file or directory: check the path and the permissions"},
		{"a username file must exist", "basic_auth: {username_file: none, password: x}", ":5: targets[0].http_client.basic_auth.username_file: the file FOLDER/none cannot be read: no such file or directory: check the path and the permissions"},
		{"a credentials file must not be empty", "authorization:\n  credentials_file: empty", ":6: targets[0].http_client.authorization.credentials_file: the file FOLDER/empty is empty: write the secret into it"},
		{"a bearer token file must not be a folder", "bearer_token_file: folder", ":5: targets[0].http_client.bearer_token_file: the file FOLDER/folder cannot be read: is not a regular file: check the path and the permissions"},
		{"a header file must have one line", "http_headers:\n  X-A:\n    files: [lines]", ":7: targets[0].http_client.http_headers.X-A.files: the file FOLDER/lines has more than one line: use one line of printable text"},
		{"a client secret file must exist", "oauth2:\n  client_id: a\n  token_url: http://a\n  client_secret_file: none", ":8: targets[0].http_client.oauth2.client_secret_file: the file FOLDER/none cannot be read: no such file or directory: check the path and the permissions"},
		{"the key file of a JWT must exist", "oauth2:\n  client_id: a\n  token_url: http://a\n  client_certificate_key_file: none", ":8: targets[0].http_client.oauth2.client_certificate_key_file: the file FOLDER/none cannot be read: no such file or directory: check the path and the permissions"},
		{"a CA file must exist", "enable_http2: true\ntls_config:\n  ca_file: none", ":7: targets[0].http_client.tls_config.ca_file: the file FOLDER/none cannot be read: no such file or directory: check the path and the permissions"},
		{"a CA file must contain a certificate", "tls_config: {ca_file: lines}", ":5: targets[0].http_client.tls_config: unable to use specified CA cert file FOLDER/lines"},
		{"an inline certificate must be PEM", "tls_config: {cert: x, key: Pl4nted-S3cret!}", ":5: targets[0].http_client.tls_config: unable to use specified client cert (inline) & key (inline): tls: failed to find any PEM data in certificate input"},
		{"the inline CA of a token server must be a certificate", "oauth2:\n  client_id: a\n  token_url: http://a\n  tls_config: {ca: x}", ":8: targets[0].http_client.oauth2.tls_config: unable to use specified CA cert inline"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			folder := t.TempDir()
			write(t, folder, "empty", " \n")
			write(t, folder, "lines", "Pl4nted-S3cret!\nsecond")
			write(t, folder, "folder/x", "")
			err := loadText(t, folder, c.client).CheckFiles()
			if err == nil {
				t.Fatal("no error")
			}
			want := filepath.Join(folder, "config.yml") + strings.ReplaceAll(c.want, "FOLDER", folder)
			if err.Error() != want {
				t.Errorf("error is\n%s\nwant\n%s", err, want)
			}
			checkErrorText(t, err, secretParts...)
		})
	}
}

func TestCheckFiles(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, "password", "Pl4nted-S3cret!\n")
	write(t, folder, "key.pem", "several\nlines\n")
	for _, client := range []string{
		"basic_auth: {username: u, password_file: password}",
		"oauth2: {client_id: a, token_url: 'http://a', client_secret_file: password, client_certificate_key_file: key.pem}",
		"http_headers: {X-A: {files: [password]}}",
	} {
		if err := loadText(t, folder, client).CheckFiles(); err != nil {
			t.Error(err)
		}
	}
}

func TestCheckFilesWithoutConfigFile(t *testing.T) {
	bad := DefaultTarget()
	bad.HTTPClient.TLSConfig.CA = "no certificate"
	err := (&Config{Targets: []Target{bad}}).CheckFiles()
	if err == nil || err.Error() != "targets[0].http_client: unable to use specified CA cert inline" {
		t.Errorf("error is %v", err)
	}
}
