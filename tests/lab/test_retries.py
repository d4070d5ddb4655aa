"""The load balancer's one retry: which class sends what again, on real packets as well."""

import sys
from copy import deepcopy
from dataclasses import replace

import pytest

from nodrop.gke.ingresses import CLASS, CLASS_EXTERNAL, CLASS_INTERNAL, CLASS_REGIONAL_EXTERNAL
from nodrop.lab import variants
from nodrop.lab.containers import Application
from nodrop.lab.job import Experiment, Job, Settings
from nodrop.lab.results import RolloutResult
from nodrop.lab.retries import Retries, retries_of
from nodrop.lab.runner import run_all
from nodrop.paths import Behaviour
from nodrop.rollout import OnTerm

EXITS = Behaviour(longest_request_seconds=0, startup_seconds=2, keep_alive_timeout_seconds=620, on_term=OnTerm.EXIT)


def of_class(path, ingress_class):
    entry = deepcopy(path.entry)
    entry["metadata"].setdefault("annotations", {})[CLASS] = ingress_class
    return replace(path, entry=entry)


def behind_gateway(path, gateway_class):
    entry = {"kind": "Gateway", "metadata": {"name": "front"}, "spec": {"gatewayClassName": gateway_class}}
    return replace(path, entry=entry)


@pytest.mark.parametrize(
    ("ingress_class", "retries"),
    [
        (CLASS_EXTERNAL, Retries.CLASSIC),
        (CLASS_INTERNAL, Retries.ENVOY),
        (CLASS_REGIONAL_EXTERNAL, Retries.ENVOY),
    ],
)
def test_an_ingress_retries_as_its_class_does(neg_path, ingress_class, retries):
    assert retries_of(of_class(neg_path, ingress_class)) is retries


def test_an_ingress_without_a_class_is_a_classic_load_balancer(neg_path):
    entry = {"kind": "Ingress", "metadata": {"name": "web"}}
    assert retries_of(replace(neg_path, entry=entry)) is Retries.CLASSIC


@pytest.mark.parametrize(
    ("gateway_class", "retries"),
    [
        ("gke-l7-global-external-managed", Retries.ENVOY),
        ("gke-l7-global-external-managed-mc", Retries.ENVOY),
        ("gke-l7-regional-external-managed", Retries.ENVOY),
        ("gke-l7-rilb", Retries.ENVOY),
        ("gke-l7-gxlb", Retries.CLASSIC),
        ("gke-l7-gxlb-mc", Retries.CLASSIC),
    ],
)
def test_a_gateway_retries_as_its_class_does(neg_path, gateway_class, retries):
    assert retries_of(behind_gateway(neg_path, gateway_class)) is retries


@pytest.mark.parametrize(
    ("healthy", "allowed"),
    [((1, 1), True), ((1, 1, 1, 1, 0), True), ((1, 1, 1, 0), False), ((1, 1, 0), False), ((1,), False), ((), False)],
)
def test_a_classic_load_balancer_retries_while_four_in_five_endpoints_are_healthy(healthy, allowed):
    assert Retries.CLASSIC.allowed([bool(each) for each in healthy]) is allowed
    assert Retries.ENVOY.allowed([bool(each) for each in healthy])


def unprotected(path):
    """A rollout that drops: pods that exit at SIGTERM, which comes at once."""
    return Job(
        experiment=Experiment.ROLLOUT,
        variant="exits at once",
        path=variants.without_pre_stop(path),
        application=Application(EXITS, None),
        settings=Settings(speed_up=10, requests_per_second=24),
        steady_first=False,
    )


def rollout(job):
    (result,) = run_all([job], lambda _job, _phase: None)
    assert isinstance(result, RolloutResult)
    return result


@pytest.mark.lab
def test_the_retry_saves_gets_and_no_post(neg_path):
    result = rollout(unprotected(of_class(neg_path, CLASS_INTERNAL)))
    gets, posts = result.methods["GET"], result.methods["POST"]
    assert (posts.saved, posts.failed > 20) == (0, True)
    assert gets.saved > 20
    assert gets.failed < 0.75 * posts.failed  # the second try may meet another pod that has stopped
    assert gets.requests + posts.requests == result.requests
    assert gets.failed + posts.failed == result.failed
    assert result.saved == gets.saved
    assert result.conditions.retries == Retries.ENVOY


EVERY_OTHER = (
    f'{sys.executable} -c "import http.server as h, itertools as i\n'
    "asked = i.count()\n"
    "class H(h.BaseHTTPRequestHandler):\n"
    "    def do_GET(self):\n"
    "        if self.path != '/' or next(asked) % 2:\n"
    "            self.send_response(200)\n"
    "            self.end_headers()\n"
    "    do_POST = do_GET\n"
    "h.ThreadingHTTPServer(('', {port}), H).serve_forever()\""
)
"""An application that closes every other connection without an answer."""


@pytest.mark.lab
def test_a_classic_load_balancer_does_not_retry_at_its_only_endpoint(neg_path):
    alone = variants.with_replicas(neg_path, 1)
    jobs = [
        replace(unprotected(of_class(alone, each)), application=Application(EXITS, EVERY_OTHER))
        for each in (CLASS_EXTERNAL, CLASS_INTERNAL)
    ]
    classic, envoy = (rollout(job) for job in jobs)
    of_classic, of_envoy = classic.methods["GET"], envoy.methods["GET"]
    assert of_envoy.saved > 0.2 * of_envoy.requests  # half, or a quarter where others ask in between
    # not none: while a new pod is there beside the old one, a classic one retries
    assert of_classic.saved < 0.1 * of_classic.requests
    assert of_classic.failed > 0.3 * of_classic.requests
