"""The components for other Pulumi languages: their schema, and the host that runs them."""
