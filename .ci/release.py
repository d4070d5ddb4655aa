"""Builds the sdist, and the wheel from it, into dist/, and tries the wheel out in a fresh environment: `make release`.

Installs from the package index that pip and uv are set up for. Ends with 1 and a line on what is wrong.
"""

import argparse
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UV = Path(sys.executable).parent / "uv"
IN_WHEEL = (
    "nodrop/cli/__init__.py",
    "nodrop/demo/stacks/Pulumi.container-native.yaml",
    "nodrop/report/templates/page.html",
    "nodrop/report/schemas/nodrop-check.schema.json",
    "nodrop/py.typed",
    "gke_nodrop/__init__.pyi",
    "gke_nodrop/py.typed",
)
IN_SDIST = ("pyproject.toml", "README.md", "LICENSE", "tests/shop.yaml", "docs/tutorial.md", "uv.lock")
PROGRAM = """
import pulumi
from gke_nodrop import WebService

facts = {"longest_request_seconds": 20, "startup_seconds": 8, "keep_alive_timeout_seconds": 620}
pulumi.export("url", WebService("web", {"image": "shop/web:1", "replicas": 3, "rollout": facts}).url)
"""


def main() -> None:
    """Builds and tries out."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, default=ROOT / "dist", help="folder of the two files")
    folder = options.parse_args().out.resolve()
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    sdist, wheel = built(folder, version)
    with tempfile.TemporaryDirectory() as temporary:
        tried(wheel, version, Path(temporary))
    print(f"{sdist.name} and {wheel.name} are fit for release", flush=True)


def built(folder: Path, version: str) -> tuple[Path, Path]:
    """The sdist, and the wheel that was built from it; each has what it must have."""
    shutil.rmtree(folder, ignore_errors=True)
    run(UV, "build", "--quiet", "--no-build-isolation", "--python", sys.executable, "--out-dir", folder, at=ROOT)
    sdist, wheel = folder / f"gke_nodrop-{version}.tar.gz", folder / f"gke_nodrop-{version}-py3-none-any.whl"
    with tarfile.open(sdist) as packed:
        missing(sdist, IN_SDIST, {name.partition("/")[2] for name in packed.getnames()})
    with zipfile.ZipFile(wheel) as zipped:
        missing(wheel, IN_WHEEL, set(zipped.namelist()))
    return sdist, wheel


def tried(wheel: Path, version: str, folder: Path) -> None:
    """Installs the wheel and does with it what a user does first."""
    run(UV, "venv", "--quiet", "--python", sys.executable, folder / "new", at=folder)
    python = folder / "new" / "bin" / "python"
    run(UV, "pip", "install", "--quiet", "--python", python, f"{wheel}[lab]", at=folder)
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (folder / "__main__.py").write_text(PROGRAM)
    shutil.copy(ROOT / "tests" / "shop.yaml", folder / "web.yaml")
    nodrop = folder / "new" / "bin" / "nodrop"
    says(f"{version}", run(nodrop, "--version", at=folder))
    says(str(folder / "new"), run(python, "-c", "import nodrop, gke_nodrop; print(nodrop, gke_nodrop)", at=folder))
    says("drops  shop/web", run(nodrop, "check", "web.yaml", at=folder, code=1))
    says("<h1>", run(nodrop, "check", "web.yaml", "--format", "html", at=folder, code=1))
    says("preStop", run(nodrop, "plan", "--replicas", "3", at=folder))
    says("clean  web/web", run(nodrop, "preview", "--stack", "dev", at=folder))
    says("gke-nodrop:index:WebService", run(python, "-P", "-m", "gke_nodrop.provider.host", at=folder))
    run(nodrop, "demo", "--help", at=folder)


def run(*command: str | Path, at: Path, code: int = 0) -> str:
    """What the command prints. Exits with its errors where it ends otherwise."""
    done = subprocess.run(list(map(str, command)), cwd=at, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != code:
        sys.exit(f"error: {' '.join(map(str, command))} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def says(expected: str, told: str) -> None:
    """Exits where a command does not print what it must."""
    if expected not in told:
        sys.exit(f"error: {expected!r} was not printed, but:\n{told[:2000]}")


def missing(file: Path, wanted: tuple[str, ...], found: set[str]) -> None:
    """Exits where a file lacks one that it must hold."""
    if lacking := [name for name in wanted if name not in found]:
        sys.exit(f"error: {file.name} lacks {', '.join(lacking)}")


if __name__ == "__main__":
    main()
