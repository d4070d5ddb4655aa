"""vegeta as the load generator: its connections, and what is told where it fails."""

import re
import subprocess
import sys
from dataclasses import replace

import pytest

from nodrop.lab import traffic
from nodrop.lab.kubernetes import programs
from nodrop.lab.traffic import TrafficPlan, to_line
from nodrop.lab.vegeta_traffic import most_at_once, most_connections
from tests.lab.traffic_servers import Server, always, ended, ok

pytestmark = pytest.mark.timed


@pytest.mark.vegeta
def test_requests_that_wait_for_one_of_vegetas_connections_are_no_result_but_told():
    process = ended(Server(always(ok()), lasts=0.4), seconds=1, requests_per_second=200, vegeta=str(programs.vegeta()))
    assert (process.code, process.written) == (traffic.BEHIND, "")
    (line,) = process.errors.splitlines()
    assert re.fullmatch(
        r"\d+ requests were under way to a proxy at once, and vegeta had 37 connections \(kept alive\): "
        "the answers came too late",
        line,
    )


def test_vegeta_has_connections_for_what_long_requests_hold_twice_and_short_ones_may():
    plan = TrafficPlan(targets=("http://a/", "http://b/"), requests_per_second=900, longest_request_seconds=3.0, seed=1)
    assert most_connections(plan, 900) == 450 * 0.6 + 450 * 0.2 + 1
    assert most_connections(replace(plan, unreachable_seconds=2.0), 900) == 450 * 0.6 + 450 * 2.2 + 1


def under_way(*spans, proxy="http://a/"):
    return [(proxy, start, end) for start, end in spans]


def test_as_many_are_under_way_as_overlap_and_one_that_ends_frees_its_connection():
    assert most_at_once([]) == 0
    assert most_at_once(under_way((0, 1), (1, 2), (2, 3))) == 1
    assert most_at_once(under_way((4, 5), (0, 3), (1, 2), (1, 2), (2, 4))) == 3


def test_long_and_short_requests_share_the_connections_of_their_proxy_and_of_no_other():
    short = under_way((0, 2), (1, 2))
    assert most_at_once(short + under_way((0, 3))) == 3
    assert most_at_once(short + under_way((0, 3), proxy="http://b/")) == 2


ATTACKS_UNTIL_TERM = 'trap "exit 0" TERM\necho some\nwhile :; do sleep 0.01; done\n'
BROKEN = {
    "ends by itself": ("#!/bin/sh\necho out of memory >&2\nexit 7\n", " ended with 7: out of memory"),
    "says nothing": ("#!/bin/sh\nexit 7\n", " ended with 7: without a word"),
    "is too old": (
        "#!/bin/sh\necho flag provided but not defined: -max-connections >&2\necho Usage of it: >&2\nexit 2\n",
        " ended with 2: flag provided but not defined: -max-connections",
    ),
    "is no program": ("", ": [Errno 8] Exec format error: '{path}'"),
    "writes no results": (
        f'#!/bin/sh\n[ "$1" = encode ] && echo "{{}}" && exit\n{ATTACKS_UNTIL_TERM}',
        ": Object missing required field `seq`",
    ),
    "cannot read them": (
        f'#!/bin/sh\n[ "$1" = encode ] && exit 3\n{ATTACKS_UNTIL_TERM}',
        " encode ended with 3",
    ),
}


def ended_of(vegeta, script, *command):
    """Exit code, output and errors of a traffic process whose vegeta is the script; it is stopped once it sends."""
    vegeta.write_text(script)
    vegeta.chmod(0o755)
    targets = ("http://127.0.0.1:1/",)
    plan = TrafficPlan(targets=targets, requests_per_second=100, longest_request_seconds=0, seed=1, vegeta=str(vegeta))
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, *command], stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(to_line(plan).decode())
        process.stdin.flush()
        if process.stdout.readline():  # it has begun
            process.terminate()
        try:
            written, errors = process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        return process.returncode, written, errors


@pytest.mark.slow
@pytest.mark.parametrize(("script", "told"), BROKEN.values(), ids=BROKEN)
def test_a_broken_vegeta_is_told_in_one_line(tmp_path, script, told):
    broken = tmp_path / "vegeta"
    line = f"{broken}{told.format(path=broken)}\n"
    assert ended_of(broken, script, "-m", traffic.__name__) == (1, "", line)


HURRIED = """
import asyncio
from nodrop.lab import traffic
traffic._PATIENCE_SECONDS = 0.2
asyncio.run(traffic._main())
"""


@pytest.mark.slow
def test_a_vegeta_whose_requests_wait_at_the_end_is_no_result_but_told(tmp_path):
    waits = "#!/bin/sh\ntrap '' TERM\necho some\nexec sleep 30\n"
    told = "requests of vegeta still waited to be sent when it was to end\n"
    assert ended_of(tmp_path / "vegeta", waits, "-c", HURRIED) == (traffic.BEHIND, "", told)


@pytest.mark.slow
def test_to_read_what_vegeta_wrote_down_may_take_longer_than_requests_may(tmp_path):
    slow = f'#!/bin/sh\n[ "$1" = encode ] && sleep 1 && exit\n{ATTACKS_UNTIL_TERM}'
    assert ended_of(tmp_path / "vegeta", slow, "-c", HURRIED) == (0, "", "")
