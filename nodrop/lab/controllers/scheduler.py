"""The scheduler: spreads a ReplicaSet's pods over the nodes. Not here: resources, affinity, preemption."""

from dataclasses import dataclass

from nodrop.lab.store import Manifest, Store


@dataclass
class Scheduler:
    """Binds each pending pod to the node with the fewest pods of its own ReplicaSet, then the fewest of all.

    That is what zone spread with `matchLabelKeys: [pod-template-hash]` asks for with one node a zone, and close to what
    the real scheduler's default spreading does.
    """

    store: Store
    nodes: tuple[str, ...]

    def sync(self) -> None:
        """Binds every pod that has no node yet."""
        for pod in self.store.list("Pod"):
            if "nodeName" in pod["spec"]:
                continue
            metadata = pod["metadata"]
            node = min(self.nodes, key=lambda name: (*self._load(name, metadata), name))
            self.store.patch("Pod", metadata["namespace"], metadata["name"], {"spec": {"nodeName": node}})

    def _load(self, node: str, metadata: Manifest) -> tuple[int, int]:
        on_node = [
            pod["metadata"]
            for pod in self.store.list("Pod")
            if pod["spec"].get("nodeName") == node and "deletionTimestamp" not in pod["metadata"]
        ]
        same = sum(other["ownerReferences"] == metadata["ownerReferences"] for other in on_node)
        return same, len(on_node)
