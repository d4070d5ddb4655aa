"""Where the programs are: on PATH, in $KUBEBUILDER_ASSETS, or in the cache folder that `make engine` fills.

Standard library only: `make engine` runs on any python3.
"""

import hashlib
import os
import re
import shutil
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from nodrop.lab.kubernetes.programs import cache, refusal

MODULES = Path(__file__).parents[1] / "tools"
LOCK = Path(__file__).parents[3] / "uv.lock"
COMPONENT_BASE = "k8s.io/component-base/version"
SCHEMA_FOLDER = "cmd/pulumi-resource-kubernetes"


def digest(*parts: str) -> str:
    """Tells versions of what is built apart."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def node_packages() -> Path:
    """The folder with the node_modules of the programs in TypeScript: another one as soon as the lock changes."""
    return cache() / f"nodejs-{digest((MODULES / 'nodejs' / 'package-lock.json').read_text())}"


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
    modfile: str = "go.mod"
    """The file in the folder that says which versions are built."""
    embedded: tuple[str, ...] = ()
    """Files of the required module, by path in it, that the build takes for files of this folder."""

    @property
    def folder(self) -> Path:
        return MODULES / self.name

    @cached_property
    def version(self) -> str:
        """Without the v."""
        line = rf"^\s*(?:require )?{re.escape(self.versioned)} v(\S+)"
        found = re.search(line, self.read(self.modfile), re.MULTILINE)
        assert found, f"{self.folder}/go.mod does not require {self.versioned}"
        return found[1]

    @property
    def built(self) -> Path:
        """The folder of the built programs: another one as soon as anything that goes into them changes."""
        return cache() / self.key

    @cached_property
    def key(self) -> str:
        """Program, version and digest of the sources."""
        locks = {self.modfile, self.modfile.replace(".mod", ".sum")}
        files = sorted(path.name for path in self.folder.iterdir() if path.suffix == ".go" or path.name in locks)
        sources = sorted(files, key=lambda name: name in locks)
        parts = [self.package, *self.programs, *self.variables, *(self.read(name) for name in sources)]
        return f"{self.programs[0]}-{self.version}-{digest(*parts)}"

    def read(self, name: str) -> str:
        """Text of one of the module's files."""
        return (self.folder / name).read_text()

    def linker_flags(self) -> str:
        """Strips symbols and sets the version."""
        major, minor, _ = self.version.split(".", 2)
        filled = (text.format(version=self.version, major=major, minor=minor) for text in self.variables)
        return " ".join(["-s -w", *(f"-X {text}" for text in filled)])


def locked(package: str) -> str:
    """The version of a Python package that uv.lock names."""
    found = re.search(rf'^name = "{re.escape(package)}"\nversion = "(.+)"$', LOCK.read_text(), re.MULTILINE)
    assert found, f"{package} is not in {LOCK}"
    return found[1]


KUBERNETES = Build(
    name="kubernetes",
    package=".",
    versioned="k8s.io/kubernetes",
    programs=("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "kubectl"),
    variables=(
        f"{COMPONENT_BASE}.gitVersion=v{{version}}",
        f"{COMPONENT_BASE}.gitMajor={{major}}",
        f"{COMPONENT_BASE}.gitMinor={{minor}}",
    ),
)
OLDEST_KUBERNETES = replace(KUBERNETES, modfile="oldest.mod")
"""For the support matrix (docs/support.md): `make engine-oldest` builds it, and $KUBEBUILDER_ASSETS chooses it."""
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
    KUBERNETES,
    Build(
        name="pulumi-kubernetes",
        package=".",
        versioned="github.com/pulumi/pulumi-kubernetes/provider/v4",
        programs=("pulumi-resource-kubernetes",),
        # The SDK's version: the engine warns of plugins that are older than what the program asks for.
        variables=(f"main.version={locked('pulumi-kubernetes')}",),
        embedded=(f"{SCHEMA_FOLDER}/schema.json", f"{SCHEMA_FOLDER}/terraform-mapping.json"),
    ),
    Build(
        name="kube-score",
        package="github.com/zegl/kube-score/cmd/kube-score",
        versioned="github.com/zegl/kube-score",
        programs=("kube-score",),
        variables=("main.version={version}",),
    ),
    Build(
        name="vegeta",
        package="github.com/tsenart/vegeta/v12",
        versioned="github.com/tsenart/vegeta/v12",
        programs=("vegeta",),
        variables=("main.Version={version}",),
    ),
)
OPTIONAL = ("kube-proxy", "vegeta")
"""Built with the others, and needed by no test of the engine suite."""
NEEDED = tuple(program for build in ALL for program in build.programs if program not in OPTIONAL)


def find(program: str) -> Path | None:
    """Path of a program, or None. Programs of one build come from one place, so that their versions agree."""
    (build,) = [build for build in ALL if program in build.programs]
    together = {program, *(other for other in build.programs if other in NEEDED)}
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    for places in (None, assets) if assets else (None,):  # None: PATH
        found = {name: shutil.which(name, path=places) for name in together}
        if all(found.values()):
            return Path(str(found[program]))
    path = build.built / program
    return path if path.exists() else None


def path(program: str) -> Path:
    """Path of a program that is there."""
    found = find(program)
    assert found, missing()
    return found


def missing(programs: tuple[str, ...] = NEEDED) -> str:
    """What is missing and how to get it, in one line; empty if nothing is."""
    if cache().exists() and (refused := refusal()):
        return refused
    absent = [program for program in programs if find(program) is None]
    return f"{', '.join(absent)} not found: `make engine` builds what is missing (needs Go or PyPI)" if absent else ""
