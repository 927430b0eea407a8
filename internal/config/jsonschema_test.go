package config

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

const schemaFile = "../../docs/config.schema.json"

// TestSchema compares docs/config.schema.json, which editors use, with the settings in the code.
func TestSchema(t *testing.T) {
	target := targetSettings().schema("name", "url")
	describe(t, target, "Target")
	describe(t, target["properties"].(schema)["filter"].(schema), "Filter")
	addDefaults(target, DefaultTarget())
	root := configSettings().schema("targets")
	root["properties"].(schema)["targets"].(schema)["items"] = target
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "Config of oms_exporter"
	text, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	testutil.Golden(t, schemaFile, string(text)+"\n")
}

// describe adds the comments of a type's fields, with the key in place of the field's name.
func describe(t *testing.T, s schema, typeName string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "config.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok || spec.Name.Name != typeName {
			return true
		}
		for _, field := range spec.Type.(*ast.StructType).Fields.List {
			if field.Tag == nil || field.Doc == nil {
				continue
			}
			key := reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("yaml")
			text := strings.Join(strings.Fields(field.Doc.Text()), " ")
			s["properties"].(schema)[key].(schema)["description"] = key + strings.TrimPrefix(text, field.Names[0].Name)
		}
		return false
	})
}

// addDefaults adds the defaults of a target to the settings that have one of a simple kind.
func addDefaults(s schema, defaults Target) {
	for _, setting := range targetSettings() {
		if shown := setting.show(&defaults); reflect.TypeOf(shown).Comparable() && shown != "" &&
			reflect.TypeOf(shown) != reflect.TypeFor[*yaml.Node]() {
			s["properties"].(schema)[setting.key].(schema)["default"] = shown
		}
	}
}

// compileSchema reads the schema as an editor does.
func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(testutil.ReadFile(t, schemaFile)))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(schemaFile, document); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// instance decodes YAML as an editor does: a time is a text.
func instance(data []byte) (any, error) {
	var v any
	if err := yaml.Unmarshal(data, &v); err != nil {
		return nil, err
	}
	var plain func(v any) any
	plain = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			for key := range v {
				v[key] = plain(v[key])
			}
		case []any:
			for i := range v {
				v[i] = plain(v[i])
			}
		case time.Time:
			return v.Format(time.RFC3339)
		}
		return v
	}
	return plain(v), nil
}

func TestSchemaValidConfigs(t *testing.T) {
	compiled := compileSchema(t)
	files, err := filepath.Glob(filepath.Join(validFolder, "*.yml"))
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files, error %v", len(files), err)
	}
	for _, file := range append(files,
		exampleFile, "../../deploy/systemd/config.yml", "../../deploy/kubernetes/config.yml") {
		v, err := instance(testutil.ReadFile(t, file))
		if err == nil {
			err = compiled.Validate(v)
		}
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// unseen are the invalid configs of testdata that the schema accepts: a schema cannot express their mistakes.
var unseen = []string{
	"auth_retry_interval_too_long",
	"http_authorization_basic",
	"http_bearer_token_and_file",
	"http_header_reserved",
	"http_no_proxy_alone",
	"http_oauth2_client_id",
	"http_oauth2_tls",
	"http_password_and_file",
	"http_password_empty",
	"http_password_invisible",
	"http_proxy_broken",
	"http_proxy_header_alone",
	"http_tls_cert_without_key",
	"http_tls_two_cas",
	"http_tls_version_order",
	"log_retention_too_long",
	"max_response_size_overflow",
	"name_twice",
	"page_size_hex",
	"second_document_broken",
	"timeout_too_long",
	"two_documents",
	"url_port",
}

func TestSchemaInvalidConfigs(t *testing.T) {
	compiled := compileSchema(t)
	files, err := filepath.Glob(filepath.Join(invalidFolder, "*.yml"))
	if err != nil || len(files) < 35 {
		t.Fatalf("%d files, error %v", len(files), err)
	}
	var accepted []string
	for _, file := range files {
		v, err := instance(testutil.ReadFile(t, file))
		if err != nil {
			continue // not YAML: editors report that without a schema
		}
		if compiled.Validate(v) == nil {
			accepted = append(accepted, strings.TrimSuffix(filepath.Base(file), ".yml"))
		}
	}
	if !slices.Equal(accepted, unseen) {
		t.Errorf("the schema accepts\n%q\nwant\n%q", accepted, unseen)
	}
}

func TestExampleSchema(t *testing.T) {
	const prefix = "# yaml-language-server: $schema="
	first, _, _ := strings.Cut(string(testutil.ReadFile(t, exampleFile)), "\n")
	name, found := strings.CutPrefix(first, prefix)
	if !found || filepath.Join(filepath.Dir(exampleFile), name) != filepath.Clean(schemaFile) {
		t.Errorf("the first line is %q", first)
	}
}
