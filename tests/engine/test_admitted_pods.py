"""A real API server refuses the pods that the judgement says LimitRanges and quotas refuse, and takes the others.

A quota's use is what its controller would write of an empty namespace.
"""

import pytest

from harness.waiting import until
from nodrop.judge import judge
from nodrop.lab.kubernetes.rest import ApiError, Client
from tests.judge.on_call_edits import limit_range, quota, scoped, selected
from tests.judge.resources import CORE, ELSEWHERE, REFUSED, STANDARD, pod_of, rules, written
from tests.judge.test_limit_ranges import BOTH, LIMITS, NOTHING, REQUEST

pytestmark = pytest.mark.engine


def admitted(client: Client, namespace: str, limit: dict, pod: dict) -> bool:
    """Whether the API server takes one pod, which it does not keep, beside a LimitRange or ResourceQuota."""
    if limit["kind"] == "ResourceQuota":
        hold(client, namespace, limit)
    else:
        client.create(placed(limit, "limit", namespace))
    return taken(client, placed({"apiVersion": "v1", "kind": "Pod", "spec": pod}, "web", namespace))


def hold(client: Client, namespace: str, limit: dict) -> None:
    """Creates a quota, and waits until the API server goes by it.

    A second quota, of ConfigMaps, changes after it; whoever has seen that change has seen the first quota.
    """
    config = placed({"apiVersion": "v1", "kind": "ConfigMap"}, "web", namespace)
    client.create(placed(quota(configmaps="0"), "last", namespace))
    used(client, namespace, "last", {"configmaps": "0"})
    until(lambda: not taken(client, config), seconds=20)
    client.create(placed(limit, "limit", namespace))
    used(client, namespace, "limit", limit["spec"]["hard"])
    used(client, namespace, "last", {"configmaps": "9"})
    until(lambda: taken(client, config), seconds=20)


def used(client: Client, namespace: str, name: str, hard: dict) -> None:
    """Writes that nothing of a quota is used."""
    status = {"status": {"hard": hard, "used": dict.fromkeys(hard, "0")}}
    client.patch("v1", "ResourceQuota", name, namespace, status, subresource="status")


def placed(manifest: dict, name: str, namespace: str) -> dict:
    return manifest | {"metadata": {"name": name, "namespace": namespace}}


def taken(client: Client, manifest: dict) -> bool:
    """Whether the API server would create it."""
    try:
        client.create(manifest, dry_run=True)
    except ApiError as error:
        if error.status not in (403, 422):
            raise
        return False
    return True


@pytest.mark.parametrize(
    "limit",
    [
        limit_range(max={"cpu": "100m"}),
        limit_range(max={"cpu": "250m"}),
        limit_range(max={"cpu": "499m"}),
        limit_range(max={"cpu": "500m"}, min={"cpu": "250m"}),
        limit_range(min={"cpu": "300m"}),
        limit_range(default={"cpu": "200m"}),
        limit_range(default={"cpu": "250m"}),
        limit_range(maxLimitRequestRatio={"cpu": "2"}),
        limit_range(maxLimitRequestRatio={"cpu": "1900m"}),
        limit_range(maxLimitRequestRatio={"cpu": "1"}),
        limit_range(maxLimitRequestRatio={"cpu": "2"}, default={"cpu": "500m"}),
        limit_range(type="Pod", maxLimitRequestRatio={"cpu": "2"}),
        limit_range(type="Pod", max={"cpu": "1500m"}),
        limit_range(type="Pod", max={"cpu": "1499m"}),
        limit_range(type="Pod", min={"cpu": "751m"}),
        limit_range(type="Pod", min={"cpu": "750m"}),
        quota(cpu="9"),
        quota(**{"limits.cpu": "9"}),
        quota(**{"requests.cpu": "9", "requests.memory": "9"}),
        quota(**{"requests.ephemeral-storage": "9"}),
        scoped("Terminating", **{"requests.cpu": "9"}),
        selected("PriorityClass", "Exists", **{"requests.cpu": "9"}),
    ],
    ids=lambda each: f"{each['kind']} {each['spec']}",
)
@pytest.mark.parametrize("container", [{}, REQUEST, LIMITS, BOTH, NOTHING], ids=str)
def test_pods_that_are_refused_are_those_that_are_called_so(client, namespace, limit, container):
    objects = written(limit, **container)
    assert admitted(client, namespace, limit, pod_of(objects)) == (REFUSED not in rules(objects))


def leaves_one(objects: list[dict]) -> bool:
    """Whether the judgement counts a pod or more that quotas leave."""
    [path] = judge(objects, surroundings=STANDARD).paths
    assert path.rollout is not None
    assert path.rollout.placement is not None
    left = path.rollout.placement.pod_quota
    return left is None or left.pods >= 1


@pytest.mark.parametrize("cores", ["2999m", "3", "8999m", "9"])
@pytest.mark.parametrize("init", ["1500m", "8"])
@pytest.mark.parametrize("key", ["cpu", "requests.cpu", "limits.cpu"])
def test_a_pod_takes_from_a_quota_what_the_judgement_counts(client, namespace, key, cores, init):
    """Two containers and a sidecar of a core each, and an init container after the sidecar."""
    of_init = {"resources": {"limits": {"cpu": init}}}
    objects = written(quota(**{key: cores}), init=of_init, resources={"limits": {"cpu": "1"}})
    assert admitted(client, namespace, quota(**{key: cores}), pod_of(objects)) == leaves_one(objects)


@pytest.mark.parametrize("container", [{}, CORE], ids=str)
@pytest.mark.parametrize(
    "affinity", [{}, {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [ELSEWHERE]}}]
)
@pytest.mark.parametrize(
    "scope", ["BestEffort", "NotBestEffort", "Terminating", "NotTerminating", "CrossNamespacePodAffinity"]
)
@pytest.mark.parametrize("form", ["scopes", "scopeSelector"])
def test_a_quota_counts_the_pods_that_the_judgement_counts(client, namespace, form, scope, affinity, container):
    limit = scoped(scope, pods="0") if form == "scopes" else selected(scope, "Exists", pods="0")
    objects = written(limit, **container)
    pod_of(objects)["affinity"] = affinity
    assert admitted(client, namespace, limit, pod_of(objects)) == leaves_one(objects)
