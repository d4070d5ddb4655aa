"""The real `kubectl` on one of the tests' clusters, for commands as they stand in the documents."""

import os
import subprocess
from pathlib import Path

from harness import tools
from harness.control_plane import ControlPlane


def run(plane: ControlPlane, command: str, folder: Path) -> str:
    """What a shell command prints that uses kubectl; AssertionError where anything goes to stderr."""
    folder.mkdir(exist_ok=True)
    config, program = folder / "kubeconfig", folder / "kubectl"
    config.touch(mode=0o600)
    config.write_text(plane.kubeconfig())
    if not program.exists():
        program.symlink_to(tools.path("kubectl"))
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": path, "KUBECONFIG": str(config), "HOME": str(folder)}
    ran = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, text=True)
    assert ran.stderr == ""
    return ran.stdout
