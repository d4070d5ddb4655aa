"""The Deployment controller: moves replicas from old ReplicaSets to the new one.

Follows kubernetes/kubernetes pkg/controller/deployment (rolling.go, recreate.go, sync.go, progress.go). Not here:
pausing, rollback, proportional scaling, revision history.
"""

import hashlib
import json
from dataclasses import dataclass, field

from nodrop.gke import defaults
from nodrop.gke.kinds import api_version
from nodrop.lab.clock import Time
from nodrop.lab.store import Manifest, Store, condition, owned_by
from nodrop.rollout import resolve_surge_and_unavailable

"""The API's defaults of spec.strategy.rollingUpdate.maxSurge and maxUnavailable."""


@dataclass
class DeploymentController:
    """Reconciles every Deployment in the store."""

    store: Store
    time: Time
    _progress: dict[str, tuple[Manifest, float]] = field(default_factory=dict)
    """By Deployment uid: the last counts seen and when they changed."""

    def sync(self) -> float | None:
        """One step for each Deployment."""
        deadlines = [self._sync(deployment) for deployment in self.store.list("Deployment")]
        return min((d for d in deadlines if d is not None), default=None)

    def _sync(self, deployment: Manifest) -> float | None:
        owned = list(owned_by(self.store.list("ReplicaSet"), deployment))
        name = replica_set_name(deployment)
        new = next((rs for rs in owned if rs["metadata"]["name"] == name), None)
        old = [rs for rs in owned if rs["metadata"]["name"] != name]
        if new is None:
            new = self.store.create(_replica_set(deployment, name))
        if deployment["spec"].get("strategy", {}).get("type", "RollingUpdate") == "Recreate":
            self._recreate(deployment, new, old)
        elif not self._scale_up(deployment, new, old):
            self._scale_down(deployment, new, old)
        return self._sync_status(deployment)

    def _scale(self, replica_set: Manifest, replicas: int) -> None:
        metadata = replica_set["metadata"]
        self.store.patch("ReplicaSet", metadata["namespace"], metadata["name"], {"spec": {"replicas": replicas}})

    def _scale_up(self, deployment: Manifest, new: Manifest, old: list[Manifest]) -> bool:
        """reconcileNewReplicaSet: as many new replicas as replicas + maxSurge leaves room for."""
        desired, current = deployment["spec"]["replicas"], new["spec"]["replicas"]
        max_surge, _ = surge_and_unavailable(deployment)
        room = desired + max_surge - current - sum(rs["spec"]["replicas"] for rs in old)
        target = desired if current > desired else current + max(0, min(room, desired - current))
        if target == current:
            return False
        self._scale(new, target)
        return True

    def _scale_down(self, deployment: Manifest, new: Manifest, old: list[Manifest]) -> None:
        """reconcileOldReplicaSets: unhealthy old replicas first, then as many as availability allows."""
        desired = deployment["spec"]["replicas"]
        _, max_unavailable = surge_and_unavailable(deployment)
        min_available = desired - max_unavailable
        replicas = {rs["metadata"]["name"]: rs["spec"]["replicas"] for rs in old}
        new_unavailable = new["spec"]["replicas"] - _available(new)
        budget = sum(replicas.values()) + new["spec"]["replicas"] - min_available - new_unavailable
        if budget <= 0:
            return
        for rs in old:  # cleanupUnhealthyReplicas
            unhealthy = min(budget, max(0, rs["spec"]["replicas"] - _available(rs)))
            replicas[rs["metadata"]["name"]] -= unhealthy
            budget -= unhealthy
        surplus = sum(_available(rs) for rs in [new, *old]) - min_available
        for rs in old:  # scaleDownOldReplicaSetsForRollingUpdate
            step = max(0, min(surplus, replicas[rs["metadata"]["name"]]))
            replicas[rs["metadata"]["name"]] -= step
            surplus -= step
        for rs in old:
            if replicas[rs["metadata"]["name"]] != rs["spec"]["replicas"]:
                self._scale(rs, replicas[rs["metadata"]["name"]])

    def _recreate(self, deployment: Manifest, new: Manifest, old: list[Manifest]) -> None:
        """rolloutRecreate: nothing new before the last old pod is gone."""
        for rs in old:
            if rs["spec"]["replicas"]:
                self._scale(rs, 0)
        pods = self.store.list("Pod")
        if not any(True for rs in old for _ in owned_by(pods, rs)):
            self._scale(new, deployment["spec"]["replicas"])

    def _sync_status(self, deployment: Manifest) -> float | None:
        """Counts, and the condition Progressing: False (ProgressDeadlineExceeded) where nothing moved for too long."""
        metadata = deployment["metadata"]
        owned = list(owned_by(self.store.list("ReplicaSet"), deployment))
        new = next(rs for rs in owned if rs["metadata"]["name"] == replica_set_name(deployment))
        counts = {
            "replicas": sum(rs.get("status", {}).get("replicas", 0) for rs in owned),
            "updatedReplicas": new.get("status", {}).get("replicas", 0),
            "readyReplicas": sum(rs.get("status", {}).get("readyReplicas", 0) for rs in owned),
            "availableReplicas": sum(_available(rs) for rs in owned),
        }
        seen, since = self._progress.get(metadata["uid"], ({}, 0.0))
        if not seen or _progressed(seen, counts):
            since = self.time.now()
        self._progress[metadata["uid"]] = (counts, since)
        deadline = since + deployment["spec"].get("progressDeadlineSeconds", defaults.PROGRESS_DEADLINE_SECONDS)
        complete = is_complete(deployment, counts)
        late = not complete and self.time.now() >= deadline
        reason = "NewReplicaSetAvailable" if complete else "ProgressDeadlineExceeded" if late else "ReplicaSetUpdated"
        status = counts | {
            "conditions": [{"type": "Progressing", "status": "False" if late else "True", "reason": reason}]
        }
        self.store.patch("Deployment", metadata["namespace"], metadata["name"], {"status": status})
        return None if complete or late else deadline


