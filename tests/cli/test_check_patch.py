"""`nodrop check --patch`: patches for kustomize."""

import yaml

from tests.cli.conftest import CLEAN, check


def test_a_patch_for_kustomize_is_printed_instead_of_a_report(dropping):
    done = check(dropping, "--patch")
    (patch,) = yaml.safe_load_all(done.stdout)
    assert done.exit_code == 0
    assert patch["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] == 95


def test_no_patch_where_nothing_can_be_cured_so(shop):
    done = check(shop(*CLEAN), "--patch")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == "nothing to fix: no findings\n"


def test_a_finding_that_no_edit_cures_is_not_called_none(shop):
    done = check(shop(*CLEAN, ("replicas: 3", "replicas: 0")), "--patch")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == "no finding can be fixed by editing one field\n"
