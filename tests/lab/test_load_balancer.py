"""The load balancer's programming: when each proxy learns of an endpoint, forgets it, and is cut off from it."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nodrop.lab.clock import SimulatedClock
from nodrop.lab.controllers.load_balancer import LoadBalancer, NetworkEndpoint

A, B = (NetworkEndpoint(f"10.0.30.{host}", 8080, "zone-1", f"web-{host}") for host in (2, 3))


class Proxies:
    """Several proxies whose programming is written down."""

    def __init__(self, attach=(7, 17), detach=(12, 28), draining=30):
        self.time = SimulatedClock()
        self.programmed = []
        self.cut = []
        self.balancer = LoadBalancer(
            time=self.time,
            attach_lag_seconds=attach,
            detach_lag_seconds=detach,
            draining_timeout_seconds=draining,
            program=lambda proxy, endpoints: self.programmed.append((self.time.now(), proxy, endpoints)),
            cut=lambda proxy, endpoint: self.cut.append((self.time.now(), proxy, endpoint)),
            health=lambda _endpoint: None,
        )

    def run(self, until=float("inf")):
        """Lets the time pass, syncing only when the balancer asked for it; not yet at `until`.

        So what the caller changes at that moment comes first: an endpoint whose end is due is not learnt any more.
        """
        while self.time.seconds < until and (wake := self.balancer.sync()) is not None and wake < until:
            assert wake > self.time.seconds
            self.time.seconds = wake
        self.time.seconds = max(self.time.seconds, until if until < float("inf") else 0)


def test_each_proxy_learns_and_forgets_at_its_own_pace():
    proxies = Proxies()
    proxies.balancer.attach(A)
    proxies.run(100)
    proxies.balancer.detach(A)
    proxies.run()
    known, unknown = frozenset({A}), frozenset()
    assert proxies.programmed == [(7, 0, known), (17, 1, known), (112, 0, unknown), (128, 1, unknown)]
    assert proxies.cut == [(142, 0, A), (158, 1, A)]


def test_before_an_experiment_proxies_learn_of_an_endpoint_at_once():
    proxies = Proxies()
    proxies.balancer.at_once = True
    proxies.balancer.attach(A)
    proxies.run(1)
    proxies.balancer.at_once = False
    proxies.balancer.attach(B)
    proxies.run()
    first, both = frozenset({A}), frozenset({A, B})
    assert proxies.programmed == [(0, 0, first), (0, 1, first), (8, 0, both), (18, 1, both)]


def test_without_draining_a_proxy_is_cut_off_as_soon_as_it_forgets():
    proxies = Proxies(draining=0)
    proxies.balancer.attach(A)
    proxies.run(100)
    proxies.balancer.detach(A)
    proxies.run()
    assert proxies.cut == [(112, 0, A), (128, 1, A)]


def test_no_proxy_forgets_before_it_learnt():
    proxies = Proxies(attach=(17,), detach=(2,))
    proxies.balancer.attach(A)
    proxies.run(1)
    proxies.balancer.detach(A)
    proxies.run()
    assert proxies.time.now() == 17 + 30
    assert all(endpoints == frozenset() for _at, _proxy, endpoints in proxies.programmed)


def test_other_endpoints_stay():
    proxies = Proxies()
    proxies.balancer.attach(A)
    proxies.balancer.attach(B)
    proxies.run(100)
    proxies.balancer.detach(A)
    proxies.run()
    assert proxies.programmed[-1] == (128, 1, frozenset({B}))
    assert {endpoint for _at, _proxy, endpoint in proxies.cut} == {A}


@pytest.mark.parametrize(
    ("seconds", "known", "programmed"),
    [(6, set(), False), (8, {A}, False), (18, {A}, True), (101, {A}, False), (115, {A}, False), (129, set(), True)],
)
def test_an_endpoint_is_known_while_any_proxy_knows_it(seconds, known, programmed):
    proxies = Proxies()
    proxies.balancer.attach(A)
    proxies.run(min(seconds, 100))
    if seconds > 100:
        proxies.balancer.detach(A)
        proxies.run(seconds)
    assert proxies.balancer.known() == known
    assert proxies.balancer.programmed() is programmed


lags = st.integers(0, 30)
lives = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=5)


@example([(1, 0)], 0, [(0, 0)])
@example([(2, 0), (0, 0)], 0, [(0, 0)])
@given(st.lists(st.tuples(lags, lags), min_size=1, max_size=4), st.integers(0, 40), lives)
def test_every_proxy_learns_forgets_and_is_cut_off_once_for_each_endpoint(proxy_lags, draining, lives):
    attach, detach = zip(*proxy_lags, strict=True)
    proxies = Proxies(attach, detach, draining)
    endpoints = [NetworkEndpoint(f"10.0.30.{number}", 8080, "zone-1", f"web-{number}") for number in range(len(lives))]
    changes = sorted(
        (time, number, attached)
        for number, (begin, length) in enumerate(lives)
        for time, attached in ((begin, False), (begin + length + 1, True))
    )
    for time, number, attached in changes:
        proxies.run(time)
        (proxies.balancer.detach if attached else proxies.balancer.attach)(endpoints[number])
    proxies.run()
    learnt, forgotten = [], []
    for proxy in range(len(attach)):
        tables = [(0, frozenset()), *((at, table) for at, who, table in proxies.programmed if who == proxy)]
        for (_, before), (at, after) in pairwise(tables):
            learnt += [(at, proxy, endpoint) for endpoint in after - before]
            forgotten += [(at, proxy, endpoint) for endpoint in before - after]
    spans = [
        (begin + learns, max(begin + length + 1 + forgets, begin + learns), proxy, endpoint)
        for endpoint, (begin, length) in zip(endpoints, lives, strict=True)
        for proxy, (learns, forgets) in enumerate(proxy_lags)
    ]
    assert sorted(learnt) == sorted((begin, *who) for begin, end, *who in spans if begin < end)
    assert sorted(forgotten) == sorted((end, *who) for begin, end, *who in spans if begin < end)
    assert sorted(proxies.cut) == sorted((end + draining, *who) for _begin, end, *who in spans)
    assert proxies.balancer.known() == frozenset()
    assert proxies.balancer.programmed()
