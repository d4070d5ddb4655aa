"""`nodrop check` beside kube-score on the same YAML: CPU-seconds, seconds, memory an object, and how both grow.

Usage: python benchmarks/check.py KUBE_SCORE [OBJECTS ...]; `make engine` builds kube-score. An Ingress, Service,
Deployment and PodDisruptionBudget a service. Both write what they find to a file that nobody reads.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from nodrop.gke.services import NEG

KINDS = 4
CHECK = [str(Path(sys.executable).with_name("nodrop")), "check", "--fail-on", "never"]


def service(number: int) -> str:
    """The objects of one web service, as YAML documents."""
    name = f"web-{number}"
    labels = {"app": name}
    probe = {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 5}
    container = {
        "name": "web",
        "image": "example/web:1",
        "ports": [{"containerPort": 8080}],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "128Mi"}},
        "readinessProbe": probe,
        "lifecycle": {"preStop": {"sleep": {"seconds": 60}}},
    }
    pod = {"terminationGracePeriodSeconds": 95, "containers": [container]}
    template = {"metadata": {"labels": labels}, "spec": pod}
    backend = {"service": {"name": name, "port": {"number": 80}}}
    rule = {"host": f"{name}.example.org", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
    ports = [{"name": "http", "port": 80, "targetPort": 8080}]
    neg = {NEG: '{"ingress": true}'}
    deployment = {"replicas": 3, "selector": {"matchLabels": labels}, "template": template}
    objects = (
        ("networking.k8s.io/v1", "Ingress", {}, {"rules": [rule]}),
        ("v1", "Service", neg, {"selector": labels, "ports": ports}),
        ("apps/v1", "Deployment", {}, deployment),
        ("policy/v1", "PodDisruptionBudget", {}, {"maxUnavailable": 1, "selector": {"matchLabels": labels}}),
    )
    return yaml.dump_all(
        (
            {"apiVersion": version, "kind": kind, "metadata": {"name": name, "annotations": annotations}, "spec": spec}
            for version, kind, annotations, spec in objects
        ),
        Dumper=type("Plain", (yaml.SafeDumper,), {"ignore_aliases": lambda *_: True}),
        explicit_start=True,
    )


def measured(command: list[str], *fine: int) -> tuple[float, float, int]:
    """CPU-seconds, seconds and largest memory in KiB of a command."""
    began = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    seconds = time.monotonic() - began
    if os.waitstatus_to_exitcode(status) not in (0, *fine):
        raise SystemExit(f"{command[0]} ended with {os.waitstatus_to_exitcode(status)}")
    return used.ru_utime + used.ru_stime, seconds, used.ru_maxrss


def main() -> None:
    """Print a line a size."""
    kube_score, *sizes = sys.argv[1:]
    print(f"{'objects':>8} {'check CPU s':>12} {'KiB/object':>11} {'kube-score CPU s':>17} {'times':>6}")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "shop.yaml"
        file.write_text(service(0))
        least, alone, memory = measured([*CHECK, str(file)])
        print(f"{KINDS:>8} {least:>12.2f} {'':>11} {'':>17} {'':>6}  in {alone:.2f} s")
        for size in map(int, sizes or ("1000", "10000")):
            file.write_text("".join(map(service, range(size // KINDS))))
            ours, _, used = measured([*CHECK, str(file)])
            theirs, _, _ = measured([kube_score, "score", "--output-format", "ci", str(file)], 1)
            line = f"{size:>8} {ours:>12.2f} {(used - memory) / size:>11.1f} {theirs:>17.2f} {theirs / ours:>6.1f}"
            print(line, flush=True)


if __name__ == "__main__":
    main()
