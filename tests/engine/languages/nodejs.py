"""Node.js of the machine, and the npm packages of the programs in TypeScript, which `make engine` installs."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from harness import tools


def node() -> Path:
    """Skips where there is none that does, even where the engine's tests are required: it is no requirement of ours."""
    found = shutil.which("node")
    if not found or not shutil.which("npm"):
        pytest.skip("programs in TypeScript cannot run here: Node.js with npm not found")
    wanted = json.loads((tools.MODULES / "nodejs" / "package.json").read_text())["engines"]["node"]
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if _major(version) < _major(wanted):
        pytest.skip(f"programs in TypeScript cannot run here: Node.js is {version}, wanted {wanted}")
    return Path(found)


def modules() -> Path:
    """The folder node_modules."""
    folder = tools.node_packages()
    if not folder.exists():
        why_not = "programs in TypeScript cannot run here: npm packages not found: `make engine` installs them"
        if os.environ.get("NODROP_REQUIRE_ENGINE"):
            pytest.fail(why_not)
        pytest.skip(why_not)
    return folder / "node_modules"


def _major(version: str) -> int:
    return int(re.findall(r"\d+", version)[0])
