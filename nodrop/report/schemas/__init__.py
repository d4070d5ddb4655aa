"""JSON Schemas of what commands print as JSON, one file a format; docs/formats.md explains them."""
