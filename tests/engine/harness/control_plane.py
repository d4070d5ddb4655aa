"""A real Kubernetes control plane on loopback, with the custom resources of GKE that the stacks use."""

import secrets
from pathlib import Path

import yaml

from harness import tools
from nodrop.lab.kubernetes import control_plane

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
        names = []
        for file in sorted(CRDS.glob("*.yaml")):
            for definition in yaml.safe_load_all(file.read_text()):
                self.client.create(definition)
                names.append(definition["metadata"]["name"])
        for name in names:
            self.until(lambda name=name: self._established(name), name)

    def _established(self, name: str) -> bool:
        definition = self.client.get("apiextensions.k8s.io/v1", "CustomResourceDefinition", name)
        conditions = definition.get("status", {}).get("conditions") or []
        return any(condition["type"] == "Established" and condition["status"] == "True" for condition in conditions)
