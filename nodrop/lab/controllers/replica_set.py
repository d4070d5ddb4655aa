"""The ReplicaSet controller: keeps as many pods as asked for, and says how many of them are ready and available.

Follows kubernetes/kubernetes pkg/controller/replicaset/replica_set.go and pkg/controller/controller_utils.go. Not here:
adoption, slow-start batches, pod deletion cost,
ages compared in logarithmic buckets.
"""

import itertools
from collections import Counter
from dataclasses import dataclass, field

from nodrop.gke import defaults
from nodrop.gke.kinds import api_version
from nodrop.lab.clock import Time
from nodrop.lab.store import Manifest, Store, condition, is_true, owned_by


@dataclass
class ReplicaSetController:
    """Reconciles every ReplicaSet in the store."""

    store: Store
    time: Time
    _names: itertools.count = field(default_factory=lambda: itertools.count(1))

    def sync(self) -> float | None:
        """One step for each ReplicaSet; wants to be asked again when the next pod becomes available."""
        wakeups = [wake for rs in self.store.list("ReplicaSet") if (wake := self._sync(rs)) is not None]
        return min(wakeups, default=None)

    def _sync(self, replica_set: Manifest) -> float | None:
        metadata, spec = replica_set["metadata"], replica_set["spec"]
        self._release(replica_set)
        active = [pod for pod in owned_by(self.store.list("Pod"), replica_set) if is_active(pod)]
        surplus = len(active) - spec["replicas"]
        for _ in range(-surplus):
            self.store.create(self._pod(replica_set))
        for pod in rank_for_deletion(active, self._related(replica_set))[: max(0, surplus)]:
            grace = pod["spec"].get("terminationGracePeriodSeconds", defaults.GRACE_PERIOD_SECONDS)
            # with none, the object would be gone before its kubelet sees that it is to end the pod
            grace = max(1, grace)
            self.store.delete("Pod", pod["metadata"]["namespace"], pod["metadata"]["name"], grace_seconds=grace)

        active = [pod for pod in owned_by(self.store.list("Pod"), replica_set) if is_active(pod)]
        available_at = [at for pod in active if (at := available_from(pod, spec["minReadySeconds"])) is not None]
        now = self.time.now()
        status = {
            "replicas": len(active),
            "readyReplicas": len(available_at),
            "availableReplicas": sum(at <= now for at in available_at),
        }
        self.store.patch("ReplicaSet", metadata["namespace"], metadata["name"], {"status": status})
        return min((at for at in available_at if at > now), default=None)

    def _release(self, replica_set: Manifest) -> None:
        """Gives up pods whose labels are no longer those of the template (controller_ref_manager.go ReleasePod)."""
        wanted = replica_set["spec"]["template"]["metadata"].get("labels", {}).items()
        for pod in owned_by(self.store.list("Pod"), replica_set):
            metadata = pod["metadata"]
            if not wanted <= metadata.get("labels", {}).items():
                self.store.patch("Pod", metadata["namespace"], metadata["name"], {"metadata": {"ownerReferences": []}})

    def _related(self, replica_set: Manifest) -> list[Manifest]:
        """The active pods of all ReplicaSets of the same Deployment."""
        owner = replica_set["metadata"]["ownerReferences"][0]["uid"]
        pods = self.store.list("Pod")
        siblings = (rs for rs in self.store.list("ReplicaSet") if rs["metadata"]["ownerReferences"][0]["uid"] == owner)
        return [pod for rs in siblings for pod in owned_by(pods, rs) if is_active(pod)]

    def _pod(self, replica_set: Manifest) -> Manifest:
        template, metadata = replica_set["spec"]["template"], replica_set["metadata"]
        return {
            "apiVersion": api_version("Pod"),
            "kind": "Pod",
            "metadata": {
                **template["metadata"],
                "name": f"{metadata['name']}-{next(self._names)}",
                "namespace": metadata["namespace"],
                "ownerReferences": [{"kind": "ReplicaSet", "name": metadata["name"], "uid": metadata["uid"]}],
            },
            "spec": template["spec"],
            "status": {"phase": "Pending"},
        }


def is_active(pod: Manifest) -> bool:
    """IsPodActive: neither ended nor being deleted."""
    return pod["status"].get("phase") not in ("Succeeded", "Failed") and "deletionTimestamp" not in pod["metadata"]


def available_from(pod: Manifest, min_ready_seconds: float) -> float | None:
    """IsPodAvailable, as the time from which it holds; None for a pod that is not ready.

    The Ready condition's time holds whole seconds, so a pod can count as available up to 1 s early.
    """
    ready = condition(pod, "Ready")
    if ready is None or ready["status"] != "True":
        return None
    return ready["lastTransitionTime"] + min_ready_seconds


def rank_for_deletion(pods: list[Manifest], related: list[Manifest]) -> list[Manifest]:
    """`pods` in the order in which the controller deletes them (ActivePodsWithRanks).

    Unassigned before assigned, pending before running, unready before ready, then those on nodes that hold more of
    the `related` pods, then the most recently ready, then the youngest.
    """
    on_node = Counter(pod["spec"].get("nodeName") for pod in related)

    def rank(pod: Manifest) -> tuple[bool, bool, bool, int, float, float]:
        ready = condition(pod, "Ready") if is_true(pod, "Ready") else None
        return (
            "nodeName" in pod["spec"],
            pod["status"].get("phase") != "Pending",
            ready is not None,
            -on_node[pod["spec"].get("nodeName")],
            -ready["lastTransitionTime"] if ready else 0,
            -pod["metadata"]["creationTimestamp"],
        )

    return sorted(pods, key=rank)
