"""The programs of docs/examples.md, by their headings."""

import re
from dataclasses import dataclass
from pathlib import Path

from nodrop.preview import Evaluation, evaluate

PAGE = Path(__file__).parents[3] / "docs" / "examples.md"
CONFIG = {"iap_client_id": "123-abc.apps.googleusercontent.com", "iap_secret": "hunter2"}
"""What the programs require of a stack; those that need none ignore it."""
_EXAMPLE = re.compile(
    r"^## (?P<title>.*?)\n(?:(?!^## ).)*?```python\n(?P<program>.*?)```\n+Makes: (?P<made>[^\n]*)",
    re.DOTALL | re.MULTILINE,
)


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

    def evaluate(self, folder: Path, config: dict[str, str] | None = None) -> Evaluation:
        """The program as a project in an empty folder, evaluated offline."""
        (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
        (folder / "__main__.py").write_text(self.program)
        return evaluate(folder, "dev", config={**CONFIG, **(config or {})})


def _inventory(text: str) -> dict[str, int]:
    return {kind: int(count) for count, kind in re.findall(r"(\d+) (\w+)", text)}


EXAMPLES = [
    Example(found["title"], found["program"], _inventory(found["made"]))
    for found in _EXAMPLE.finditer(PAGE.read_text())
]
