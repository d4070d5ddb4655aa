"""What kube-score and checkov find in rendered objects, and which findings are excepted, each with its reason.

Neither knows the kinds of GKE and of the Gateway API; kube-score knows fewer kinds than checkov. Both look at an object
beside the others of its program: a pod's NetworkPolicy, its PodDisruptionBudget, what a Service selects.
"""

import copy
import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from harness import tools
from nodrop.lab.kubernetes.rest import Object
from tools import venvs

EXCEPTIONS = Path(__file__).parents[1] / "scans" / "exceptions.yaml"
INFRASTRUCTURE_EXCEPTIONS = EXCEPTIONS.with_name("infrastructure.yaml")
BETWEEN = "--"
PASSED = 10
"""Kube-score's grade."""
KUBERNETES = "v1.34"


@dataclass(frozen=True, order=True)
class Finding:
    """What a scanner does not like."""

    scanner: str
    """kube-score or checkov."""
    check: str
    """The check's id and what is wrong, in the scanner's words."""
    object: str
    """Program, kind, namespace and name, such as `simplest-service: Deployment web/web`."""


@dataclass(frozen=True)
class Excepted:
    """Findings that are no faults, for one reason."""

    checks: frozenset[tuple[str, str]]
    """Scanner and check."""
    objects: tuple[str, ...]
    """Patterns of the findings' objects, as in a shell."""
    reason: str

    def covers(self, finding: Finding) -> bool:
        """Whether it excepts a finding."""
        named = (finding.scanner, finding.check) in self.checks
        return named and any(fnmatchcase(finding.object, pattern) for pattern in self.objects)

    def not_needed(self, findings: set[Finding]) -> list[str]:
        """The checks, and the patterns, that no finding needs."""
        met = {finding for finding in findings if self.covers(finding)}
        checks = [" ".join(check) for check in self.checks - {(each.scanner, each.check) for each in met}]
        return checks + [each for each in self.objects if not any(fnmatchcase(one.object, each) for one in met)]


def read_exceptions(text: str) -> list[Excepted]:
    """The exceptions of a file; AssertionError for one that gives no reason."""
    read = [
        Excepted(frozenset(entry["checks"].items()), tuple(entry["objects"]), entry.get("reason") or "")
        for entry in yaml.safe_load(text)
    ]
    for each in read:
        assert each.reason, f"{each.checks}: why is it no fault?"
    return read


def write(programs: Mapping[str, Sequence[Object]], folder: Path) -> None:
    """A file for each program, whose namespaces carry its name: what two programs call the same stays apart."""
    for program, objects in programs.items():
        own = [_apart(program, each) for each in objects]
        (folder / f"{program}.yaml").write_text(yaml.safe_dump_all(own))


def scan(folder: Path) -> set[Finding]:
    """What both scanners find in a folder's files."""
    return {*_kube_score(folder), *_checkov(folder)}


@dataclass(frozen=True)
class Scanned:
    """What checkov says of a folder's `main.tf.json`s, one a program, each in a folder of that name."""

    failed: set[Finding]
    passed: set[Finding]


def scan_infrastructure(folder: Path) -> Scanned:
    """Clusters, node pools, networks, firewalls and IAM, as Terraform JSON."""
    report = _run_checkov(folder, "terraform_json")
    assert report["summary"]["passed"]
    results = report["results"]
    return Scanned(*({_of_terraform(each) for each in results[kind]} for kind in ("failed_checks", "passed_checks")))


def _of_terraform(result: Mapping[str, str]) -> Finding:
    program = Path(result["file_path"]).parent.name
    check = f"{result['check_id']}: {result['check_name']}"
    return Finding("checkov", check, f"{program}: {result['resource'].rpartition('.')[2]}")


def _apart(program: str, manifest: Object) -> Object:
    own = copy.deepcopy(manifest)
    key = "name" if own["kind"] == "Namespace" else "namespace"
    own["metadata"][key] = f"{program}{BETWEEN}{own['metadata'][key]}"
    return own


def _kube_score(folder: Path) -> Iterator[Finding]:
    argv = [tools.path("kube-score"), "score", "--kubernetes-version", KUBERNETES, "--output-format", "json"]
    done = subprocess.run([*argv, *sorted(folder.glob("*.yaml"))], capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr  # 1: there are findings
    for scored in json.loads(done.stdout):
        metadata = scored["object_meta"]
        told = _told(scored["type_meta"]["kind"], metadata.get("namespace", ""), metadata["name"])
        for result in scored["checks"]:
            if not result["skipped"] and result["grade"] < PASSED:
                for comment in result["comments"]:
                    yield Finding("kube-score", f"{result['check']['id']}: {comment['summary']}", told)


def _run_checkov(folder: Path, framework: str) -> Any:
    """Its report. Without the network: it would ask Prisma Cloud for guidelines and PyPI for a newer version."""
    program = venvs.CHECKOV.folder / "bin" / "checkov"
    offline = {"HOME": str(folder), "PATH": "", "CKV_SKIP_PACKAGE_UPDATE_CHECK": "true"}
    argv = [program, "--framework", framework, "--skip-download", "--compact", "--soft-fail"]
    done = subprocess.run(
        [*argv, "--output", "json", "--directory", folder], capture_output=True, text=True, env=offline
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["summary"]["parsing_errors"] == 0
    return report


def _checkov(folder: Path) -> Iterator[Finding]:
    report = _run_checkov(folder, "kubernetes")
    assert report["summary"]["resource_count"]
    for failed in report["results"]["failed_checks"]:
        kind, namespace, name = failed["resource"].split(".", 2)
        if kind == "Pod":  # of a template: named by its Deployment and its labels
            kind, name = "Deployment", name.partition(".")[0]
        yield Finding("checkov", f"{failed['check_id']}: {failed['check_name']}", _told(kind, namespace, name))


def _told(kind: str, namespace: str, name: str) -> str:
    program, _, own = namespace.rpartition(BETWEEN)
    return f"{program}: {kind} {own}/{name}"
