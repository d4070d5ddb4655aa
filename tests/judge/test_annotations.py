"""An annotation that nothing reads where it stands is told, wherever on a path that is."""

import pytest

from nodrop.judge import Verdict, judge
from tests.judge.edits import Edit, edited

LONGEST = "gke-nodrop/longest-request-seconds"
NEG = "cloud.google.com/neg"
TEMPLATE = "Deployment:spec.template.metadata.annotations"


def judged(place, key, value="60", base="ingress"):
    return judge(edited(Edit(place, {key: value}, base=base)))


@pytest.mark.parametrize(
    ("place", "key", "base", "instead"),
    [
        (TEMPLATE, LONGEST, "ingress", f"{LONGEST} on the Deployment"),
        (TEMPLATE, f"{LONGEST}s", "ingress", f"{LONGEST} on the Deployment"),
        (TEMPLATE, NEG, "ingress", f"{NEG} on the Service"),
        ("BackendConfig:metadata.annotations", NEG, "ingress", f"{NEG} on the Service"),
        ("HTTPRoute:metadata.annotations", LONGEST, "gateway", f"{LONGEST} on the Deployment"),
        ("GCPBackendPolicy:metadata.annotations", LONGEST, "gateway", f"{LONGEST} on the Deployment"),
        ("HealthCheckPolicy:metadata.annotations", LONGEST, "gateway", f"{LONGEST} on the Deployment"),
    ],
)
def test_one_that_is_read_elsewhere_is_told_with_its_place(place, key, base, instead):
    judgement = judged(place, key, base=base)
    assert judgement.verdict == Verdict.AT_RISK
    [found] = judgement.paths[0].diagnostics
    kind, _, field = place.partition(":")
    assert str(found.object).startswith(f"{kind} shop/")
    assert (found.rule, found.field, found.would_pass) == ("annotation-is-read", f"{field}[{key}]", instead)


@pytest.mark.parametrize("key", ["networking.gke.io/default-interface", "checksum/config", "prometheus.io/scrape"])
def test_what_others_read_from_pods_is_not_told(key):
    assert judged(TEMPLATE, key).verdict == Verdict.CLEAN
