import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

PREAMBLE = "import pulumi\nimport pulumi_kubernetes as k8s\n"
PROJECT = "name: demo\nruntime: python\n"


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., Path]:
    """Writes a Pulumi project with this main module; more files by name."""

    def write(main: str, *, folder: str = "project", project: str = PROJECT, **files: str) -> Path:
        directory = tmp_path / folder
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "Pulumi.yaml").write_text(project)
        (directory / "__main__.py").write_text(PREAMBLE + textwrap.dedent(main))
        for name, text in files.items():
            (directory / name.replace("__", ".")).write_text(textwrap.dedent(text))
        return directory

    return write
