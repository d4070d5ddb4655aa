"""Every program of the README and the docs passes ty and pyright as users run them, and what is wrong does not."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PARTS = ("contributing.md",)
"""Pages with parts of modules, which their own text names."""
PAGES = [ROOT / "README.md", *(each for each in sorted((ROOT / "docs").rglob("*.md")) if each.name not in PARTS)]
WRONG = '"keep_alive_timeout_second": 60'
"""Stands in the one program that shows what wrong inputs are answered with."""
SETTINGS = {"typeCheckingMode": "standard", "reportMissingModuleSource": False, "pythonVersion": "3.11"}


def blocks(page: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", page.read_text(), flags=re.DOTALL | re.MULTILINE)


def programs() -> dict[str, str]:
    """Each program by its page and number; a block without imports goes on where the one before it ended."""
    found: dict[str, str] = {}
    for page in PAGES:
        before = ""
        for number, block in enumerate(blocks(page)):
            if WRONG in block:
                continue
            before = block if re.search(r"^(import|from) ", block, flags=re.MULTILINE) else f"{before}\n{block}"
            found[f"{page.stem.lower()}_{number}"] = before
    return found


def complaints(checker: str, folder: Path) -> str:
    """What a type checker has against the programs in a folder, by the environment that the tests run in."""
    if checker == "ty":
        tool = ["ty", "check", "--python", sys.prefix, "--output-format", "concise", "--project", str(folder)]
        return "\n".join(line for line in _printed(tool, folder).splitlines() if ": error[" in line)
    (folder / "pyrightconfig.json").write_text(json.dumps(SETTINGS))
    tool = ["basedpyright", "--pythonpath", sys.executable, "--outputjson", "--project", str(folder)]
    report = json.loads(_printed(tool, folder))
    assert report["summary"]["filesAnalyzed"] > 0
    return "\n".join(
        f"{Path(each['file']).name}:{each['range']['start']['line'] + 1}: {' '.join(each['message'].split())}"
        for each in report["generalDiagnostics"]
        if each["severity"] == "error"
    )


def _printed(tool: list[str], folder: Path) -> str:
    command = [str(Path(sys.executable).parent / tool[0]), *tool[1:]]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False).stdout


@pytest.mark.parametrize("checker", ["ty", "pyright"])
def test_every_program_of_the_docs_passes(checker, tmp_path):
    found = programs()
    assert len(found) > 20
    for name, text in found.items():
        (tmp_path / f"{name}.py").write_text(text)
    [shop] = [text for name, text in found.items() if name.startswith("readme") and "web = WebService(" in text]
    (tmp_path / "shop.py").write_text(shop)  # the module that docs/testing.md tests
    assert complaints(checker, tmp_path) == ""


GOOD = """
import pulumi
from gke_nodrop import Namespace, NegService, RolloutArgs, Scope, WebService, WebServiceArgs
opts = pulumi.ResourceOptions()
WebService("a", {"image": "x", "protocol": "GRPC", "ingress": {"scope": "internal"}}, opts)
WebService("b", WebServiceArgs(image="x", rollout=RolloutArgs(on_term="drain")), opts)
WebService("c", image="x", replicas=3, args=["--debug"], ingress={"scope": Scope.INTERNAL}, opts=opts)
WebService("d", {"image": pulumi.Output.from_input("x")}).backend.service
NegService("e", namespace=Namespace("f", name="g").name).service_name.apply(str.upper)
"""
BAD = {
    "misspelt key": ('{"image": "x", "replica": 3}', "replica"),
    "misspelt keyword": ('image="x", replica=3', "replica|overload"),
    "wrong type": ('image="x", replicas="3"', "replicas|int"),
    "wrong choice": ('{"image": "x", "ingress": {"scope": "inside"}}', "inside|scope"),
    "inner misspelt key": ('{"image": "x", "rollout": {"zone": 3}}', "zone"),
    "required input missing": ("replicas=3", "image|overload"),
    "options as inputs": ("pulumi.ResourceOptions()", "ResourceOptions"),
}


@pytest.mark.parametrize("checker", ["ty", "pyright"])
def test_all_ways_to_make_a_component_pass_and_mistakes_do_not(checker, tmp_path):
    (tmp_path / "good.py").write_text(GOOD)
    for name, (inputs, _) in BAD.items():
        program = f'import pulumi\nfrom gke_nodrop import WebService\nWebService("a", {inputs})\n'
        (tmp_path / f"bad_{name.replace(' ', '_')}.py").write_text(program)
    said = complaints(checker, tmp_path)
    assert "good.py" not in said
    for name, (_, named) in BAD.items():
        if (name, checker) == ("misspelt keyword", "ty"):  # it takes any; the component itself says so (test_mistakes)
            continue
        lines = [line for line in said.splitlines() if f"bad_{name.replace(' ', '_')}.py" in line]
        assert re.search(named, "\n".join(lines)), f"{name}: {said}"
