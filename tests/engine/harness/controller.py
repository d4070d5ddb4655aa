"""What the stand-ins for GKE's controllers have in common: their cluster, their Namespaces, how they change objects."""

import time

from harness.backends import digest, name_of, namespace_of, uid_of
from harness.cloud import Cloud
from harness.polling import Polling
from nodrop.lab.kubernetes.rest import MERGE, Client, Object

Kind = tuple[str, str]
"""API version and kind."""


class Controller(Polling):
    """One cluster's. The names of what it makes carry a digest of the cluster's."""

    def __init__(self, name: str, client: Client, cloud: Cloud, *, network: str, cluster: str) -> None:
        super().__init__(name)
        self.client, self.cloud, self.network, self.cluster = client, cloud, network, digest(cluster)
        self.namespaces: set[str] | None = None
        """Serves these Namespaces only, where several clusters share an API server. None: all."""
        self._since: dict[str, float] = {}

    def passed(self, what: str, seconds: float) -> bool:
        """Whether this much time has passed since it was first asked."""
        now = time.monotonic()
        return now >= self._since.setdefault(what, now) + seconds

    def listed(self, api_version: str, kind: str) -> list[Object]:
        """Objects of the Namespaces that it serves."""
        found = self.client.list(api_version, kind, resourceVersion="0")
        return [one for one in found if self.namespaces is None or namespace_of(one) in self.namespaces]

    def change(self, what: Kind, present: Object, metadata: Object) -> None:
        """Only if nobody else changed the object meanwhile."""
        metadata = {**metadata, "resourceVersion": present["metadata"]["resourceVersion"]}
        self.client.patch(*what, name_of(present), namespace_of(present), {"metadata": metadata})

    def set_status(self, what: Kind, present: Object, status: Object, *, content_type: str = MERGE) -> None:
        """Of this very object, not of a later one by the same name."""
        change, place = (
            {"metadata": {"uid": uid_of(present)}, "status": status},
            (name_of(present), namespace_of(present)),
        )
        self.client.patch(*what, *place, change, content_type=content_type, subresource="status")
