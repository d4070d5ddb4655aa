"""Where the programs are: on PATH, in $KUBEBUILDER_ASSETS, or in the cache folder that `make engine` fills.

Standard library only: `make engine` runs on any python3.
"""

import hashlib
import os
import re
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

MODULES = Path(__file__).parents[1] / "tools"
COMPONENT_BASE = "k8s.io/component-base/version"


def cache() -> Path:
    """The folder outside the tree that holds what `make engine` builds."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gke-nodrop" / "engine"


@dataclass(frozen=True)
class Build:
    """What one build of a Go module below tests/engine/tools brings; its go.mod says which version is built."""

    name: str
    """Folder below tests/engine/tools."""
    package: str
    """What `go build` is given."""
    versioned: str
    """The required module whose version is the program's."""
    programs: tuple[str, ...]
    """File names: the first is built, the others are links to it."""
    variables: tuple[str, ...] = ()
    """Go variables to set by -X; {version}, {major} and {minor} are filled in."""

    @property
    def folder(self) -> Path:
        return MODULES / self.name

    @cached_property
    def version(self) -> str:
        """Without the v."""
        found = re.search(rf"^\s*(?:require )?{re.escape(self.versioned)} v(\S+)", self.read("go.mod"), re.MULTILINE)
        assert found, f"{self.folder}/go.mod does not require {self.versioned}"
        return found[1]

    @cached_property
    def built(self) -> Path:
        """The folder of the built programs: another one as soon as anything that goes into them changes."""
        sources = sorted(path.name for path in self.folder.iterdir() if path.suffix in {".go", ".mod", ".sum"})
        parts = [self.package, *self.programs, *self.variables, *(self.read(name) for name in sources)]
        digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
        return cache() / f"{self.programs[0]}-{self.version}-{digest}"

    def read(self, name: str) -> str:
        """Text of one of the module's files."""
        return (self.folder / name).read_text()

    def linker_flags(self) -> str:
        """Strips symbols and sets the version."""
        major, minor, _ = self.version.split(".", 2)
        filled = (text.format(version=self.version, major=major, minor=minor) for text in self.variables)
        return " ".join(["-s -w", *(f"-X {text}" for text in filled)])


ALL = (
    Build(name="etcd", package="go.etcd.io/etcd/server/v3", versioned="go.etcd.io/etcd/server/v3", programs=("etcd",)),
    Build(
        name="pulumi",
        package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        versioned="github.com/pulumi/pulumi/pkg/v3",
        programs=("pulumi",),
        variables=("github.com/pulumi/pulumi/sdk/v3/go/common/version.Version={version}",),
    ),
    Build(
        name="pulumi",
        package=".",
        versioned="github.com/pulumi/pulumi/pkg/v3",
        programs=("pulumi-generate-sdk",),
    ),
    Build(
        name="kubernetes",
        package=".",
        versioned="k8s.io/kubernetes",
        programs=("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy"),
        variables=(
            f"{COMPONENT_BASE}.gitVersion=v{{version}}",
            f"{COMPONENT_BASE}.gitMajor={{major}}",
            f"{COMPONENT_BASE}.gitMinor={{minor}}",
        ),
    ),
)
NEEDED = ("pulumi", "pulumi-generate-sdk", "etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")


def find(program: str) -> Path | None:
    """Path of a program, or None."""
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    found = shutil.which(program) or (assets and shutil.which(program, path=assets))
    if found:
        return Path(found)
    (build,) = [build for build in ALL if program in build.programs]
    path = build.built / program
    return path if path.exists() else None


def path(program: str) -> Path:
    """Path of a program that is there."""
    found = find(program)
    assert found, missing()
    return found


def missing(programs: tuple[str, ...] = NEEDED) -> str:
    """What is missing and how to get it, in one line; empty if nothing is."""
    absent = [program for program in programs if find(program) is None]
    return f"{', '.join(absent)} not found: `make engine` builds what is missing (needs Go or PyPI)" if absent else ""