def _progressed(before: Manifest, now: Manifest) -> bool:
    """DeploymentProgressing: more pods updated, ready or available than before, or fewer old ones."""
    old_before, old_now = (counts["replicas"] - counts["updatedReplicas"] for counts in (before, now))
    more = ("updatedReplicas", "readyReplicas", "availableReplicas")
    return old_now < old_before or any(now[count] > before[count] for count in more)


def is_complete(deployment: Manifest, counts: Manifest) -> bool:
    """DeploymentComplete: every replica is updated and available, and no old one is left (terminating ones aside)."""
    desired = deployment["spec"]["replicas"]
    return all(counts.get(count) == desired for count in ("replicas", "updatedReplicas", "availableReplicas"))


def rolled_out(deployment: Manifest) -> bool:
    """Whether the controller's last report is that all is rolled out; a template changed since is not in it yet."""
    progressing = condition(deployment, "Progressing")
    return progressing is not None and progressing["reason"] == "NewReplicaSetAvailable"


def replica_set_name(deployment: Manifest) -> str:
    """The name of the ReplicaSet for the Deployment's present pod template, with the template's hash as its end."""
    template = json.dumps(deployment["spec"]["template"], sort_keys=True).encode()
    return f"{deployment['metadata']['name']}-{hashlib.sha256(template).hexdigest()[:6]}"


def surge_and_unavailable(deployment: Manifest) -> tuple[int, int]:
    """maxSurge and maxUnavailable of the Deployment as numbers of pods."""
    rolling = deployment["spec"].get("strategy", {}).get("rollingUpdate", {})
    return resolve_surge_and_unavailable(
        rolling.get("maxSurge", defaults.SURGE_AND_UNAVAILABLE),
        rolling.get("maxUnavailable", defaults.SURGE_AND_UNAVAILABLE),
        deployment["spec"]["replicas"],
    )


def _replica_set(deployment: Manifest, name: str) -> Manifest:
    template = deployment["spec"]["template"]
    labels = {**template["metadata"].get("labels", {}), "pod-template-hash": name.rpartition("-")[2]}
    metadata = deployment["metadata"]
    return {
        "apiVersion": api_version("ReplicaSet"),
        "kind": "ReplicaSet",
        "metadata": {
            "name": name,
            "namespace": metadata["namespace"],
            "ownerReferences": [{"kind": "Deployment", "name": metadata["name"], "uid": metadata["uid"]}],
        },
        "spec": {
            "replicas": 0,
            "minReadySeconds": deployment["spec"].get("minReadySeconds", 0),
            "template": {**template, "metadata": {**template["metadata"], "labels": labels}},
        },
    }


def _available(replica_set: Manifest) -> int:
    return replica_set.get("status", {}).get("availableReplicas", 0)
