"""docs/hardening.md names tests that exist."""

import re
from pathlib import Path

PROJECT = Path(__file__).parents[3]


def test_each_test_that_the_page_names_exists():
    page = (PROJECT / "docs" / "hardening.md").read_text()
    named = set(re.findall(r"`(test_\w+)`", page))
    folders = (PROJECT / "tests" / "gke_nodrop", PROJECT / "tests" / "engine")
    written = {
        name
        for folder in folders
        for file in folder.rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)", file.read_text())
    }
    assert len(named) >= 20
    assert named - written == set()
