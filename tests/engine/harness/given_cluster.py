"""A cluster that somebody else runs, handed out by the fake cloud as the one that a stack makes.

Nodes, kubelets, health checks and the readiness gate are its owner's; the stand-in for GKE's ingress controller does
the rest: addresses, NEGs by name, and the note on Services by which pods get their gate.
"""

import base64
import json
from pathlib import Path

from harness.cloud import Cloud
from harness.control_plane import ControlPlane
from harness.worlds import GkeWorld, GkeWorlds
from nodrop.lab.kubernetes.rest import Client


def plane_of(kubeconfig: Path) -> ControlPlane:
    """The running one of a kubeconfig in JSON with a token; there is nothing to start or stop."""
    config = json.loads(kubeconfig.read_text())
    (cluster,), (user,) = config["clusters"], config["users"]
    plane = ControlPlane()
    plane.url, plane.token = cluster["cluster"]["server"], user["user"]["token"]
    plane.ca = base64.b64decode(cluster["cluster"]["certificate-authority-data"])
    plane.client = Client(plane.url, plane.ca, plane.token)
    plane.kubeconfig_file = kubeconfig
    return plane


class GivenWorld(GkeWorld):
    def add_nodes(self, pool: str, zones: list[str]) -> None:
        """Its nodes are there."""

    def start(self) -> None:
        self.ingress_controller.opens_gates = False
        self.ingress_controller.start()


class GivenWorlds(GkeWorlds):
    """Hands out one cluster, however many are asked for."""

    def __init__(self, folder: Path, plane: ControlPlane) -> None:
        super().__init__(folder)
        self._plane = plane
        self.introduce(plane)

    def take(self, name: str, network: str, cloud: Cloud) -> GkeWorld:
        world = GivenWorld(self._plane, name, network, cloud)
        world.start()
        self.all.append(world)
        return world
