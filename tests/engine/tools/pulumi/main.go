// Generates a package's SDK, as Pulumi's own language hosts do: LANGUAGE FOLDER LOADER, the package's schema on stdin.
// LOADER is the address of the engine's schema loader, from which other packages' schemas come.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

func main() {
	if err := generate(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func generate(args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("arguments: LANGUAGE FOLDER LOADER")
	}
	language, folder := args[0], args[1]
	client, err := schema.NewLoaderClient(args[2])
	if err != nil {
		return err
	}
	defer client.Close()
	loader := schema.NewCachedLoader(client)

	var spec schema.PackageSpec
	if err := json.NewDecoder(os.Stdin).Decode(&spec); err != nil {
		return err
	}
	pkg, diagnostics, err := schema.BindSpec(spec, loader, schema.ValidationOptions{AllowDanglingReferences: true})
	if err != nil {
		return err
	}
	if diagnostics.HasErrors() {
		return diagnostics
	}
	var files map[string][]byte
	switch language {
	case "nodejs":
		files, err = nodejs.GeneratePackage("engine-tests", pkg, nil, nil, true, loader)
	case "python":
		files, err = python.GeneratePackage("engine-tests", pkg, nil, loader)
	default:
		err = fmt.Errorf("unknown language %q", language)
	}
	if err != nil {
		return err
	}
	for name, content := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
