"""`nodrop rehearse` and `nodrop compare` without packets: a stand-in for the runner."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from nodrop.cli import main
from nodrop.lab.errors import LabFailedError, LabUnavailableError
from nodrop.lab.job import Job
from tests.report.conftest import rollout, unready

ROOT = Path(__file__).parents[2]
MANIFESTS = Path(__file__).parents[1] / "lab" / "manifests"


NEG, NODE_PORT = str(MANIFESTS / "neg.yaml"), str(MANIFESTS / "node_port.yaml")
Objects = dict[str, dict[str, Any]]


def nodrop(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def too_fast(result: Any) -> Any:
    """The result, as one at a speed that was forced beyond its bound."""
    pace = {"speed_up_is_forced": True, "speed_up_is_bounded": True, "pace": "forced, beyond 9x: the backend timeout"}
    return replace(result, conditions=replace(result.conditions, **pace))


def told_alike(ended: Result, page: Path, document: Path, title: str, undecided: str) -> None:
    """That text, page and JSON have the title, and name this alone as undecided."""
    said = " ".join(ended.stdout.split())
    shown = " ".join(re.sub(r"<(svg|style).*?</\1>|<[^>]*>", "", page.read_text(), flags=re.DOTALL).split())
    assert said.startswith(f"{title} ")
    assert f"<h1>{title}</h1>" in page.read_text()
    assert "dropped no request" not in said + shown
    assert said.count("Not decided: ") == 1
    assert f"Not decided: {undecided}." in said
    assert f"Not decided: {undecided}." in shown
    assert json.loads(document.read_text())["undecided"] == [undecided]


def in_another_namespace(objects: Objects) -> None:
    for each in objects.values():
        each["metadata"]["namespace"] = "other"


def make_ipvs_folder(tmp_path: Path, place: str = "cache/gke-nodrop/ipvs") -> Path:
    """What the lab takes for a kernel with IPVS, in the cache of a test with the fixture `lab` or in another place."""
    for file in ("usr/bin/linux.uml", "usr/lib/uml/modules/6.1", "usr/sbin/xtables-legacy-multi", "usr/sbin/ipset"):
        (tmp_path / place / file).mkdir(parents=True)
    return tmp_path / place


@dataclass
class Lab:
    """Stands for the runner: keeps the jobs that it was given, and answers with results that are made up."""

    error: Exception | None = None
    """What every job comes to, in the place of a result."""
    void: str = ""
    """The variant of which every run is void."""
    void_seed: int | None = None
    """The seed of which alone they are; None: all."""
    outcome_of: Callable[[Job], Any] | None = None
    """What a job comes to, in the place of what else is said here."""
    jobs: Sequence[Job] = ()
    parallel: int = 0
    rollout: Any = field(default_factory=rollout)
    unready: Any = field(default_factory=lambda: unready(served=0))

    def run_each(self, jobs: Sequence[Job], progress: Callable[[Job, str], None], parallel: int) -> list[Any]:
        self.jobs, self.parallel = jobs, parallel
        if isinstance(self.error, LabUnavailableError):
            raise self.error
        return [self.error or self._outcome(job) for job in jobs]

    def _outcome(self, job: Job) -> Any:
        if self.outcome_of:
            return self.outcome_of(job)
        if job.variant == self.void and self.void_seed in (None, job.settings.seed):
            return LabFailedError(f"{job.variant}: undecided, 3 runs were void: machine too busy")
        made_up = self.rollout if job.experiment == "rollout" else self.unready
        return replace(made_up, subject=replace(made_up.subject, variant=job.variant, differs=job.differs))
