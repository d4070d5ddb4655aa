"""Measures how the code is put together, before and after: how much there is, what hangs on what, what is told twice.

    python benchmarks/structure.py [REVISION ...]

One column a git revision, and one for the working tree. The default is the revision from which the library was one flat
folder, whose modules count as packages here.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

GIT = shutil.which("git") or "git"
ROOT = Path(__file__).parents[1]
FLAT = "92d87a4"
"""The last revision with the inputs' limits and examples in tables and the library in one folder."""
TABLE = re.compile(r"_?([A-Z]+_)*(LIMITS|EXAMPLE|QUOTED|SECRETS)")
"""Names of tables that tell of inputs apart from their types: limits, examples, and which are secret."""


@dataclass(frozen=True)
class Tree:
    """The Python files of a version, parsed, by their path."""

    name: str
    files: Mapping[Path, ast.Module]
    texts: Mapping[Path, str]

    def inside(self, *folders: str) -> list[Path]:
        """Files in some folders."""
        return [path for path in self.files if str(path).startswith(folders)]


def parsed(name: str, folder: Path) -> Tree:
    """The files of a folder, but for environments and tests."""
    paths = [
        path
        for part in ("components", "nodrop", "stacks", "benchmarks", "docs")
        for path in (folder / part).rglob("*.py")
    ]
    texts = {path.relative_to(folder): path.read_text() for path in sorted(paths)}
    return Tree(name, {path: ast.parse(text) for path, text in texts.items()}, texts)


def of_revision(revision: str) -> Tree:
    """The files of a git revision."""
    packed = subprocess.run([GIT, "archive", revision], cwd=ROOT, check=True, capture_output=True).stdout
    with tempfile.TemporaryDirectory() as folder, tarfile.open(fileobj=BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
        return parsed(revision, Path(folder))


def imports_between_packages(tree: Tree) -> Counter[tuple[str, str]]:
    """How many statements import one package, or module of the top level, of gke_nodrop from another."""
    found: Counter[tuple[str, str]] = Counter()
    for path in tree.inside("components/gke_nodrop"):
        package = _package(path.with_suffix("").parts[1:])
        for node in ast.walk(tree.files[path]):
            for name in _imported(node):
                other = _package(tuple(name.split(".")))
                if other not in (package, "") and package != "":
                    found[package, other] += 1
    return found


def _package(module: tuple[str, ...]) -> str:
    """Of `gke_nodrop.ingress.routes`, `ingress`; "" of gke_nodrop itself and of what lies elsewhere."""
    inner = [part for part in module if part != "__init__"]
    return inner[1] if len(inner) > 1 and inner[0] == "gke_nodrop" else ""


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module == "gke_nodrop":
        yield from (f"gke_nodrop.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield node.module


def levels(imports: Counter[tuple[str, str]]) -> int:
    """How many packages the longest chain of imports has."""

    @cache
    def below(package: str) -> int:
        return 1 + max((below(other) for own, other in imports if own == package), default=0)

    return max((below(own) for own, _ in imports), default=0)


def tables(tree: Tree) -> dict[str, ast.expr]:
    """Assignments of the library and the stacks whose names are those of tables, by file and name."""
    found: dict[str, ast.expr] = {}
    for path in tree.inside("components", "stacks"):
        for node in tree.files[path].body:
            targets = (
                node.targets
                if isinstance(node, ast.Assign)
                else [node.target]
                if isinstance(node, ast.AnnAssign)
                else []
            )
            value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
            for target in targets:
                if isinstance(target, ast.Name) and TABLE.fullmatch(target.id) and value and not _is_derived(value):
                    found[f"{path}:{target.id}"] = value
    return found


def _is_derived(value: ast.expr) -> bool:
    """Whether it is computed from the fields, and tells nothing itself."""
    return "secret_inputs" in ast.dump(value)


def places(tree: Tree) -> int:
    """In how many places that input is told of which most is told: its field, and each kind of table with its name."""
    kinds: dict[str, set[str]] = {}
    for name, value in tables(tree).items():
        kind = "LIMITS" if "LIMITS" in name else "SECRETS" if "SECRETS" in name else "EXAMPLE"
        keys = [key for node in ast.walk(value) if isinstance(node, ast.Dict) for key in node.keys]
        keys += value.elts if isinstance(value, ast.Tuple) else []
        for key in keys:
            if isinstance(key, ast.Constant):
                for word in re.findall(r"\w+", str(key.value)):
                    kinds.setdefault(word, set()).add(kind)
    fields = {
        node.target.id
        for path in tree.inside("components")
        for shape in ast.walk(tree.files[path])
        if isinstance(shape, ast.ClassDef) and shape.name.endswith("Args")
        for node in shape.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    return max(1 + len(kinds.get(field, ())) for field in fields)


def measured(tree: Tree) -> dict[str, int]:
    """What is counted of a version."""
    imports = imports_between_packages(tree)

    def lines(folder: str) -> int:
        return sum(len(tree.texts[path].splitlines()) for path in tree.inside(folder))

    return {
        "lines of components/": lines("components"),
        "lines of nodrop/": lines("nodrop"),
        "packages of gke_nodrop": len({package for pair in imports for package in pair}),
        "levels of imports between them": levels(imports),
        "imports between them": imports.total(),
        "pairs of them with imports": len(imports),
        "tables of limits and examples": len(tables(tree)),
        "places an input is told in, at most": places(tree),
        "noqa outside tests": sum(text.count("# noqa") for text in tree.texts.values()),
    }


def main() -> None:
    """Print the table."""
    trees = [of_revision(revision) for revision in sys.argv[1:] or [FLAT]] + [parsed("now", ROOT)]
    columns = [measured(tree) for tree in trees]
    print(f"{'':38}" + "".join(f"{tree.name:>10}" for tree in trees))
    for name in columns[0]:
        print(f"{name:38}" + "".join(f"{column[name]:10,}" for column in columns))


if __name__ == "__main__":
    main()
