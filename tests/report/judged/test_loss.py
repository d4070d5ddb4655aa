"""What a rollout is expected to lose, and what each finding alone costs."""

from dataclasses import replace

import pytest

from nodrop.judge import judge
from nodrop.report.judged.loss import loss_of
from nodrop.rollout import expected_drops
from tests.judge.edits import Edit, clean, edited

GRACE = "Deployment:spec.template.spec.terminationGracePeriodSeconds"


def judged(objects):
    (path,) = judge(objects).paths
    return path


def test_a_clean_path_loses_nothing_and_has_no_finding_to_tell_of():
    loss = loss_of(judged(clean("ingress")), 100)
    assert loss
    assert (loss.drops.total, dict(loss.alone)) == (0, {})


def test_the_only_finding_costs_what_the_path_loses():
    path = judged(edited(Edit("BackendConfig:spec.connectionDraining.drainingTimeoutSec", 0)))
    loss = loss_of(path, 100)
    assert loss
    assert [each.rule for each in loss.alone] == ["draining-covers-longest-request"]
    assert list(loss.alone.values()) == [pytest.approx(loss.drops.total)]
    assert loss.drops.total > 0


def test_a_finding_alone_costs_what_is_left_when_the_others_are_as_they_would_pass():
    path = judged(edited(Edit(GRACE, 61)))
    (found,) = path.diagnostics
    assert path.rollout
    draining = replace(found, rule="other", input="rollout.draining_timeout_seconds", value=0, would_pass=30)
    both = replace(
        path,
        rollout=replace(path.rollout, draining_timeout_seconds=0),
        diagnostics=(found, draining, replace(found, input="wiring.selector", would_pass="a label")),
    )
    loss = loss_of(both, 100)
    assert loss
    assert loss.alone == {
        found: expected_drops(replace(path.rollout, draining_timeout_seconds=30), 100).total,
        draining: expected_drops(replace(both.rollout, termination_grace_period_seconds=found.would_pass), 100).total,
    }
    assert loss.alone[draining] > 0


def test_a_way_that_the_model_does_not_know_has_no_expected_loss():
    assert loss_of(replace(judged(clean("ingress")), rollout=None), 100) is None
