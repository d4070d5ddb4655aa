"""The ReplicaSet controller: how many pods, which of them go first, and which count."""

import pytest

from nodrop.lab.controllers.replica_set import ReplicaSetController, available_from, is_active, rank_for_deletion


def victim(name, *, node="quiet", phase="Running", ready=None, created=0):
    conditions = [] if ready is None else [{"type": "Ready", "status": "True", "lastTransitionTime": ready}]
    return {
        "metadata": {"name": name, "creationTimestamp": created},
        "spec": {"nodeName": node} if node else {},
        "status": {"phase": phase, "conditions": conditions},
    }


CROWD = [victim("x", node="crowded"), victim("y", node="crowded"), victim("z", node="quiet")]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        # each has all later reasons against it
        (victim("unassigned", node=None, ready=1), victim("-", node="crowded", phase="Pending", created=9)),
        (victim("pending", phase="Pending", ready=1), victim("-", node="crowded", created=9)),
        (victim("unready"), victim("-", node="crowded", ready=9, created=9)),
        (victim("doubled up", node="crowded", ready=1), victim("-", ready=9, created=9)),
        (victim("just ready", ready=9), victim("-", ready=1, created=9)),
        (victim("youngest", ready=1, created=9), victim("-", ready=1)),
        (victim("youngest unready", created=9), victim("-")),
    ],
    ids=lambda pod: pod["metadata"]["name"],
)
def test_victims_are_ranked_as_the_original_ranks_them(first, second):
    assert rank_for_deletion([second, first], CROWD) == [first, second]
    assert rank_for_deletion([first, second], CROWD) == [first, second]


def test_availability_does_not_protect_a_pod():
    """The original ranks by readiness alone (kubernetes/kubernetes#22065), nodes before times."""
    available, just_ready = victim("available", node="crowded", ready=0), victim("just ready", ready=100)
    assert rank_for_deletion([just_ready, available], CROWD) == [available, just_ready]


@pytest.mark.parametrize(
    ("conditions", "since"),
    [
        ([], None),
        ([{"type": "Ready", "status": "False", "lastTransitionTime": 10}], None),
        ([{"type": "Ready", "status": "True", "lastTransitionTime": 10}], 15),
    ],
)
def test_a_pod_is_available_min_ready_seconds_after_its_ready_condition(conditions, since):
    assert available_from({"status": {"conditions": conditions}}, 5) == since


@pytest.fixture
def deployment(store):
    return store.create({"kind": "Deployment", "metadata": {"name": "web", "namespace": "demo"}})


@pytest.fixture
def make_replica_set(store):
    """Makes a ReplicaSet of `owner`."""

    def make(owner, name="web-1", replicas=2, **pod):
        return store.create(
            {
                "kind": "ReplicaSet",
                "metadata": {
                    "name": name,
                    "namespace": "demo",
                    "ownerReferences": [{"kind": owner["kind"], "uid": owner["metadata"]["uid"]}],
                },
                "spec": {
                    "replicas": replicas,
                    "minReadySeconds": 5,
                    "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [], **pod}},
                },
            }
        )

    return make


@pytest.fixture
def controller(store, time):
    return ReplicaSetController(store, time)


def be_ready(store, pod, since, node="node-1"):
    status = {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": since}],
    }
    store.patch("Pod", "demo", pod["metadata"]["name"], {"spec": {"nodeName": node}, "status": status})


def status_of(store, name="web-1"):
    return store.get("ReplicaSet", "demo", name)["status"]


def test_missing_pods_are_made_from_the_template(store, controller, deployment, make_replica_set):
    replica_set = make_replica_set(deployment, terminationGracePeriodSeconds=95)
    controller.sync()
    controller.sync()
    pods = store.list("Pod")
    assert len({pod["metadata"]["name"] for pod in pods}) == len(pods) == 2
    for pod in pods:
        assert pod["metadata"]["labels"] == {"app": "web"}
        assert pod["metadata"]["namespace"] == "demo"
        assert [ref["uid"] for ref in pod["metadata"]["ownerReferences"]] == [replica_set["metadata"]["uid"]]
        assert pod["spec"] == {"containers": [], "terminationGracePeriodSeconds": 95}
        assert pod["status"] == {"phase": "Pending"}
    assert status_of(store) == {"replicas": 2, "readyReplicas": 0, "availableReplicas": 0}


