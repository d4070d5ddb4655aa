"""The applications that the stacks serve: container, readiness path and behaviour of each."""

from dataclasses import dataclass
from importlib.resources import files

from gke_nodrop import BehaviourArgs, OnTerm, WorkloadArgs
from nodrop.rollout.facts import KEEP_ALIVE_RECOMMENDED_SECONDS
from stacks.settings import Application, NodePortSettings, StackSettings

PYTHON_IMAGE = "python:3.13-slim"
SERVE_HOSTNAME_IMAGE = "registry.k8s.io/serve_hostname:v1.4"
SERVE_HOSTNAME_PORT = 9376
READY_TEST_PORT = 8080
READY_TEST_FILE = "/app/ready_test.py"
NODE_PORTS = "30000-32767"
"""Where NodePort Services are reached on every node. Source: kubernetes.io, Service, type NodePort."""
NEVER_SECONDS = 86400
"""Stands for an idle connection that is never closed: Go's net/http has no idle timeout by default."""
REPORT_KEEP_ALIVE_SECONDS = 30
"""Keep-alive timeout of the production server in the field report of unready pods (GKE, 2019)."""


@dataclass(frozen=True, kw_only=True)
class AppInputs:
    """One application as a service's inputs."""

    workload: WorkloadArgs
    behaviour: BehaviourArgs
    readiness_path: str
    port: int


def graceful(settings: StackSettings) -> AppInputs:
    """The application as it should be behind a load balancer: long keep-alive, drains on TERM."""
    if settings.get("app") is Application.SERVE_HOSTNAME:
        return _serve_hostname(settings)
    return _ready_test(settings, KEEP_ALIVE_RECOMMENDED_SECONDS, OnTerm.DRAIN)


def as_reported(settings: StackSettings, node_port: NodePortSettings) -> AppInputs:
    """The application of the field report: short keep-alive, announced to clients; exits on TERM."""
    if settings.get("app") is Application.SERVE_HOSTNAME:
        return _serve_hostname(settings)
    keep_alive = node_port.get("keep_alive_timeout_seconds", REPORT_KEEP_ALIVE_SECONDS)
    return _ready_test(settings, keep_alive, OnTerm.EXIT, "--keep-alive-header")


def _ready_test(settings: StackSettings, keep_alive_timeout_seconds: float, on_term: OnTerm, *more: str) -> AppInputs:
    startup_seconds = settings.get("startup_seconds", 2)
    workload: WorkloadArgs = {
        "image": PYTHON_IMAGE,
        "port": READY_TEST_PORT,
        "command": ["python", READY_TEST_FILE],
        "args": [
            f"--port={READY_TEST_PORT}",
            f"--keep-alive-timeout-seconds={keep_alive_timeout_seconds}",
            f"--request-seconds={settings.get('request_seconds', 0)}",
            f"--startup-seconds={startup_seconds}",
            f"--on-term={on_term.value}",
            *more,
        ],
        "files": {READY_TEST_FILE: files("nodrop.lab").joinpath("ready_test.py").read_text(encoding="utf-8")},
        "run_as_user": 65532,
    }
    behaviour: BehaviourArgs = {
        "startup_seconds": startup_seconds,
        "keep_alive_timeout_seconds": keep_alive_timeout_seconds,
        "on_term": on_term,
    }
    return _served(settings, workload, behaviour, "/ready/", READY_TEST_PORT)


def _serve_hostname(settings: StackSettings) -> AppInputs:
    workload: WorkloadArgs = {"image": SERVE_HOSTNAME_IMAGE, "port": SERVE_HOSTNAME_PORT}
    # It serves on for a minute after TERM. Source: kubernetes/kubernetes test/images/agnhost/serve-hostname.
    behaviour: BehaviourArgs = {"keep_alive_timeout_seconds": NEVER_SECONDS, "on_term": OnTerm.SERVE}
    return _served(settings, workload, behaviour, "/", SERVE_HOSTNAME_PORT)


def _served(
    settings: StackSettings, workload: WorkloadArgs, behaviour: BehaviourArgs, readiness_path: str, port: int
) -> AppInputs:
    if "replicas" in settings:
        workload["replicas"] = settings["replicas"]
    if "longest_request_seconds" in settings:
        behaviour["longest_request_seconds"] = settings["longest_request_seconds"]
    return AppInputs(workload=workload, behaviour=behaviour, readiness_path=readiness_path, port=port)
