"""The plugin of `make lowest` skips what fails for want of a newer pulumi-gcp, with the reason, and nothing else."""

import pytest

pytestmark = pytest.mark.slow

OLD = """
    import importlib.metadata

    version = importlib.metadata.version
    importlib.metadata.version = lambda name: {pretended} if name == "pulumi-gcp" else version(name)
"""
TESTS = """
    from gke_nodrop import NodePool, faults_of
    from gke_nodrop.cluster import sdk

    def refused(**more):
        return faults_of(NodePool, "main", {"cluster": "c", "service_account": "s", **more})

    def test_that_needs_a_pool():
        assert refused() == ()

    def test_that_holds_all_the_same():
        assert "taints" in str(refused(taints=[]))

    def test_that_fails_for_another_reason():
        assert refused is None

    def test_that_only_pretends_to_be_older(monkeypatch):
        monkeypatch.setattr(sdk, "installed", lambda: "8.1.0")
        assert refused() == ()
"""


def outcomes(pytester, pretended):
    pytester.makepyfile(old=OLD.replace("{pretended}", repr(pretended)), test_pools=TESTS)
    return pytester.runpytest_subprocess("-p", "old", "-p", "tests.older_sdk", "-rs")


def test_a_test_that_needs_a_node_pool_is_skipped_with_the_refusal_as_its_reason(pytester):
    result = outcomes(pytester, "8.24.0")
    result.assert_outcomes(skipped=1, passed=1, failed=2)
    result.stdout.fnmatch_lines(["SKIPPED *test_pools.py:7: pulumi-gcp 8.24.0 lacks a node pool's node_drain_configs*"])


def test_on_a_newer_version_nothing_is_skipped(pytester):
    outcomes(pytester, "10.0.0").assert_outcomes(passed=2, failed=2)
