"""A Kubernetes provider that is not told its cluster, and may get another kubeconfig, is not taken as unchanged."""

import pytest

from tests.preview.updated_platform import PLATFORM, edits_of

GIVEN = """
    from gke_nodrop import WebService

    provider = k8s.Provider("main", kubeconfig=KUBECONFIG)
    WebService("shop", {"image": "shop/web:1", "rollout": {"keep_alive_timeout_seconds": 620}},
        pulumi.ResourceOptions(provider=provider))
"""
SECRET = GIVEN.replace("KUBECONFIG", 'pulumi.Output.secret("{}")')
OTHER_STACK = GIVEN.replace("KUBECONFIG", 'pulumi.StackReference("org/shop/dev").get_output("kubeconfig")')

ON_ITS_CLUSTER = (
    PLATFORM.partition("    pool = ")[0]
    + """
    provider = k8s.Provider("main", kubeconfig=cluster.kubeconfig)
    WebService("shop", {"image": "shop/web:1", "rollout": {"keep_alive_timeout_seconds": 620}},
        pulumi.ResourceOptions(provider=provider))
"""
)
IN_PLACE = ('"deletion_protection": False', '"deletion_protection": False, "upgrades": {"release_channel": "rapid"}')


@pytest.fixture
def edited(evaluated, export):
    return edits_of(evaluated, export)


@pytest.mark.parametrize(
    ("platform", "edits"),
    [
        (SECRET, []),
        (OTHER_STACK, []),
        (GIVEN.replace("KUBECONFIG", '"{}"'), [('kubeconfig="{}"', 'kubeconfig="{server: other}"')]),
        (ON_ITS_CLUSTER, [IN_PLACE]),
        (SECRET, [(")\n    WebService", ', cluster_identifier="main")\n    WebService')]),
    ],
)
def test_a_provider_whose_kubeconfig_may_change_is_not_compared(edited, platform, edits):
    comparison = edited(*edits, platform=platform)
    (told,) = comparison.not_compared
    assert told.startswith("Kubernetes provider main: its kubeconfig may change")
    assert "cluster_identifier" in told
    assert comparison.verdict == "not judged"


@pytest.mark.parametrize(
    ("platform", "edits"),
    [
        (PLATFORM, []),
        (PLATFORM, [IN_PLACE]),
        (ON_ITS_CLUSTER, []),
        (GIVEN.replace("KUBECONFIG", '"{}"'), []),
        (
            GIVEN.replace("kubeconfig=KUBECONFIG", 'cluster_identifier="main", kubeconfig=pulumi.Output.secret("{}")'),
            [],
        ),
    ],
)
def test_a_provider_that_knows_its_cluster_or_whose_kubeconfig_stays_is_silent(edited, platform, edits):
    comparison = edited(*edits, platform=platform)
    assert (comparison.diagnostics, comparison.not_compared) == ((), ())
