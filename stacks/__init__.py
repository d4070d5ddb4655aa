"""The programs of this project's stacks, one a file, each with a `main()`; its configuration is beside it."""
