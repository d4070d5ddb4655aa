"""Types what README tells a newcomer to type, from a fresh clone in an empty folder, and says how long each way takes.

Two ways: to a verdict on YAML of one's own, and to a program with `WebService` that `nodrop preview` shows. Ends with 1
where a command answers otherwise than README says, or a way takes more than two minutes.
"""

import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()
LONGEST_SECONDS = 120


def main() -> None:
    """Both ways; what is installed for the first is there for the second."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.monotonic()
        installed(folder)
        judged(folder)
        within("from nothing to a verdict on YAML of one's own", time.monotonic() - began)
        began = time.monotonic()
        previewed(folder)
        within("from there to a program that nodrop preview shows", time.monotonic() - began)


def commands(section: str) -> list[str]:
    """The commands of a section's blocks, without their comments and answers."""
    (text,) = re.findall(rf"^## {section}\n(.*?)(?=^## |\Z)", README, re.DOTALL | re.MULTILINE)
    blocks = re.findall(r"^```\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    lines = [line.partition(" #")[0].strip().removeprefix("$ ") for block in blocks for line in block.splitlines()]
    return [line for line in lines if re.match(r"(nodrop|pip|python3?|\.) ", line)]


def installed(folder: Path) -> None:
    """The section Install, beside a clone."""
    typed(f"git clone --quiet {ROOT} gke-nodrop", folder)
    for command in commands("Install"):
        typed(command, folder)


def judged(folder: Path) -> None:
    """The first of the three ways in, on a file of one's own."""
    (command,) = (each for each in commands("Three ways in") if each.startswith("nodrop check"))
    (file,) = re.findall(r"\S+\.yaml", command)
    shutil.copy(ROOT / file, folder / "mine.yaml")
    answer = typed(command.replace(file, "mine.yaml"), folder, code=1)
    says("drops  shop/web", answer)
    says("pre-stop-outlasts-deprogramming", answer)


def previewed(folder: Path) -> None:
    """The third, with the files that README shows."""
    written(folder / "shop")
    (command,) = (each for each in commands("Three ways in") if each.startswith("nodrop preview"))
    answer = typed(command, folder / "shop")
    says("clean  web/web", answer)
    says("ManagedCertificate", answer)


def written(folder: Path) -> None:
    """Pulumi.yaml and the program in ten lines."""
    folder.mkdir()
    for name, language in (("Pulumi.yaml", "yaml"), ("__main__.py", "python")):
        (text,) = re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
        (folder / name).write_text(text)


def typed(command: str, folder: Path, code: int = 0) -> str:
    """What the command prints in the shell of somebody who has activated `venv`, where there is one by now."""
    activated = f"if [ -e {folder}/venv/bin/activate ]; then . {folder}/venv/bin/activate; fi; "
    parent = activated.replace(str(folder), str(folder.parent))
    done = subprocess.run(  # noqa: S603 (commands of README)
        ["/bin/bash", "-c", activated + parent + command], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode != code:
        sys.exit(f"error: {command} ended with {done.returncode}, not {code}\n{done.stdout}{done.stderr}")
    print(f"$ {command}", flush=True)
    return done.stdout + done.stderr


def says(expected: str, told: str) -> None:
    """Exits where a command does not print what it must."""
    if expected not in told:
        sys.exit(f"error: {expected!r} was not printed, but:\n{told}")


def within(way: str, seconds: float) -> None:
    """Exits where a way takes too long; what all commands have computed so far tells a slow one from a busy machine."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{way}: {seconds:.0f} s; computed so far: {used.ru_utime + used.ru_stime:.0f} s", flush=True)
    if seconds > LONGEST_SECONDS:
        sys.exit(f"error: more than {LONGEST_SECONDS} s")


if __name__ == "__main__":
    main()
