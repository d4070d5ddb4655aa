"""Single edits of pods that the Kubernetes API refuses: where they run, their volumes, what containers request."""

from typing import Any

from tests.judge.edits import POD, SPREAD, WEB, Edit, claim, in_labels, mounting

_EXISTS = {"key": "a", "operator": "Exists"}
_REQUIRED, _PREFERRED = (f"{how}DuringSchedulingIgnoredDuringExecution" for how in ("required", "preferred"))
_TERM = {"matchExpressions": [_EXISTS]}
_NO_TERM = {"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["b"]}]}
_INIT = {"name": "init", "image": "example/init:1"}
_OK = {"exec": {"command": ["ok"]}}
_OF_ONE_THAT_STAYS: list[dict[str, Any]] = [
    {"lifecycle": {"preStop": {"sleep": {"seconds": 5}}}},
    {"lifecycle": {}},
    *({key: _OK} for key in ("readinessProbe", "livenessProbe", "startupProbe")),
]
"""What no init container may state that ends before the others start."""
_APART = {"topologyKey": "kubernetes.io/hostname"}


def _files(**item: object) -> dict[str, object]:
    return {"name": "a", "items": [{"key": "a", "path": "a", **item}]}


def _own_claim(**spec: object) -> dict[str, object]:
    template = {"spec": {**claim(accessModes=["ReadWriteOnce"])["spec"], **spec}}
    return {"name": "a", "ephemeral": {"volumeClaimTemplate": template}}


OF_PODS = [
    Edit(place, value, "object-is-accepted")
    for place, value in (
        # Where pods run, and their volumes
        (f"{POD}.tolerations", [{}]),
        (f"{POD}.tolerations", [None]),
        (f"{POD}.tolerations", [{"operator": "Equal", "value": "a"}]),
        (f"{POD}.tolerations", [{"key": "a", "operator": "Exists", "value": "b"}]),
        (f"{POD}.tolerations", [{"key": "a", "operator": "Exists", "effect": "NO_SCHEDULE"}]),
        (f"{POD}.tolerations", [{**_EXISTS, "effect": "NoSchedule", "tolerationSeconds": 5}]),
        (f"{POD}.affinity.nodeAffinity", {_REQUIRED: {"nodeSelectorTerms": []}}),
        (f"{POD}.affinity.nodeAffinity", in_labels("disk", "Is", "ssd")),
        (f"{POD}.affinity.nodeAffinity", in_labels("disk", "In")),
        (f"{POD}.affinity.nodeAffinity", in_labels("disk", "Exists", "ssd")),
        (f"{POD}.affinity.nodeAffinity", in_labels("disk", "Gt", "1", "2")),
        (f"{POD}.affinity.nodeAffinity", {_PREFERRED: [{"preference": _TERM}]}),
        (f"{POD}.affinity.nodeAffinity", {_PREFERRED: [{"preference": _TERM, "weight": 101}]}),
        (f"{POD}.affinity.nodeAffinity", {_PREFERRED: [{"preference": _NO_TERM, "weight": 1}]}),
        (f"{POD}.affinity.podAntiAffinity", {_REQUIRED: [{"labelSelector": {}}]}),
        (f"{POD}.affinity.podAffinity", {_REQUIRED: [{"topologyKey": ""}]}),
        (f"{POD}.affinity.podAntiAffinity", {_PREFERRED: [{"podAffinityTerm": {}, "weight": 1}]}),
        (f"{POD}.affinity.podAntiAffinity", {_PREFERRED: [{"podAffinityTerm": _APART}]}),
        (f"{POD}.affinity.podAntiAffinity", {_REQUIRED: [{**_APART, "labelSelector": _NO_TERM}]}),
        (f"{POD}.volumes", [{"emptyDir": {}}]),
        (f"{POD}.volumes", [None]),
        (f"{POD}.volumes", [{"name": "Data", "emptyDir": {}}]),
        (f"{POD}.volumes", [{"name": "data"}, {"name": "data"}]),
        (f"{POD}.volumes", [{"name": "data", "emptyDir": {}, "configMap": {"name": "web"}}]),
        (f"{POD}.volumes", [{"name": "tmp", "emptyDir": {"sizeLimit": True}}]),
        (f"{POD}.volumes", [{"name": "tmp", "emptyDir": {"sizeLimit": "much"}}]),
        (f"{POD}.volumes", [{"name": "tmp", "emptyDir": {"sizeLimit": "-1Gi"}}]),
        (f"{POD}.volumes", [{"name": "a", "secret": {"secretName": "a", "defaultMode": 644}}]),
        (f"{POD}.volumes", [{"name": "a", "secret": {"secretName": "a", "defaultMode": -1}}]),
        (f"{POD}.volumes", [{"name": "a", "configMap": {"name": "a", "defaultMode": 755}}]),
        (f"{POD}.volumes", [{"name": "a", "configMap": _files(mode=600)}]),
        (f"{POD}.volumes", [{"name": "a", "configMap": _files(path="/etc/a")}]),
        (f"{POD}.volumes", [{"name": "a", "configMap": _files(path="../a")}]),
        (f"{POD}.volumes", [{"name": "a", "configMap": _files(path="")}]),
        (f"{POD}.volumes", [{"name": "a", "configMap": _files(key="")}]),
        (f"{POD}.volumes", [{"name": "a", "downwardAPI": {"defaultMode": 644}}]),
        (f"{POD}.volumes", [{"name": "a", "projected": {"defaultMode": 644}}]),
        (f"{POD}.volumes", [{"name": "a", "projected": {"sources": [{"secret": {}}]}}]),
        (f"{POD}.volumes", [{"name": "a", "projected": {"sources": [{"configMap": _files(mode=600)}]}}]),
        (f"{POD}.volumes", [{"name": "a", "secret": {"name": "a"}}]),
        (f"{POD}.volumes", [{"name": "a", "secret": {"optional": True}}]),
        (f"{POD}.volumes", [{"name": "a", "configMap": {}}]),
        (f"{POD}.volumes", [{"name": "a", "persistentVolumeClaim": {}}]),
        (f"{POD}.volumes", [{"name": "a", "hostPath": {}}]),
        (f"{POD}.volumes", [{"name": "a", "hostPath": {"path": "/a", "type": "directory"}}]),
        (f"{POD}.volumes", [{"name": "a", "csi": {}}]),
        (f"{POD}.volumes", [{"name": "a", "nfs": {"server": "10.0.0.2"}}]),
        (f"{POD}.volumes", [{"name": "a", "gcePersistentDisk": {}}]),
        (f"{POD}.volumes", [{"name": "a", "ephemeral": {}}]),
        (f"{POD}.volumes", [_own_claim(accessModes=[])]),
        (f"{POD}.volumes", [_own_claim(resources={})]),
        (f"{POD}.volumes", [{"name": "tmp", "emptyDir": {"sizeLimit": "500MB"}}]),
        (f"{WEB}.volumeMounts", [{"mountPath": "/a"}]),
        (POD, mounting({})),
        (POD, mounting({"mountPath": "/a"}, {"mountPath": "/a", "subPath": "b"})),
        (POD, mounting({"mountPath": "/a", "subPath": "/b"})),
        (POD, mounting({"mountPath": "/a", "subPath": "b/../c"})),
        (f"{POD}.initContainers.0.volumeMounts", [{"name": "missing", "mountPath": "/a"}]),
        *((f"{POD}.initContainers.1", _INIT | ended) for ended in _OF_ONE_THAT_STAYS),
        (f"{POD}.tolerations", [_EXISTS | {"tolerationSeconds": 5}]),
        (f"{POD}.tolerations", [{"key": "a", "operator": "exists"}]),
        (f"{POD}.topologySpreadConstraints", [SPREAD, SPREAD | {"maxSkew": 2}]),
        # What containers request
        (f"{WEB}.resources", {"limits": {"mem": "1Gi"}}),
        (f"{WEB}.resources", {"requests": {"Example.com/gpu": 1}, "limits": {"Example.com/gpu": 1}}),
        (f"{WEB}.resources", {"limits": {"requests.nvidia.com/gpu": 1}}),
        (f"{WEB}.resources", {"requests": {"nvidia.com/gpu": 1}}),
        (f"{WEB}.resources", {"requests": {"nvidia.com/gpu": 0}}),
        (f"{WEB}.resources", {"requests": {"nvidia.com/gpu": 1}, "limits": {"nvidia.com/gpu": 2}}),
        (f"{WEB}.resources", {"limits": {"nvidia.com/gpu": 0.5}}),
        (f"{WEB}.resources", {"requests": {"hugepages-2Mi": "2Mi", "memory": "1Gi"}}),
        (f"{WEB}.resources", {"requests": {"memory": "-1"}}),
        (f"{WEB}.resources", {"limits": {"cpu": -1}}),
        (f"{WEB}.resources", {"limits": {"cpu": None}, "requests": {"cpu": "100m"}}),
    )
]
"""Where pods run, their volumes and mounts, what containers request."""
