// The Kubernetes provider of Pulumi, for `make engine`: its module's own main, which cannot be built outside the module.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
)

// Both files lie in the module, not here; the build maps them to this place.
var (
	//go:embed schema.json
	schema []byte
	//go:embed terraform-mapping.json
	terraformMapping []byte
	version          = "unset"
)

func main() { provider.Serve("kubernetes", version, schema, terraformMapping) }
