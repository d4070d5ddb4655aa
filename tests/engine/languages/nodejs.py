"""Node.js of the machine, and the npm packages that programs in TypeScript need, once in the cache folder."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from harness import tools

PACKAGES = ("@pulumi/pulumi@3.250.0", "typescript@5.9.3", "@types/node@20.19.25")


def node() -> Path:
    found = shutil.which("node")
    if not found or not shutil.which("npm"):
        pytest.skip("Node.js with npm not found")
    return Path(found)


def modules() -> Path:
    """The folder node_modules. Takes about 20 s the first time."""
    folder = tools.cache() / ("nodejs-" + "-".join(name.rpartition("/")[2] for name in PACKAGES))
    if not folder.exists():
        unfinished = folder.with_name(f"{folder.name}.{os.getpid()}")
        unfinished.mkdir(parents=True)
        try:
            command = ["npm", "install", "--silent", "--no-fund", "--no-audit", "--ignore-scripts", *PACKAGES]
            subprocess.run(command, cwd=unfinished, check=True, capture_output=True)
            unfinished.rename(folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return folder / "node_modules"
