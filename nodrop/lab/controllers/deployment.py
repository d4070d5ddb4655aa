"""The Deployment controller: moves replicas from old ReplicaSets to the new one.

Follows kubernetes/kubernetes pkg/controller/deployment (rolling.go, recreate.go, sync.go, progress.go). Not here:
pausing, revision history, and so the deletion of the oldest ReplicaSets.
"""

import hashlib
import json
import math
from dataclasses import dataclass, field

from nodrop.gke import defaults
from nodrop.gke.kinds import api_version
from nodrop.lab.clock import Time
from nodrop.lab.controllers import scaling
from nodrop.lab.controllers.scaling import surge_and_unavailable
from nodrop.lab.store import Manifest, Store, condition, owned_by

CREATED, UPDATED = "NewReplicaSetCreated", "ReplicaSetUpdated"
AVAILABLE, LATE = "NewReplicaSetAvailable", "ProgressDeadlineExceeded"
"""Reasons of the condition Progressing."""


@dataclass
class DeploymentController:
    """Reconciles every Deployment in the store."""

    store: Store
    time: Time
    _progress: dict[str, float] = field(default_factory=dict)
    """By Deployment uid: when progress was last seen, in whole seconds as in the API."""

    def sync(self) -> float | None:
        """One step for each Deployment."""
        deadlines = [self._sync(deployment) for deployment in self.store.list("Deployment")]
        return min((d for d in deadlines if d is not None), default=None)

    def _sync(self, deployment: Manifest) -> float | None:
        owned = list(owned_by(self.store.list("ReplicaSet"), deployment))
        name = replica_set_name(deployment)
        new = next((rs for rs in owned if rs["metadata"]["name"] == name), None)
        old = [rs for rs in owned if rs["metadata"]["name"] != name]
        rolling = scaling.is_rolling(deployment)
        if scaling.is_scaling_event(deployment, owned):
            for scaled, replicas in scaling.scaled(deployment, new, old).items():
                self._scale(deployment, next(rs for rs in owned if rs["metadata"]["name"] == scaled), replicas)
            self._write(deployment, self._counts(deployment))
            return self.time.now()  # and from there as ever
        if not rolling:
            return self._recreate(deployment, new, old)
        if new is None:
            new = self._create(deployment, name)
        if not self._scale_up(deployment, new, old):
            self._scale_down(deployment, new, old)
        return self._sync_status(deployment)

    def _create(self, deployment: Manifest, name: str) -> Manifest:
        self._progress[deployment["metadata"]["uid"]] = math.floor(self.time.now())
        self._write(deployment, _progressing(CREATED))
        return self.store.create(_replica_set(deployment, name))

    def _scale(self, deployment: Manifest, replica_set: Manifest, replicas: int) -> None:
        metadata, notes = replica_set["metadata"], {"annotations": scaling.annotations(deployment)}
        change = {"metadata": notes, "spec": {"replicas": replicas}}
        self.store.patch("ReplicaSet", metadata["namespace"], metadata["name"], change)

    def _scale_up(self, deployment: Manifest, new: Manifest, old: list[Manifest]) -> bool:
        """reconcileNewReplicaSet: as many new replicas as replicas + maxSurge leaves room for."""
        desired, current = deployment["spec"]["replicas"], new["spec"]["replicas"]
        max_surge, _ = surge_and_unavailable(deployment)
        room = desired + max_surge - current - sum(rs["spec"]["replicas"] for rs in old)
        target = desired if current > desired else current + max(0, min(room, desired - current))
        if target == current:
            return False
        self._scale(deployment, new, target)
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
                self._scale(deployment, rs, replicas[rs["metadata"]["name"]])

    def _recreate(self, deployment: Manifest, new: Manifest | None, old: list[Manifest]) -> float | None:
        """rolloutRecreate: nothing new, not even its ReplicaSet, before the last old pod is gone."""
        for rs in old:
            if rs["spec"]["replicas"]:
                self._scale(deployment, rs, 0)
        pods = self.store.list("Pod")
        if not any(True for rs in old for _ in owned_by(pods, rs)):
            new = new or self._create(deployment, replica_set_name(deployment))
            self._scale(deployment, new, deployment["spec"]["replicas"])
        return self._sync_status(deployment)

    def _counts(self, deployment: Manifest) -> Manifest:
        owned = list(owned_by(self.store.list("ReplicaSet"), deployment))
        new = next((rs for rs in owned if rs["metadata"]["name"] == replica_set_name(deployment)), {})
        return {
            "replicas": sum(rs.get("status", {}).get("replicas", 0) for rs in owned),
            "updatedReplicas": new.get("status", {}).get("replicas", 0),
            "readyReplicas": sum(rs.get("status", {}).get("readyReplicas", 0) for rs in owned),
            "availableReplicas": sum(_available(rs) for rs in owned),
        }

    def _sync_status(self, deployment: Manifest) -> float | None:
        """syncRolloutStatus: counts, and the condition Progressing, False where nothing moved for too long.

        Once a rollout is complete, the condition says so until another one begins, whatever becomes of its pods.
        """
        metadata = deployment["metadata"]
        before = self.store.get("Deployment", metadata["namespace"], metadata["name"]).get("status", {})
        reason = next((each["reason"] for each in before.get("conditions", [])), None)
        counts, now = self._counts(deployment), self.time.now()
        seconds = deployment["spec"].get("progressDeadlineSeconds", defaults.PROGRESS_DEADLINE_SECONDS)
        deadline = self._progress.setdefault(metadata["uid"], math.floor(now)) + seconds
        if not (reason == AVAILABLE and counts["replicas"] == counts["updatedReplicas"]):
            if is_complete(deployment, counts):
                reason = AVAILABLE
            elif _progressed(before, counts):
                self._progress[metadata["uid"]] = math.floor(now)
                reason, deadline = UPDATED, math.floor(now) + seconds
            elif reason not in (AVAILABLE, LATE) and now >= deadline:
                reason = LATE
        self._write(deployment, counts | _progressing(reason or UPDATED))
        return None if reason in (AVAILABLE, LATE) else deadline

    def _write(self, deployment: Manifest, status: Manifest) -> None:
        metadata = deployment["metadata"]
        self.store.patch("Deployment", metadata["namespace"], metadata["name"], {"status": status})


