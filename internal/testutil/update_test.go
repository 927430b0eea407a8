package testutil

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

func TestMain(m *testing.M) { Main(m) }

// "go test ./... -update" fails in a package that does not know the flag, so every package with tests has to call Main.
func TestEveryPackageCallsMain(t *testing.T) {
	root := Root(t)
	calls := map[string]bool{} // by folder
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata"):
			return filepath.SkipDir
		case strings.HasSuffix(path, "_test.go"):
			folder, err := filepath.Rel(root, filepath.Dir(path))
			if err != nil {
				return err
			}
			found, err := callsMain(path)
			calls[filepath.ToSlash(folder)] = calls[filepath.ToSlash(folder)] || found
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(calls) < 10 {
		t.Fatalf("found tests in %d folders only: %v", len(calls), calls)
	}
	for folder, found := range calls {
		if !found {
			t.Errorf(`%s: no TestMain calls testutil.Main: add "func TestMain(m *testing.M) { testutil.Main(m) }"`, folder)
		}
	}
}

// callsMain reports whether a file has a TestMain that calls Main of this package.
func callsMain(path string) (bool, error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return false, err
	}
	found := false
	for _, declared := range file.Decls {
		function, ok := declared.(*ast.FuncDecl)
		if !ok || function.Name.Name != "TestMain" || function.Recv != nil {
			continue
		}
		ast.Inspect(function, func(node ast.Node) bool {
			switch call := node.(type) {
			case *ast.SelectorExpr:
				pkg, ok := call.X.(*ast.Ident)
				found = found || ok && pkg.Name == "testutil" && call.Sel.Name == "Main"
			case *ast.Ident:
				found = found || file.Name.Name == "testutil" && call.Name == "Main"
			}
			return true
		})
	}
	return found, nil
}
