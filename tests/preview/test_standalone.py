import json

import pytest

from nodrop.preview.standalone import lost_negs


def service(**neg):
    annotations = {"cloud.google.com/neg": json.dumps(neg)} if neg else {}
    return {
        "kind": "Service",
        "metadata": {"name": "web", "annotations": annotations},
        "spec": {"ports": [{"port": 80}]},
    }


UNNAMED, NAMED, OTHER = ({"exposed_ports": {"80": each}} for each in ({}, {"name": "one"}, {"name": "two"}))
INGRESS = {"ingress": True}


@pytest.mark.parametrize(
    ("old", "new", "value"),
    [
        (UNNAMED, UNNAMED, None),
        ({}, UNNAMED, None),
        (INGRESS, {}, None),
        (UNNAMED, INGRESS, None),
        (UNNAMED, INGRESS | UNNAMED, None),
        (UNNAMED, {}, "absent"),
        (NAMED, OTHER, "two"),
        (NAMED, UNNAMED, "a NEG that GKE names"),
        (NAMED, INGRESS, "a NEG that GKE names"),
    ],
)
def test_a_standalone_neg_that_goes_is_told(old, new, value):
    found = [finding.value for finding in lost_negs(service(**old), service(**new))]
    assert found == ([] if value is None else [value])


def test_what_cannot_be_read_is_left_to_the_path():
    broken = {"kind": "Service", "metadata": {"annotations": {"cloud.google.com/neg": "{"}}}
    assert list(lost_negs(broken, service(**NAMED))) == []
    assert list(lost_negs({"kind": "Ingress"}, {})) == []