def _progressing(reason: str) -> Manifest:
    status = "False" if reason == LATE else "True"
    return {"conditions": [{"type": "Progressing", "status": status, "reason": reason}]}


def _progressed(before: Manifest, now: Manifest) -> bool:
    """DeploymentProgressing: more pods updated, ready or available than before, or fewer old ones."""
    old_before, old_now = (counts.get("replicas", 0) - counts.get("updatedReplicas", 0) for counts in (before, now))
    more = ("updatedReplicas", "readyReplicas", "availableReplicas")
    return old_now < old_before or any(now[count] > before.get(count, 0) for count in more)


def is_complete(deployment: Manifest, counts: Manifest) -> bool:
    """DeploymentComplete: every replica is updated and available, and no old one is left (terminating ones aside)."""
    desired = deployment["spec"]["replicas"]
    return all(counts.get(count) == desired for count in ("replicas", "updatedReplicas", "availableReplicas"))


def rolled_out(deployment: Manifest) -> bool:
    """Whether the controller's last report is that all is rolled out; a template changed since is not in it yet."""
    progressing = condition(deployment, "Progressing")
    done = progressing is not None and progressing["reason"] == AVAILABLE
    return _is_observed(deployment) and done and is_complete(deployment, deployment["status"])


def _is_observed(deployment: Manifest) -> bool:
    """Whether the controller's last report is of the present specification."""
    observed = deployment.get("status", {}).get("observedGeneration")
    return observed is None or observed >= deployment["metadata"]["generation"]


def all_ready(deployment: Manifest) -> bool:
    """Whether the controller's last report is that every pod is there and ready; the ready may not be available yet."""
    status, wanted = deployment.get("status", {}), deployment["spec"]["replicas"]
    counts = (status.get(name, 0) for name in ("replicas", "updatedReplicas", "readyReplicas"))
    return _is_observed(deployment) and all(count == wanted for count in counts)


def replica_set_name(deployment: Manifest) -> str:
    """The name of the ReplicaSet for the Deployment's present pod template, with the template's hash as its end."""
    template = json.dumps(deployment["spec"]["template"], sort_keys=True).encode()
    return f"{deployment['metadata']['name']}-{hashlib.sha256(template).hexdigest()[:6]}"


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
            "annotations": scaling.annotations(deployment),
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
