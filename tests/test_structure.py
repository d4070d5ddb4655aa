"""What one finds the tree by: a public class has a name of its own."""

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = sorted(path for folder in ("nodrop", "components") for path in (ROOT / folder).rglob("*.py"))


def test_no_public_class_shares_its_name_with_another():
    modules = defaultdict(list)
    for path in SOURCES:
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                modules[node.name].append(str(path.relative_to(ROOT)))
    assert "WebService" in modules, "the sources have moved: this test reads none"
    assert {name: where for name, where in modules.items() if len(where) > 1} == {}


def test_how_many_examples_a_property_has_is_set_once():
    """A conftest that is read later would undo `--hypothesis-profile`."""
    setting = [path for path in (ROOT / "tests").rglob("*.py") if "settings.load_profile(" in path.read_text()]
    assert {path.relative_to(ROOT).as_posix() for path in setting} == {"tests/conftest.py", "tests/test_structure.py"}
