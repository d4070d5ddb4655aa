"""The venv of the tests' policy pack: pulumi-policy needs protobuf 5, and everything else runs on 6.

Standard library only: `make engine` runs on any python3.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from harness import tools

REQUIREMENTS = Path(__file__).parents[1] / "languages" / "policy_pack" / "requirements.txt"
"""With hashes. Made by `uv pip compile --universal --python-version 3.11 --generate-hashes`."""


def folder() -> Path:
    """Where it is or will be: elsewhere as soon as the requirements change."""
    return tools.cache() / f"policy-{hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]}"


def missing() -> str:
    """What is missing and how to get it, in one line; empty if nothing is."""
    found = (folder() / "complete").exists()
    return "" if found else "the policy pack's venv not found: `make engine` builds what is missing (needs PyPI)"


def build(venv: Path) -> None:
    """Makes it unless it is there; takes half a minute.

    Raises:
        subprocess.CalledProcessError: it cannot be made; nothing is left of it.
    """
    complete = venv / "complete"
    if complete.exists():
        return
    print("policy pack: packages from PyPI", flush=True)
    try:
        subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=True)
        pip = [venv / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--require-hashes", "--requirement", REQUIREMENTS], check=True)
        complete.touch()
    except BaseException:
        shutil.rmtree(venv, ignore_errors=True)
        raise
