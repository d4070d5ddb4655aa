"""What the kubelet asks of a container, or runs in it: probes and preStop hooks, as its manifest states them."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from nodrop.lab.store import Manifest
from nodrop.paths.fields import Field
from nodrop.paths.health_check import kubelet_probe
from nodrop.rollout import ObjectRef, Probe


@dataclass(frozen=True)
class ProbeAction:
    """One probe of a container."""

    timing: Probe
    port: int
    path: str | None
    """None: it is enough to connect (tcpSocket), or `grpc` or `command` asks."""
    scheme: str = "http"
    headers: Mapping[str, str] = field(default_factory=dict)
    grpc: str | None = None
    """The service whose health is asked for, empty for the server's; None: not by gRPC."""
    command: tuple[str, ...] = ()
    """Run in the container, where 0 passes; empty: none is."""

    @property
    def question(self) -> str:
        """In a few words, such as "GET :8080/ready"."""
        if self.command:
            return f"exec {shlex.join(self.command)}"
        if self.grpc is not None:
            return f"gRPC at :{self.port}"
        return f"connecting to :{self.port}" if self.path is None else f"GET :{self.port}{self.path}"


def pre_stop_command(container: Manifest) -> tuple[str, ...]:
    """The command of the container's preStop; empty where it has no such hook."""
    return _command(container.get("lifecycle", {}).get("preStop") or {})


def _command(handler: Manifest) -> tuple[str, ...]:
    return tuple(map(str, (handler.get("exec") or {}).get("command") or ()))


def pre_stop_get(container: Manifest) -> ProbeAction | None:
    """The GET of the container's preStop, or None where it has no such hook."""
    hook = container.get("lifecycle", {}).get("preStop") or {}
    return probe_of({**container, "preStop": {"httpGet": hook["httpGet"]}}, "preStop") if "httpGet" in hook else None


def probe_of(container: Manifest, kind: str) -> ProbeAction | None:
    """The container's probe of that kind (readinessProbe, startupProbe), or None."""
    probe = container.get(kind)
    if not probe:
        return None
    timing = kubelet_probe(
        Field({"httpGet": {}, **probe}, ObjectRef(kind="container", namespace=None, name=str(container["name"])))
    )
    command = _command(probe)
    if timing is not None and command:
        return ProbeAction(timing, 0, None, command=command)
    action = probe.get("httpGet") or probe.get("tcpSocket") or probe.get("grpc") or {}
    declared = container.get("ports", [])
    port = action.get("port", declared[0]["containerPort"] if declared else None)
    number = next((entry["containerPort"] for entry in declared if entry.get("name") == port), port)
    if timing is None or not isinstance(number, int):
        return None
    if "httpGet" not in probe:
        return ProbeAction(timing, number, None, grpc=probe["grpc"].get("service") or "" if "grpc" in probe else None)
    headers = {header["name"]: header["value"] for header in action.get("httpHeaders") or ()}
    return ProbeAction(timing, number, timing.path, (action.get("scheme") or "HTTP").lower(), headers)
