"""The cluster's nodes: their Node objects, kube-proxy on each of them, and what its rules say."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nodrop.gke.nodes import ARCHITECTURE, HOST_NAME, ZONE
from nodrop.lab.controllers.kube_proxy import NodePorts
from nodrop.lab.data_plane.ipvs_guest import KubeProxyProgram
from nodrop.lab.data_plane.namespaces import NetNamespace
from nodrop.lab.data_plane.netfilter import RuleChanges
from nodrop.lab.data_plane.topology import Node
from nodrop.lab.kubernetes import programs
from nodrop.lab.kubernetes.control_plane import ControlPlane
from nodrop.lab.kubernetes.rest import STRATEGIC, Client

CAPACITY = {"cpu": "1000", "memory": "4Ti", "ephemeral-storage": "4Ti", "pods": "250"}
"""Of each node: the lab starts no more than it can, whatever the containers request."""


def join(client: Client, node: Node, labels: Mapping[str, str]) -> None:
    """Makes the Node object, ready and without the taint that it is created with."""
    own = {HOST_NAME: node.name, ZONE: node.zone, "kubernetes.io/os": "linux", ARCHITECTURE: "amd64"}
    spec = {"podCIDR": str(node.pod_range), "podCIDRs": [str(node.pod_range)]}
    metadata = {"name": node.name, "labels": {**labels, **own}}
    client.create({"apiVersion": "v1", "kind": "Node", "metadata": metadata, "spec": spec})
    status = {
        "capacity": CAPACITY,
        "allocatable": CAPACITY,
        "addresses": [{"type": "InternalIP", "address": node.address}, {"type": "Hostname", "address": node.name}],
        "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}],
    }
    client.patch("v1", "Node", node.name, None, {"status": status}, content_type=STRATEGIC, subresource="status")
    client.patch("v1", "Node", node.name, None, {"spec": {"taints": None}})


def _configuration(node: Node, mode: str, min_sync_real_seconds: float) -> dict[str, Any]:
    """kube-proxy's, without how it gets to the API server."""
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": mode,
        "hostnameOverride": node.name,
        "bindAddress": node.address,
        "healthzBindAddress": "127.0.0.1:10256",
        "metricsBindAddress": "127.0.0.1:10249",
        "detectLocalMode": "NodeCIDR",
        mode: {"minSyncPeriod": f"{min_sync_real_seconds:.3f}s"},
        "conntrack": {"maxPerCore": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
    }


def kube_proxy_in_kernel(plane: ControlPlane, node: Node, min_sync_real_seconds: float) -> KubeProxyProgram:
    """What runs kube-proxy in IPVS mode in a node's own kernel; it changes servers at most so often."""
    return KubeProxyProgram(
        program=str(plane.program("kube-proxy")),
        configuration=_configuration(node, "ipvs", min_sync_real_seconds),
        kubeconfig=plane.kubeconfig_file.read_text(),
    )


def start_kube_proxy(plane: ControlPlane, node: Node, folder: Path, min_sync_real_seconds: float) -> None:
    """Starts kube-proxy in the node's namespace; it is up when its first rules are there.

    Args:
        plane: what it watches, and what ends it.
        node: where it runs.
        folder: for its configuration.
        min_sync_real_seconds: it writes rules at most so often (its minSyncPeriod).
    """
    config = _configuration(node, "nftables", min_sync_real_seconds)
    file = folder / f"{node.name}.json"
    file.write_text(json.dumps(config | {"clientConnection": {"kubeconfig": str(plane.kubeconfig_file)}}))
    path = f"{plane.program(programs.NFT).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    with node.namespace.entered():
        plane.run(
            "kube-proxy", f"--config={file}", log=f"kube-proxy-{node.name}", environment={**os.environ, "PATH": path}
        )
    plane.until(lambda: "nodeport-ips" in ruleset(plane, node.namespace), f"kube-proxy on {node.name}")


class Rules:
    """The rules that kube-proxy writes in nftables mode on one node."""

    def __init__(self, plane: ControlPlane, node: Node) -> None:
        self._plane, self._node = plane, node
        self._changes = RuleChanges(node.namespace)

    def node_ports(self) -> NodePorts | None:
        """What the node translates; None where the rules are those that were read last."""
        return node_ports_of(ruleset(self._plane, self._node.namespace)) if self._changes.any() else None


def ruleset(plane: ControlPlane, namespace: NetNamespace) -> str:
    """kube-proxy's table in that namespace, as `nft` prints it; empty where there is none."""
    with namespace.entered():
        listed = subprocess.run(
            [plane.program(programs.NFT), "list", "table", "ip", "kube-proxy"], capture_output=True, text=True
        )
    return listed.stdout if listed.returncode == 0 else ""


_BLOCK = re.compile(r"^\t(?P<kind>chain|map|set) (?P<name>\S+) \{\n(?P<body>.*?)^\t\}", re.MULTILINE | re.DOTALL)
_ELEMENT = re.compile(r'tcp \. (?P<port>\d+)(?: comment "[^"]*")? : (?P<verdict>drop|goto (?P<chain>[^\s,}]+))')
_CHAIN = re.compile(r"goto (?P<chain>[^\s,}]+)")
_PICKED = re.compile(r"(?:dnat to |\d+ : )(?P<address>[\d.]+)(?::| \. )(?P<port>\d+)")
"""The only endpoint, or one of the map by which a new connection is translated (1.37); in 1.34, a chain an endpoint."""
_ENDPOINT = re.compile(r"^endpoint-.*__(?P<address>[\d.]+)/(?P<port>\d+)$")


def node_ports_of(rules: str) -> NodePorts:
    """What each TCP node port is translated to, read from kube-proxy's table (pkg/proxy/nftables/proxier.go)."""
    blocks = {match["name"]: match["body"] for match in _BLOCK.finditer(rules)}
    table: dict[int, tuple[tuple[str, int], ...] | None] = {}
    for found in _ELEMENT.finditer(blocks.get("service-nodeports", "")):
        if found["chain"]:
            table[int(found["port"])] = tuple(sorted(_endpoints(blocks, found["chain"])))
    for found in _ELEMENT.finditer(blocks.get("no-endpoint-nodeports", "")):  # what is filtered is not translated
        table[int(found["port"])] = None if found["verdict"] == "drop" else ()
    return table


def _endpoints(blocks: Mapping[str, Any], chain: str) -> Iterator[tuple[str, int]]:
    """The endpoints that a packet from outside the cluster can get to by a chain."""
    if endpoint := _ENDPOINT.match(chain):
        yield endpoint["address"], int(endpoint["port"])
        return
    for line in blocks.get(chain, "").splitlines():
        rule = line.strip()
        if not rule.startswith(("goto", "numgen", "meta l4proto tcp dnat")):
            continue  # for packets from pods and from the node itself
        yield from ((found["address"], int(found["port"])) for found in _PICKED.finditer(rule))
        for found in _CHAIN.finditer(rule):
            yield from _endpoints(blocks, found["chain"])
