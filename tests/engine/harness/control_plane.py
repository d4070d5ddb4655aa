"""A real Kubernetes control plane on loopback, with the custom resources of GKE that the stacks use."""

import secrets
from pathlib import Path

import yaml

from harness import tools
from harness.waiting import until
from nodrop.lab.kubernetes import control_plane
from nodrop.lab.kubernetes.rest import Client

ORDINARY_USER = "ordinary"
CRDS = Path(__file__).parent / "crds"


class ControlPlane(control_plane.ControlPlane):
    """One control plane. Start it in the thread that lives longest: Linux ends the programs when that thread ends."""

    def __init__(self) -> None:
        self.ordinary_token = secrets.token_hex(16)
        """Of a user in no group of note."""
        super().__init__(tools.path, users={self.ordinary_token: ORDINARY_USER})

    def _start(self) -> None:
        super()._start()
        define_custom_resources(self.client)


def define_custom_resources(client: Client) -> None:
    """Those of GKE that the stacks use; returns when the API server serves them."""
    names = []
    for file in sorted(CRDS.glob("*.yaml")):
        for definition in yaml.safe_load_all(file.read_text()):
            client.create(definition)
            names.append(definition["metadata"]["name"])
    for name in names:
        until(lambda name=name: _established(client, name), seconds=control_plane.START_SECONDS)


def _established(client: Client, name: str) -> bool:
    definition = client.get("apiextensions.k8s.io/v1", "CustomResourceDefinition", name)
    conditions = definition.get("status", {}).get("conditions") or []
    return any(condition["type"] == "Established" and condition["status"] == "True" for condition in conditions)
