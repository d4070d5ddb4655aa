"""Single edits that the Kubernetes API refuses of claims, quotas and LimitRanges in the namespace."""

from tests.judge.edits import Edit, claim
from tests.judge.on_call_edits import limit_range, quota, scoped, selected

_FAR = {"metadata": {"name": "far"}}
"""Of a namespace where no pods of the path are."""
_OF_CONTAINERS = {"type": "Container", "max": {"cpu": "1"}}


BESIDE_PODS = [
    Edit(place, value, "object-is-accepted")
    for place, value in (
        ("Namespace:", claim()),
        ("Namespace:", claim(accessModes=[])),
        ("Namespace:", claim(accessModes=["ReadWriteMay"])),
        ("Namespace:", claim(accessModes=[1])),
        ("Namespace:", claim(accessModes=["ReadWriteOnce"], resources={})),
        ("Namespace:", claim(accessModes=["ReadWriteOnce"], resources={"requests": {"storage": "lots"}})),
        ("Namespace:", claim(accessModes=["ReadWriteOnce"], resources={"requests": {"storage": 0}})),
        ("Namespace:", claim(accessModes=["ReadWriteOnce"], resources={"requests": {"storage": "-1Gi"}})),
        ("Namespace:", claim(accessModes=["ReadWriteOnce"], volumeMode="Blob")),
        ("Namespace:", claim(accessModes=["ReadWriteOnce", "ReadWriteOncePod"])),
        ("Namespace:", quota(pods="lots")),
        ("Namespace:", quota(pods="-1")),
        ("Namespace:", quota(pods="18500m")),
        ("Namespace:", quota(services="1500m")),
        ("Namespace:", quota(**{"count/services": "1500m"})),
        ("Namespace:", quota(**{"requests.pods": "9"})),
        ("Namespace:", quota(gpus="9")),
        ("Namespace:", scoped("Running", pods="90")),
        ("Namespace:", scoped("BestEffort", "NotBestEffort", pods="90")),
        ("Namespace:", scoped("BestEffort", **{"requests.cpu": "90"})),
        ("Namespace:", scoped("NotTerminating", configmaps="90")),
        ("Namespace:", scoped("NotTerminating", **{"limits.ephemeral-storage": "90"})),
        ("Namespace:", scoped("NotTerminating", **{"requests.hugepages-2Mi": "90"})),
        ("Namespace:", selected("Running", "Exists", pods="90")),
        ("Namespace:", selected("PriorityClass", "Like", "high", pods="90")),
        ("Namespace:", selected("PriorityClass", "In", pods="90")),
        ("Namespace:", selected("PriorityClass", "Exists", "high", pods="90")),
        ("Namespace:", selected("Terminating", "In", "high", pods="90")),
        ("Namespace:", selected("PriorityClass", "Exists", services="90")),
        ("Namespace:", limit_range(default={"cpu": "much"})),
        ("Namespace:", limit_range(min={"cpu": "2"}, max={"cpu": "1"})),
        ("Namespace:", limit_range(defaultRequest={"cpu": "2"}, default={"cpu": "1"})),
        ("Namespace:", limit_range(max={"cpus": "1"})),
        ("Namespace:", limit_range(maxLimitRequestRatio={"cpu": "500m"}) | _FAR),
        ("Namespace:", limit_range(maxLimitRequestRatio={"cpu": "much"}) | _FAR),
        (
            "Namespace:",
            limit_range(min={"cpu": "1"}, max={"cpu": "2"}, maxLimitRequestRatio={"cpu": "3"}) | _FAR,
        ),
        ("Namespace:", limit_range(type="PersistentVolumeClaim")),
        ("Namespace:", limit_range(type="Pod", default={"cpu": "1"})),
        ("Namespace:", limit_range(type="Node", max={"cpu": "1"})),
        ("Namespace:", {**limit_range(), "spec": {"limits": [_OF_CONTAINERS, _OF_CONTAINERS]}}),
    )
]
"""Claims, quotas, LimitRanges."""
