"""The rows of public corpora: which file, which check, and whether the corpus expects the check to find something.

What a corpus expects is read from the corpus itself. Its layout tells which one it is:
- Polaris: `test/checks/CHECK/success*.yaml` and `failure*.yaml`.
- ingress-gce: the tables in `pkg/*/*_test.go` that `corpora_go` reads.
- kube-score: `score/testdata/*.yaml`, with the expected grades in `score/*_test.go`.
- kube-linter: `tests/checks/CHECK.yml`, with the number of findings in `e2etests/bats-tests.sh`. Names say which object
  is meant to pass; where as many others are left as there are findings, each object is a row, else the file is one.
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpora_go import ingress_gce_rows

from nodrop.paths import Manifest
from nodrop.paths.files.reading import read

_PASSES = "dont-fire"
"""How kube-linter's objects and containers that are meant to pass are called."""
_SUBJECTS = {"hpa": "HorizontalPodAutoscaler", "pdb": "PodDisruptionBudget", "service": "Service", "ingress": "Ingress"}
"""Kind that a check of kube-linter is about, by a word of its name; a workload where there is none."""
_WORKLOADS = ("Deployment", "StatefulSet", "DeploymentConfig")
_GRADE = re.compile(r"testExpectedScore(?:WithConfig)?\(t,(.*?)(?:scorecard\.Grade(\w+)\)|, (\d+)\))", re.DOTALL)
_OUR_THRESHOLD = "2"
"""Least number of pods that nodrop asks for; rows that set another one ask for something else."""
_TEST = re.compile(r'tmp="tests/checks/(\S+?)"(.*?)(?=@test|\Z)', re.DOTALL)


@dataclass(frozen=True)
class Row:
    """One question of a corpus, and its answer."""

    name: str
    """Corpus, file, and where a file holds several rows the number of the object (and container), from 1."""
    check: str
    """Corpus and check, in lower case with hyphens."""
    finds: bool
    """Whether the corpus expects a finding."""
    objects: list[Manifest]


def rows_of(folder: Path) -> Iterator[Row]:
    """The rows of a corpus. Raises SystemExit where the layout is none of the known ones."""
    if (folder / "negannotation").is_dir():
        for test, description, refused, objects in ingress_gce_rows(folder):
            yield Row(f"ingress-gce/{test}/{description}", f"ingress-gce/{test.lower()}", refused, objects)
    elif list(folder.glob("*/success*.yaml")):
        yield from _polaris(folder)
    elif list(folder.parent.glob("*_test.go")):
        yield from _kube_score(folder)
    elif (tests := folder.parent.parent / "e2etests" / "bats-tests.sh").is_file():
        yield from _kube_linter(folder, tests.read_text())
    else:
        raise SystemExit(
            f"{folder}: neither ingress-gce's pkg, Polaris' test/checks, kube-score's score/testdata nor kube-linter's"
        )


def _objects(file: Path) -> list[Manifest]:
    reading = read([file])
    for fault in reading.faults:
        print(f"  not read: {file.name}: {fault}")
    return reading.objects


def _polaris(folder: Path) -> Iterator[Row]:
    for file in sorted(folder.glob("*/*.yaml")):
        outcome = re.match("success|failure", file.name)
        if outcome:
            name, check = f"polaris/{file.parent.name}/{file.name}", f"polaris/{file.parent.name.lower()}"
            yield Row(name, check, outcome[0] == "failure", _objects(file))


def _kube_score(folder: Path) -> Iterator[Row]:
    for test in sorted(folder.parent.glob("*_test.go")):
        seen = set()
        for call, grade, number in _GRADE.findall(test.read_text()):
            texts = re.findall(r'"([^"]*)"', call)
            least = re.search(r"MinReplicas\w+: *(\d+)", call)
            if len(texts) != 2 or number or (least and least[1] != _OUR_THRESHOLD) or (call, grade) in seen:
                continue
            seen.add((call, grade))
            file, check = texts
            slug = "-".join(check.lower().split())
            if (folder / file).is_file():
                yield Row(f"kube-score/{file}", f"kube-score/{slug}", grade != "AllOK", _objects(folder / file))


def _kube_linter(folder: Path, tests: str) -> Iterator[Row]:
    for file, body in _TEST.findall(tests):
        stem = Path(file).stem
        count = re.search(r'"\$\{count\}" == "(\d+)"', body)
        if not count or "--include" not in body:
            continue
        objects = _objects(folder / file)
        word = next((kind for word, kind in _SUBJECTS.items() if word in stem.split("-")), None)
        kinds = (word,) if word else _WORKLOADS
        subjects = list(_subjects(objects, kinds))
        failing = sum(not name.startswith(_PASSES) for _, name, _ in subjects)
        if failing == int(count[1]):
            for number, name, row in subjects:
                if not any(each.get("kind") == "DeploymentConfig" for each in row):
                    found = not name.startswith(_PASSES)
                    yield Row(f"kube-linter/{file}#{number}", f"kube-linter/{stem}", found, row)
        else:
            yield Row(f"kube-linter/{file}", f"kube-linter/{stem}", True, objects)


def _subjects(objects: list[Manifest], kinds: tuple[str, ...]) -> Iterator[tuple[str, str, list[Manifest]]]:
    """Number, name and objects of each row: the subject alone among those of its kinds, with all others."""
    others = [each for each in objects if each.get("kind") not in kinds]
    for number, each in enumerate((each for each in objects if each.get("kind") in kinds), 1):
        name = (each.get("metadata") or {}).get("name")
        if name:
            yield str(number), name, [each, *others]
            continue
        for place, container in enumerate(_containers(each), 1):
            alone: Any = deepcopy(each)
            alone["spec"]["template"]["spec"]["containers"] = [container]
            yield f"{number}.{place}", str(container.get("name")), [alone, *others]


def _containers(workload: Manifest) -> list[Manifest]:
    given: Any = workload
    return given.get("spec", {}).get("template", {}).get("spec", {}).get("containers", [])
