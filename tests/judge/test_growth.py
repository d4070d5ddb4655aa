"""Work grows as the number of objects: four times as many take four times as many calls, whatever the machine does."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from nodrop.judge import judge, judge_change
from nodrop.paths import read_manifests
from nodrop.report.judged.document import document
from nodrop.report.judged.model import report_of
from nodrop.report.judged.text import text
from tests.judge.edits import CLEAN

SERVICES = 12
AT_MOST = 4.5
"""Times the calls for four times the objects: 4, and some for what is built once."""


def written(base: str, number: int) -> str:
    """So many services with all that is around them, in one namespace."""
    one = (CLEAN / f"{base}.yaml").read_text()
    return "\n---\n".join(re.sub(r"(?<!namespace: )\b(web|shop)\b", rf"\1-{each}", one) for each in range(number))


def calls(work: Callable[[], object]) -> int:
    """How many functions it calls."""
    made = 0

    def count(_: object, event: str, __: object) -> None:
        nonlocal made
        made += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return made


def reading(file: Path) -> Callable[[], object]:
    return lambda: list(read_manifests([file]))


def judging(file: Path) -> Callable[[], object]:
    objects = list(read_manifests([file]))
    return lambda: judge(objects)


def changing(file: Path) -> Callable[[], object]:
    before, after = list(read_manifests([file])), list(read_manifests([file]))
    for each in after:
        if each["kind"] == "Service":
            each["spec"]["publishNotReadyAddresses"] = True
    return lambda: judge_change(before, after)


def reporting(file: Path) -> Callable[[], object]:
    report = report_of(judge(list(read_manifests([file]))))
    return lambda: (document(report), text(report, 100))


@pytest.mark.slow
@pytest.mark.parametrize("work", [reading, judging, changing, reporting])
@pytest.mark.parametrize("base", ["ingress", "gateway"])
def test_four_times_the_objects_take_four_times_the_calls(base, work, tmp_path):
    def of(number: int) -> int:
        file = tmp_path / f"{number}.yaml"
        file.write_text(written(base, number))
        done: Any = work(file)
        done()  # what is kept from then on is no part of the growth
        return calls(done)

    few, many = of(SERVICES), of(4 * SERVICES)
    assert many / few < AT_MOST


COMMON = "app.kubernetes.io/managed-by: Helm"
"""A label that all objects of a chart have."""


def chart(number: int, of_each: str) -> str:
    """So many Deployments of one chart with a Service each, and what `of_each` says of every one."""
    one = f"""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: NAME, namespace: shop}}
spec:
  replicas: 2
  selector: {{matchLabels: {{{COMMON}, app: NAME}}}}
  template:
    metadata: {{labels: {{{COMMON}, app: NAME}}}}
    spec: {{containers: [{{name: web, image: example/web:1, ports: [{{containerPort: 8080}}]}}]}}
---
apiVersion: v1
kind: Service
metadata: {{name: NAME, namespace: shop, annotations: {{cloud.google.com/neg: '{{"ingress": true}}'}}}}
spec: {{selector: {{{COMMON}, app: NAME}}, ports: [{{port: 80, targetPort: 8080}}]}}
---
{of_each}"""
    return "\n---\n".join(one.replace("NAME", f"web-{each}") for each in range(number))


INGRESS = """apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: NAME, namespace: shop, annotations: {kubernetes.io/ingress.class: gce}}
spec: {defaultBackend: {service: {name: NAME, port: {number: 80}}}}
---
"""
BUDGET = f"""apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: NAME, namespace: shop}}
spec: {{minAvailable: 1, selector: {{matchLabels: {{{COMMON}, app: NAME}}}}}}
"""
CILIUM = f"""apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {{name: NAME, namespace: shop}}
spec: {{endpointSelector: {{matchLabels: {{{COMMON}, app: NAME}}}}, ingress: [{{}}]}}
"""
TARGETING = """apiVersion: networking.gke.io/v1
kind: GCPTrafficDistributionPolicy
metadata: {name: NAME, namespace: shop}
spec: {targetRefs: [{group: "", kind: Service, name: NAME}]}
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "of_each",
    [BUDGET, INGRESS + BUDGET, INGRESS + CILIUM, INGRESS + TARGETING],
    ids=["no way", "budgets", "Cilium's policies", "targeting policies"],
)
def test_what_selects_by_labels_that_all_have_is_not_asked_of_each(of_each, tmp_path):
    def of(number: int) -> int:
        file = tmp_path / f"{number}.yaml"
        file.write_text(chart(number, of_each))
        done = judging(file)
        done()
        return calls(done)

    assert of(16 * SERVICES) / of(4 * SERVICES) < AT_MOST


def test_a_search_through_all_for_each_is_seen():
    def searching(number: int) -> int:
        return calls(lambda: [len(range(other)) for _ in range(number) for other in range(number)])

    assert searching(4 * SERVICES) / searching(SERVICES) > AT_MOST


def test_the_services_are_as_many_as_asked_for():
    kinds = [each["kind"] for each in yaml.safe_load_all(written("ingress", 3))]
    assert (kinds.count("Deployment"), len(judge(list(yaml.safe_load_all(written("ingress", 3)))).paths)) == (3, 3)
