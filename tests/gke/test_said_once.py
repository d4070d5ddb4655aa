"""Every key of `nodrop.gke` stands once as a value in the sources; elsewhere the constant is used."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from nodrop.gke import applications, gateways, ingresses, kinds, nodes, service_accounts, services

ROOT = Path(__file__).parents[2]
SOURCES = ("components", "nodrop", "stacks", "benchmarks", "tests/engine/harness")
KEYS = {
    value: module.__name__
    for module in (gateways, ingresses, nodes, service_accounts, services)
    for name, value in vars(module).items()
    if name.isupper() and isinstance(value, str) and "/" in value and not value.startswith("kubernetes/")
}
GROUPS = {version.partition("/")[0] for versions in kinds.VERSIONS.values() for version in versions if "/" in version}


def texts(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """The texts of a module with their lines, without docstrings and other bare texts."""
    bare = {id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Expr)}
    for each in ast.walk(tree):
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and id(each) not in bare:
            yield each.value, each.lineno


@pytest.fixture(scope="module")
def said() -> list[tuple[str, str, int]]:
    """File, text and line of every text in the sources."""
    return [
        (str(file.relative_to(ROOT)), text, line)
        for file in (each for folder in SOURCES for each in sorted((ROOT / folder).rglob("*.py")))
        for text, line in texts(ast.parse(file.read_text(encoding="utf-8")))
    ]


@pytest.fixture(scope="module")
def places(said: list[tuple[str, str, int]]) -> dict[str, list[str]]:
    """File and line of every text that is a key or a field path with one, by key."""
    found: dict[str, list[str]] = {key: [] for key in KEYS}
    for file, text, line in said:
        if "/" in text:
            for key in KEYS:
                if text == key or f"[{key}]" in text:
                    found[key].append(f"{file}:{line}")
    return found


def test_there_are_keys_to_look_for():
    assert services.NEG in KEYS
    assert len(KEYS) > 15


@pytest.mark.parametrize("key", KEYS)
def test_a_key_stands_once(places, key):
    module = KEYS[key].replace(".", "/") + ".py"
    (place,) = places[key]
    assert place.startswith(f"{module}:")


def test_the_own_keys_are_made_of_one_prefix():
    keys = {name for name in vars(applications) if name.isupper() and name[0] != "_"} - {"PREFIX"}
    own = [getattr(applications, name) for name in keys]
    assert len(own) == 5
    assert all(key.startswith(applications.PREFIX) for key in own)


def test_the_groups_and_versions_of_kinds_stand_in_one_module(said):
    version = re.compile(rf"({'|'.join(map(re.escape, GROUPS))})/v[0-9]+[a-z0-9]*")
    elsewhere = [
        f"{file}:{line} {text}"
        for file, text, line in said
        if file.startswith(("components/", "nodrop/")) and file != "nodrop/gke/kinds.py" and version.fullmatch(text)
    ]
    assert len(GROUPS) >= 6
    assert elsewhere == []
