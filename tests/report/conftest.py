"""Made-up results in the lab's shape: no figure here was ever measured."""

from dataclasses import replace

import pytest
from hypothesis import strategies as st

from nodrop.lab.results import (
    Conditions,
    Histogram,
    PodTimeline,
    RolloutResult,
    Slack,
    Subject,
    UnreadyResult,
)

CONDITIONS = Conditions(
    speed_up=30.0,
    seed=1,
    requests_per_second=8.0,
    attach_lag_seconds=(7.0, 12.5, 17.0),
    detach_lag_seconds=(11.6, 20.0, 28.6),
    kube_proxy_lag_seconds=(5.0, 9.3),
    longest_request_seconds=1.0,
    startup_seconds=3.0,
    keep_alive_timeout_seconds=620.0,
    on_term="drain",
    stand_in="ready-test",
)


def subject(variant="NEG, preStop + gate", backend="NEG", replicas=2, pre_stop=60.0, gate=True, keep_alive=True):
    return Subject(
        variant=variant,
        path="demo/web",
        backend=backend,
        replicas=replicas,
        pre_stop_seconds=pre_stop,
        readiness_gate=gate,
        keep_alive=keep_alive,
    )


def histogram(requests, failed_bins=(), start=-9.0, width=3.0, per_bin=24):
    """`requests` in bins of about `per_bin`; `failed_bins` maps a bin to its failures."""
    failed = dict(failed_bins)
    bins = [per_bin] * (requests // per_bin) + ([requests % per_bin] if requests % per_bin else [])
    return Histogram(
        start=start,
        width=width,
        requests=tuple(bins),
        by_old=tuple(size // 2 for size in bins),
        failures=tuple(min(failed.get(index, 0), size) for index, size in enumerate(bins)),
    )


def rollout_pods(replicas, pre_stop, gate, killed=False):
    pods = []
    now = 0.0
    for index in range(replicas):
        ready = now + 4
        attached = ready + 7
        done = attached + 9 if gate else ready
        new = {"created": now, "started": now + 1, "ready": ready, "attached": attached}
        pods.append(
            PodTimeline(
                name=f"web-6f9c8d7b5-n{index}x4k",
                node=f"node{1 + index % 2}",
                old=False,
                events=new | ({"gate": done} if gate else {}),
                last_request=None,
                last_response=None,
                requests=300,
            )
        )
        stop = pre_stop or 0.0
        old = {"deleted": done, "removed": done + 26, "term": done + stop, "gone": done + stop + 3}
        pods.append(
            PodTimeline(
                name=f"web-59d4f7c66-o{index}q2z",
                node=f"node{1 + index % 2}",
                old=True,
                events=old | ({"killed": done + stop + 2.5} if killed else {}),
                last_request=done + min(24, stop),
                last_response=done + min(25, stop + 1),
                requests=250,
            )
        )
        now = done
    return tuple(pods)


def rollout(
    variant="NEG, preStop + gate", backend="NEG", replicas=2, pre_stop=60.0, gate=True, failed=0, seed=1, **change
):
    bins = histogram(1_340, {8 + index: 3 for index in range(-(-failed // 3))} if failed else {})
    excess = sum(bins.failures) - failed
    failures = list(bins.failures)
    for index in range(len(failures)):
        taken = min(excess, failures[index])
        failures[index] -= taken
        excess -= taken
    split = failed // 4
    causes = {
        "failed_to_connect_to_backend": failed - split,
        "backend_connection_closed_before_data_sent_to_client": split,
    }
    result = RolloutResult(
        subject=subject(variant, backend, replicas, pre_stop, gate),
        conditions=replace(CONDITIONS, seed=seed),
        requests=1_340,
        failures={name: number for name, number in causes.items() if number},
        finished=True,
        duration_seconds=142.5,
        slack=Slack(
            term_after_last_request=36.0 if pre_stop else -2.1,
            kill_after_last_response=68.2 if pre_stop else 28.9,
            deletion_after_new_routable=9.0 if gate else -7.0,
        ),
        pods=rollout_pods(replicas, pre_stop, gate),
        histogram=replace(bins, failures=tuple(failures)),
    )
    return replace(result, **change)


def unready(
    variant="NodePort, keep-alive", backend="NodePort", replicas=2, keep_alive=True, served=231, seed=1, **change
):
    flipped = PodTimeline(
        name="web-59d4f7c66-o0q2z",
        node="node1",
        old=True,
        events={"unready": 0.0, "removed": 9.3},
        last_request=69.0 if served else 8.7,
        last_response=70.0 if served else 9.0,
        requests=400,
    )
    others = [
        PodTimeline(
            name=f"web-59d4f7c66-o{index}q2z",
            node="node2",
            old=False,
            events={},
            last_request=None,
            last_response=None,
            requests=400,
        )
        for index in range(1, replicas)
    ]
    failed = 0 if replicas > 1 or served else 17 * 24
    result = UnreadyResult(
        subject=subject(variant, backend, replicas, None, gate=False, keep_alive=keep_alive),
        conditions=replace(CONDITIONS, seed=seed, keep_alive_timeout_seconds=620.0 if keep_alive else 0.0),
        requests=640,
        failures={"failed_to_pick_backend": failed} if failed else {},
        removed_seconds=9.3,
        last_request_seconds=69.0 if served else 8.7,
        requests_after_removal=490,
        served_after_removal=served,
        pinned_flows=17 if served else 0,
        pods=(flipped, *others),
        histogram=histogram(640, dict.fromkeys(range(9, 26), 24) if failed else {}),
    )
    return replace(result, **change)


def comparison_results(seeds=(1,)):
    """All that `nodrop compare` shows, made up."""
    results = []
    for seed in seeds:
        for replicas in (2, 6):
            for backend in ("NodePort", "NEG"):
                for name, pre_stop, gate, failed in (
                    ("neither", None, False, 126),
                    ("preStop", 60.0, False, 12 if backend == "NodePort" else 0),
                    ("gate", None, True, 83),
                    ("preStop + gate", 60.0, True, 11 if backend == "NodePort" else 0),
                ):
                    if replicas == 6 and name not in ("neither", "preStop + gate"):
                        continue
                    failing = failed + 7 * seed if failed else 0
                    results.append(rollout(f"{backend}, {name}", backend, replicas, pre_stop, gate, failing, seed))
        for replicas in (2, 1):
            results.append(unready(replicas=replicas, served=231 if replicas == 2 else 481 + seed, seed=seed))
            results.append(unready("NodePort, close", replicas=replicas, keep_alive=False, served=0, seed=seed))
            results.append(unready("NEG, keep-alive", "NEG", replicas=replicas, served=0, seed=seed))
    return results


_numbers = st.floats(min_value=-1_000, max_value=10_000)
_optional = st.none() | _numbers
_counts = st.integers(min_value=0, max_value=5_000)
_names = st.text(st.characters(codec="utf-8", exclude_categories=("C",)), min_size=1, max_size=12) | st.sampled_from(
    ["<script>alert(1)</script>", "$x_1$", "[red]", "a&b", "{{ 7 * 7 }}"]
)
_pod_names = st.text(st.characters(codec="ascii", exclude_categories=("C",)), min_size=1, max_size=30)
_lags = st.lists(st.floats(min_value=0, max_value=60), max_size=4).map(tuple)
_pods = st.lists(
    st.builds(
        PodTimeline,
        name=_pod_names,
        node=_pod_names,
        old=st.booleans(),
        events=st.dictionaries(st.sampled_from(PodTimeline.EVENTS), _numbers),
        last_request=_optional,
        last_response=_optional,
        requests=_counts,
    ),
    max_size=3,
).map(tuple)
_subjects = st.builds(
    Subject,
    variant=_names,
    path=_names,
    backend=st.sampled_from(["NEG", "NodePort"]),
    replicas=st.integers(min_value=1, max_value=9),
    pre_stop_seconds=st.none() | st.floats(min_value=0, max_value=600),
    readiness_gate=st.booleans(),
    keep_alive=st.booleans(),
    accepted=st.dictionaries(_names, _names, max_size=2),
)
_conditions = st.builds(
    Conditions,
    speed_up=st.floats(min_value=1, max_value=60),
    seed=st.integers(min_value=0, max_value=99),
    requests_per_second=st.floats(min_value=0, max_value=500),
    attach_lag_seconds=_lags,
    detach_lag_seconds=_lags,
    kube_proxy_lag_seconds=_lags,
    longest_request_seconds=st.floats(min_value=0, max_value=60),
    startup_seconds=st.floats(min_value=0, max_value=60),
    keep_alive_timeout_seconds=st.floats(min_value=0, max_value=700),
    on_term=st.sampled_from(["exit", "drain", "serve"]),
    stand_in=_names,
)


@st.composite
def _measured(draw):
    """A consistent histogram with the totals that a result would show beside it."""
    bins = draw(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=12))
    requests = tuple(max(pair) for pair in bins)
    failures = tuple(min(pair) for pair in bins)
    causes = draw(st.lists(_names, min_size=1, max_size=3, unique=True))
    shares = {name: sum(failures[index :: len(causes)]) for index, name in enumerate(causes)}
    found = Histogram(
        start=draw(_numbers), width=draw(st.floats(0.1, 6)), requests=requests, by_old=requests, failures=failures
    )
    return {"requests": sum(requests), "failures": shares, "histogram": found}


@st.composite
def _results(draw):
    common = {"subject": draw(_subjects), "conditions": draw(_conditions), "pods": draw(_pods), **draw(_measured())}
    if draw(st.booleans()):
        slack = draw(st.builds(Slack, **dict.fromkeys(Slack.__dataclass_fields__, _optional)))
        return RolloutResult(**common, finished=draw(st.booleans()), duration_seconds=draw(_numbers), slack=slack)
    after = draw(_counts)
    return UnreadyResult(
        **common,
        removed_seconds=draw(_optional),
        last_request_seconds=draw(_optional),
        requests_after_removal=after,
        served_after_removal=draw(st.integers(min_value=0, max_value=after)),
        pinned_flows=draw(_counts),
    )


@pytest.fixture(scope="session")
def any_result():
    """A hypothesis strategy: any result whose figures agree with each other, any of its values missing."""
    return _results()


@pytest.fixture(scope="session")
def make_rollout():
    """Makes one rollout's result; arguments change what matters to a test."""
    return rollout


@pytest.fixture(scope="session")
def make_unready():
    """Makes one unready result; arguments change what matters to a test."""
    return unready


@pytest.fixture(scope="session")
def comparison():
    """Makes all the results of a comparison for the given seeds."""
    return comparison_results
