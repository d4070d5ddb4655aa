"""Programs in Python whose requirements do not go with everything else's, each in a venv of its own.

Standard library only: `make engine` runs on any python3.
"""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from harness import tools

ENGINE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Venv:
    """One venv in the cache folder."""

    name: str
    what: str
    """In words."""
    requirements: Path
    """With hashes. Made by `uv pip compile --universal --python-version 3.11 --generate-hashes`."""

    @property
    def folder(self) -> Path:
        """Where it is or will be: elsewhere as soon as the requirements change."""
        return tools.cache() / f"{self.name}-{tools.digest(self.requirements.read_text())}"

    def missing(self) -> str:
        """What is missing and how to get it, in one line; empty if nothing is."""
        found = (self.folder / "complete").exists()
        return "" if found else f"the venv of {self.what} not found: `make engine` builds what is missing (needs PyPI)"

    def build(self) -> None:
        """Makes it unless it is there; takes up to two minutes.

        Raises:
            subprocess.CalledProcessError: it cannot be made; nothing is left of it.
        """
        folder = self.folder
        if not self.missing():
            return
        print(f"{self.what}: packages from PyPI", flush=True)
        try:
            subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
            pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            subprocess.run([*pip, "--require-hashes", "--requirement", self.requirements], check=True)
            (folder / "complete").touch()
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise


CHECKOV = Venv("checkov", "checkov", ENGINE / "scans" / "requirements.txt")
"""It pins dozens of packages."""
ALL = (CHECKOV,)
