"""ResourceQuotas of Services, Deployments and other objects, beside those that there are."""

import pytest

from nodrop.judge import Verdict, judge
from tests.judge.edits import clean
from tests.judge.on_call_edits import quota, scoped, workload


def of_kind(kind, name, **spec):
    """Another object of the namespace, of the core group."""
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "shop"}, "spec": spec}


PORTS = [{"name": "a", "port": 80}, {"name": "b", "port": 81, "nodePort": 30081}]
BY_NODE = of_kind("Service", "node", type="NodePort", ports=PORTS)
BALANCED = of_kind("Service", "balanced", type="LoadBalancer", ports=PORTS)
WITHOUT_NODE_PORTS = of_kind("Service", "direct", type="LoadBalancer", ports=PORTS, allocateLoadBalancerNodePorts=False)
STORED = of_kind(
    "PersistentVolumeClaim", "data", accessModes=["ReadWriteOnce"], resources={"requests": {"storage": "2Gi"}}
)
STORED["spec"]["storageClassName"] = "fast"
OTHER_CLASS = STORED | {"metadata": {"name": "slow", "namespace": "shop"}}
OTHER_CLASS["spec"] = STORED["spec"] | {"storageClassName": "slow"}


@pytest.mark.parametrize(
    ("key", "others", "there"),
    [
        ("services", [BY_NODE], 2),
        ("count/services", [BY_NODE], 2),
        ("services.nodeports", [BY_NODE], 2),
        ("services.nodeports", [BALANCED], 2),
        ("services.nodeports", [WITHOUT_NODE_PORTS], 1),
        ("services.nodeports", [BY_NODE, WITHOUT_NODE_PORTS], 3),
        ("services.loadbalancers", [BALANCED, WITHOUT_NODE_PORTS, BY_NODE], 2),
        ("persistentvolumeclaims", [STORED], 1),
        ("count/persistentvolumeclaims", [STORED], 1),
        ("requests.storage", [STORED], 2 * 1024**3),
        ("fast.storageclass.storage.k8s.io/requests.storage", [STORED], 2 * 1024**3),
        ("fast.storageclass.storage.k8s.io/persistentvolumeclaims", [STORED, OTHER_CLASS], 1),
        ("configmaps", [of_kind("ConfigMap", "a"), of_kind("ConfigMap", "b")], 2),
        ("resourcequotas", [], 1),
        ("count/deployments.apps", [workload("Deployment")], 2),
        ("services", [BY_NODE, BY_NODE], 2),
        ("services", [BY_NODE | {"apiVersion": "serving.knative.dev/v1"}], 1),
        ("services", [BY_NODE | {"metadata": {"name": "node", "namespace": "other"}}], 1),
    ],
)
def test_a_quota_of_objects_is_held_to_those_that_there_are(key, others, there):
    def told(most):
        judgement = judge([*clean("ingress"), *others, quota(**{key: str(most)})])
        [path] = [each for each in judgement.paths if each.rollout is not None]
        assert all("refuses the object that would be made last" in each.why for each in path.diagnostics)
        return [(str(each.object), each.seen) for each in path.diagnostics]

    taken = "2Gi" if key.endswith("requests.storage") else there
    seen = f"less than the {taken} that the objects of the namespace take from it"
    assert told(there) == []
    assert told(there - 1) == [("ResourceQuota shop/web", seen)]


def test_a_quota_of_objects_with_a_scope_counts_none():
    assert judge([*clean("ingress"), scoped("Terminating", **{"count/services": "0"})]).verdict == Verdict.CLEAN


def test_a_quota_of_objects_whose_amount_is_not_known_is_not_judged():
    assert judge([*clean("ingress"), quota(services="[unknown]")]).verdict == Verdict.NOT_JUDGED
    assert judge([*clean("ingress"), quota(configmaps="[unknown]")]).verdict == Verdict.CLEAN
