"""What an editor, `help` and type checkers say of an input is its docstring, written once."""

import ast
import importlib.util
import inspect
import io
import sys
import typing
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import gke_nodrop
from gke_nodrop.inputs.component import shape_of
from gke_nodrop.inputs.declared import fields_of
from gke_nodrop.provider.host import COMPONENTS
from tests.gke_nodrop.language_server import LanguageServer

ROOT = Path(__file__).parents[2]
RENEW = "renew it: .venv/bin/python docs/public_types.py"
every = pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.__name__)


@pytest.fixture(scope="module")
def written() -> ModuleType:
    return script("docs/public_types.py")


def script(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    assert spec
    assert spec.loader
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def structure() -> ModuleType:
    return script("benchmarks/structure.py")


@pytest.fixture(scope="module")
def tree(structure) -> Any:
    """The whole checkout, parsed once."""
    return structure.parsed("now", ROOT)


def test_an_input_is_told_in_one_place_and_no_table(structure, tree):
    measured = structure.measured(tree)
    assert measured["tables of limits and examples"] == 0
    assert measured["places an input is told in, at most"] == 1
    assert measured["levels of imports between them"] <= 6


def test_the_stub_is_what_the_types_say(written):
    assert written.STUB.read_text() == written.stub(), RENEW


@every
def test_help_lists_every_input(written, component):
    file = inspect.getsourcefile(component)
    assert file
    source = Path(file).read_text()
    assert written.with_args_section(component, source) == source, RENEW
    printed = io.StringIO()
    with redirect_stdout(printed):
        help(component)
    for key in fields_of(shape_of(component)):
        assert f"  {key}: " in printed.getvalue()


def test_stacks_which_users_copy_use_public_names_only(tree):
    imported = [
        node
        for path in tree.inside("stacks")
        for node in ast.walk(tree.files[path])
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gke_nodrop")
    ]
    assert len(imported) > 4
    assert {node.module for node in imported} == {"gke_nodrop"}
    assert {alias.name for node in imported for alias in node.names} <= set(gke_nodrop.__all__)


def groups(shape: type) -> typing.Iterator[type]:
    yield shape
    for each in fields_of(shape).values():
        for part in (each, *each.parts):
            if typing.is_typeddict(part.kind):
                yield from groups(part.kind)


def test_every_group_of_inputs_is_a_public_name():
    used = {group.__name__ for component in COMPONENTS for group in groups(shape_of(component))}
    assert used <= set(gke_nodrop.__all__)


def first_words(written: ModuleType, shape: type, key: str) -> str:
    """Enough of what is said of an input to know it again, in one line of an editor."""
    return " ".join(written._said(shape, key).split()[:4])


INHERITED = {"image", "replicas", "rollout", "accept", "volumes"}


@pytest.mark.slow
def test_pyright_shows_the_docstring_of_every_key_of_a_dictionary(written, tmp_path):
    shape: Any = shape_of(gke_nodrop.WebService)
    keys = list(fields_of(shape))
    assert set(keys) >= INHERITED
    rows = "".join(f'    "{key}": None,\n' for key in keys)
    program = f'from gke_nodrop import WebService\nWebService("a", {{\n{rows}}})\n'
    inner = 'from gke_nodrop import WebService\nWebService("a", {"image": "x", "rollout": {"startup_seconds": 5}})\n'
    with LanguageServer(["basedpyright-langserver", "--stdio"], tmp_path) as server:
        shown = {key: server.hover(program, f'"{key}"', key) for key in keys}
        within = server.hover(inner, '"startup_seconds"', "startup")
    assert [key for key in keys if first_words(written, shape, key) not in shown[key]] == []
    assert "until its readiness path answers 200" in within


@pytest.mark.slow
def test_ty_shows_the_docstring_of_every_keyword(written, tmp_path):
    shape: Any = shape_of(gke_nodrop.WebService)
    keys = list(fields_of(shape))
    rows = "".join(f"    {key}=x,\n" for key in keys)
    program = f"from gke_nodrop import WebService\nWebService(\n    'a',\n{rows})\n"
    (tmp_path / "ty.toml").write_text(f'[environment]\npython = "{sys.prefix}"\n')
    with LanguageServer(["ty", "server"], tmp_path) as server:
        shown = {key: server.hover(program, f"    {key}=x", key) for key in keys}
    assert [key for key in keys if first_words(written, shape, key) not in shown[key]] == []
