"""A machine with as many programs as a test gives it, for the engine suite's tools."""

from pathlib import Path

from harness import tools

GO = """#!/bin/sh
case "$1" in
env) echo {version} ;;
list) printf 'errors\\nfmt\\n' ;;
mod) echo '{{"Dir": "/downloaded"}}' ;;
build) {build} ;;
esac
"""
WRITES = 'while [ "$1" != -o ]; do shift; done; echo program > "$2"'
FAILS = f"{WRITES}; echo 'main.go:1:1: syntax error'; exit 1"


class Machine:
    """Folders on PATH and elsewhere, in which there is nothing at first."""

    def __init__(self, folder: Path) -> None:
        self.on_path, self.assets, self.modules = folder / "bin", folder / "assets", folder / "modules"
        self.cache = folder / "cache" / "gke-nodrop" / "engine"
        for each in (self.on_path, self.assets, self.modules, self.cache):
            each.mkdir(parents=True)
        for name in ("sh", "cat"):
            (self.on_path / name).symlink_to(f"/bin/{name}")

    def has(self, folder: Path, *programs: str, text: str = "#!/bin/sh\n") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for program in programs:
            (folder / program).write_text(text)
            (folder / program).chmod(0o755)

    def has_go(self, version: str = "go1.99.0", build: str = WRITES) -> None:
        self.has(self.on_path, "go", text=GO.format(version=version, build=build))

    def module(self) -> tools.Build:
        """A small module of version 1.2.3."""
        folder = self.modules / "small"
        folder.mkdir()
        (folder / "go.mod").write_text("module small\n\ngo 1.24.0\n\nrequire example.org/small v1.2.3\n")
        (folder / "main.go").write_text("package main\n")
        return small()

    def in_cache(self) -> list[str]:
        return sorted(path.name for path in self.cache.iterdir())


def small() -> tools.Build:
    return tools.Build("small", ".", "example.org/small", ("etcd", "etcd-link"), variables=("main.v={version}",))