def test_a_pod_with_another_label_is_released_and_replaced_and_lives_on(
    store, controller, deployment, make_replica_set
):
    make_replica_set(deployment)
    controller.sync()
    relabelled, kept = store.list("Pod")
    store.patch("Pod", "demo", relabelled["metadata"]["name"], {"metadata": {"labels": {"app": "other"}}})
    controller.sync()
    released, *others = store.list("Pod")
    assert released["metadata"]["name"] == relabelled["metadata"]["name"]
    assert released["metadata"]["ownerReferences"] == []
    assert "deletionTimestamp" not in released["metadata"]
    assert len(others) == 2
    assert kept["metadata"]["name"] in {pod["metadata"]["name"] for pod in others}


@pytest.mark.parametrize(
    ("stated", "grace"),
    [({}, 30), ({"terminationGracePeriodSeconds": 95}, 95), ({"terminationGracePeriodSeconds": 0}, 1)],
)
def test_surplus_pods_get_their_grace_period(store, controller, deployment, make_replica_set, stated, grace):
    make_replica_set(deployment, replicas=1, **stated)
    controller.sync()
    store.patch("ReplicaSet", "demo", "web-1", {"spec": {"replicas": 0}})
    controller.sync()
    (pod,) = store.list("Pod")
    assert pod["metadata"]["deletionGracePeriodSeconds"] == grace
    assert not is_active(pod)
    assert status_of(store)["replicas"] == 0


def test_a_pod_that_is_being_deleted_is_replaced_at_once_and_counts_no_more(
    store, controller, deployment, make_replica_set
):
    make_replica_set(deployment)
    controller.sync()
    gone = store.list("Pod")[0]
    be_ready(store, gone, 0)
    store.delete("Pod", "demo", gone["metadata"]["name"], grace_seconds=30)
    controller.sync()
    assert len(store.list("Pod")) == 3
    assert status_of(store) == {"replicas": 2, "readyReplicas": 0, "availableReplicas": 0}


def test_ready_pods_become_available_when_the_controller_said_it_would_look_again(
    store, controller, time, deployment, make_replica_set
):
    make_replica_set(deployment)
    controller.sync()
    for pod, since in zip(store.list("Pod"), (10, 12), strict=True):
        be_ready(store, pod, since)
    time.seconds = 12.5
    assert controller.sync() == 15
    assert status_of(store) == {"replicas": 2, "readyReplicas": 2, "availableReplicas": 0}
    time.seconds = 15
    assert controller.sync() == 17
    assert status_of(store)["availableReplicas"] == 1
    time.seconds = 17
    assert controller.sync() is None
    assert status_of(store)["availableReplicas"] == 2


@pytest.mark.parametrize("related", [True, False])
def test_pods_of_the_same_deployment_on_a_node_make_its_pods_go_first(
    store, controller, deployment, make_replica_set, related
):
    other = deployment if related else store.create({"kind": "Deployment", "metadata": {"name": "other"}})
    make_replica_set(deployment, "web-1")
    make_replica_set(other, "web-2", replicas=1)
    controller.sync()
    first, second, neighbour = store.list("Pod")
    be_ready(store, first, 0, "node-1")
    be_ready(store, second, 1, "node-2")
    be_ready(store, neighbour, 0, "node-1")
    store.patch("ReplicaSet", "demo", "web-1", {"spec": {"replicas": 1}})
    controller.sync()
    deleted = [pod["metadata"]["name"] for pod in store.list("Pod") if not is_active(pod)]
    assert deleted == [(first if related else second)["metadata"]["name"]]


def test_pods_of_others_are_left_alone(store, controller, deployment, make_replica_set, make_pod):
    store.create(make_pod("stranger"))
    make_replica_set(deployment, replicas=0)
    controller.sync()
    (stranger,) = store.list("Pod")
    assert is_active(stranger)
