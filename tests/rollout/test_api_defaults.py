from nodrop.rollout import solve
from nodrop.rollout.api_defaults import with_api_defaults


def test_nobody_says_anything():
    bare = with_api_defaults(solve(longest_request_seconds=30, startup_seconds=20, replicas=90, zones=3))
    assert (bare.pre_stop_seconds, bare.termination_grace_period_seconds, bare.draining_timeout_seconds) == (0, 30, 0)
    assert (bare.max_surge, bare.max_unavailable, bare.min_ready_seconds) == (23, 22, 0)


def test_what_the_application_does_stays():
    solved = solve(longest_request_seconds=30, startup_seconds=20, replicas=90)
    bare = with_api_defaults(solved)
    assert (bare.replicas, bare.longest_request_seconds, bare.readiness_probe) == (
        90,
        30,
        solved.readiness_probe,
    )
