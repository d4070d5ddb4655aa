"""Every program that the project shows: of docs/examples.md, by their headings, of other pages, and the stacks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nodrop.preview import Evaluation, evaluate

PROJECT = Path(__file__).parents[3]
CONFIG = {
    "iap_client_id": "123-abc.apps.googleusercontent.com",
    "iap_secret": "hunter2",
    "kubeconfig": "{}",
    "cluster_id": "projects/my-project/locations/europe-west1/clusters/existing",
}
"""What programs require of a stack; each is given what it names."""
_EXAMPLE = re.compile(
    r"^## (?P<title>.*?)\n(?:(?!^## ).)*?```python\n(?P<program>.*?)```\n+Makes: (?P<made>[^\n]*)",
    re.DOTALL | re.MULTILINE,
)
_PROGRAM = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_SECTION = re.compile(r"^## (.*?)\n(.*?)(?=^## |\Z)", re.DOTALL | re.MULTILINE)
HOSTS = {"hosts": '["www.example.com"]'}
STACKS: dict[str, tuple[str, Mapping[str, str]]] = {
    "container-native": ("container-native", {}),
    "container-native, hosts": ("container-native", HOSTS),
    "container-native, autopilot": ("container-native", {"cluster": "autopilot"}),
    "container-native, hard-coded delay": ("container-native", {"mode": "hard-coded-delay"}),
    "container-native, serve-hostname": ("container-native", {"app": "serve-hostname"}),
    "legacy-nodeport": ("legacy-nodeport", {}),
    "legacy-nodeport, token": ("legacy-nodeport", {"unready_token": "hunter2"}),
    "comparison": ("comparison", {}),
    "comparison, hosts, token": ("comparison", {**HOSTS, "unready_token": "hunter2"}),
}
"""This project's own, each with config that changes what is rendered."""


@dataclass(frozen=True)
class Example:
    """One program and what it says that it makes."""

    title: str
    program: str
    inventory: dict[str, int]
    """How many resources of each kind."""

    @property
    def slug(self) -> str:
        """The title as a name."""
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")

    def evaluate(self, folder: Path, config: Mapping[str, str] | None = None) -> Evaluation:
        """Offline, as a project in an empty folder; `config` goes before CONFIG."""
        return evaluate_program(self.program, folder, config)


def evaluate_program(program: str, folder: Path, config: Mapping[str, str] | None = None) -> Evaluation:
    """A program's text as a project in an empty folder, evaluated offline."""
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (folder / "__main__.py").write_text(program)
    required = {key: value for key, value in CONFIG.items() if f'"{key}"' in program}
    return evaluate(folder, "dev", config={**required, **(config or {})})


def evaluate_stack(name: str) -> Evaluation:
    """One of STACKS, offline."""
    stack, config = STACKS[name]
    return evaluate(PROJECT, stack, config=config)


def _inventory(text: str) -> dict[str, int]:
    return {kind: int(count) for count, kind in re.findall(r"(\d+) (\w+)", text)}


def _elsewhere() -> dict[str, str]:
    """The right programs of README and docs/web-service.md, and the steps of docs/migration.md with what they share."""
    found = {}
    for name, page in (("README", "README.md"), ("WebService", "docs/web-service.md")):
        right = [text for text in _PROGRAM.findall((PROJECT / page).read_text()) if '"replicas": 0' not in text]
        found |= {f"{name} {number}": f"from gke_nodrop import WebService\n{text}" for number, text in enumerate(right)}
    for way, section in _SECTION.findall((PROJECT / "docs" / "migration.md").read_text()):
        shared, *steps = _PROGRAM.findall(section)
        found |= {f"{way}, step {number}": f"{shared}\n{step}" for number, step in enumerate(steps)}
    return found


def _examples(page: str) -> list[Example]:
    return [Example(found["title"], found["program"], _inventory(found["made"])) for found in _EXAMPLE.finditer(page)]


_PAGE, _CLUSTERS = ((PROJECT / "docs" / f"{name}.md").read_text() for name in ("examples", "clusters"))
EXAMPLES = _examples(_PAGE)
CLUSTERS = _examples(_CLUSTERS)
"""Programs with a cluster of their own, or a given one."""
NOT_READ = len(_PROGRAM.findall(_PAGE + _CLUSTERS)) - len(EXAMPLES) - len(CLUSTERS)
"""Programs of these pages without an inventory; tests expect none."""
ELSEWHERE = _elsewhere()
"""Programs of other pages, by page or way and number."""
