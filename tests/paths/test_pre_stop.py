import subprocess
from dataclasses import replace
from pathlib import Path
from shutil import which

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nodrop.paths.fields import UNKNOWN, Field
from nodrop.paths.pre_stop import PreStop, read_pre_stop
from nodrop.rollout import ObjectRef


def read(hook):
    return read_pre_stop(Field(hook, ObjectRef(kind="Deployment", namespace="demo", name="web"), "preStop"))


def of_command(*words):
    return read({"exec": {"command": list(words)}})


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        (["sleep", "0.75m"], 45),
        (["sleep", "30", "30s"], 60),
        (["busybox", "sleep", "60"], 60),
        (["/busybox/sh", "-c", "sleep 60"], 60),
        (["bash", "-ec", "sleep 60"], 60),
        (["bash", "-e", "-c", "sleep 60"], 60),
        (["bash", "-eo", "pipefail", "-c", "sleep 60"], 60),
        (["/bin/bash", "-c", "set -euo pipefail; sleep 60"], 60),
        (["sh", "-eo", "errexit", "-c", "sleep 60"], 60),
        (["sh", "-c", "set -e; sleep 60"], 60),
        (["sh", "-c", "# wait for the load balancer\nsleep 60 # as measured\n"], 60),
        (["sh", "-c", "echo \"going down\"; sleep '60'"], 60),
        (["sh", "-c", "sleep 30 || sleep 30"], 30),
        (["sh", "-c", "sleep 30 || true; sleep 30"], 60),
        (["sh", "-c", "sleep 30; exit 0; sleep 30"], 30),
        (["sh", "-c", "echo draining > /proc/1/fd/1; sleep 30"], 30),
        (["sh", "-c", 'echo "bye, $HOSTNAME" 2>&1; sleep 30'], 30),
        (["sh", "-c", "sleep 30 || echo a || echo b && sleep 30"], 60),
        (["sh", "-c", "exec sleep 30; sleep 30"], 30),
        (["sh", "-c", "sleep \\\n 60"], 60),
        (["sh", "-c", "echo done"], 0),
        (["sh", "-c", "sleep 30; sleep thirty"], 30),
        (["sh", "-c", "sleep 60 2>/dev/null"], 60),
        (["sh", "-c", "sleep 60 >/dev/null 2>&1"], 60),
        (["sh", "-uc", "date; sleep 60"], 60),
        (["sh", "-c", "# it was \\\nsleep 60"], 60),
        (["sh", "-c", "sleep 6\\\n0"], 60),
        (["sh", "-c", "echo bye >/proc/1/fd/1; sleep 60"], 60),
        (["sh", "-c", "set -eu; date +%s; sleep 60"], 60),
    ],
)
def test_a_command_lasts_as_long_as_its_sleeps(words, seconds):
    assert of_command(*words) == PreStop(seconds=seconds)


@pytest.mark.parametrize(
    "rest",
    [
        " && nginx -s quit",
        " && kill -SIGTERM 1",
        "; kill -QUIT 1\n",
        "; kill -l",
        "; kill -s HUP 1",
        "; pkill -9 app",
        "; kill -SIGUSR1 $(pidof haproxy)",
        " && /usr/sbin/nginx -s quit",
        "; exec nginx -s quit",
        "; nginx -c /etc/nginx/nginx.conf -s quit",
        "; kill -TERM 1; while pgrep nginx; do :; done",
        "; kill 1",
        "; /bin/kill -s TERM 1; :",
    ],
)
def test_after_the_application_has_ended_nothing_holds_back_what_it_answers(rest):
    hook = of_command("sh", "-c", f"sleep 20; sleep 10{rest}")
    assert replace(hook, ended_by="") == PreStop(seconds=30, runs_more=True)


@pytest.mark.parametrize(
    "first",
    [
        "nginx -s quit;",
        "/usr/sbin/nginx -c /a.conf -s stop &&",
        "kill -TERM 1;",
        "kill 1\n",
        "echo bye; kill -15 1;",
        "httpd -k graceful-stop;",
        "apachectl graceful-stop &&",
        "nginx -s quit; while pgrep nginx; do sleep 1; done;",
        "kill -s 15 1;",
        "kill -s term 1;",
    ],
)
def test_no_sleep_counts_after_the_application_was_told_to_end(first):
    hook = of_command("sh", "-c", f"{first} sleep 60")
    assert replace(hook, ended_by="") == PreStop(seconds=0, runs_more=True, sleeps_after=True)
    assert hook.ended_by
    assert hook.ended_by in first


@pytest.mark.parametrize("command", ["kill -SIGTERM 1", "kill -s SIGTERM 1", "kill -s sigterm 1"])
def test_a_name_that_begins_with_sig_is_one_for_bash_and_for_a_program_and_not_for_dash(command):
    ended = PreStop(seconds=0, runs_more=True, ended_by=command)
    assert of_command("bash", "-c", f"{command}; sleep 60") == replace(ended, sleeps_after=True)
    assert of_command(*command.split()) == ended
    assert of_command("sh", "-c", f"{command}; sleep 60").seconds is None


@pytest.mark.parametrize(("shell", "survives"), [("dash", True), ("bash", False)])
def test_the_shells_themselves_take_such_a_name_so(shell, survives):
    if which(shell) is None:
        pytest.skip(f"no {shell} here")
    for command in ("kill -SIGTERM $$", "kill -s SIGTERM $$"):
        done = subprocess.run([shell, "-c", f"{command}; echo there"], capture_output=True, text=True)
        assert (done.stdout == "there\n") is survives


@pytest.mark.parametrize(("asks_node", "seconds"), [(True, 0), (False, None)])
def test_a_hook_that_asks_the_node_fails(asks_node, seconds):
    hook = Field({"httpGet": {"port": 80}}, ObjectRef(kind="Deployment", namespace="demo", name="web"), "preStop")
    found = read_pre_stop(hook, asks_node=asks_node)
    assert (found.seconds, bool(found.fails)) == (seconds, asks_node)


@pytest.mark.parametrize(
    "rest",
    [
        "; /app/drain --wait",
        "\ncurl http://localhost/drain",
        " && nginx -s reload",
        "; kill -0 1; sleep 30",
        "; kill -HUP 1; sleep 30",
        "; kill -s USR1 1; sleep 30",
        "; kill -QUIT 1; sleep 30",
        "; kill -9 1; sleep 30",
        "; kill -SIGTERM 1; sleep 30",
        "; kill 25; sleep 30",
        "; for-each.sh; sleep 30",
        "; killall -TERM filebeat; sleep 30",
        "; pkill -9 app; sleep 30",
        "; sleep ${MORE}",
        "; sleep thirty; sleep 30",
    ],
)
def test_what_follows_the_sleeps_may_take_longer(rest):
    hook = of_command("sh", "-c", f"sleep 20; sleep 10{rest}")
    assert hook == PreStop(seconds=30, runs_more=True, may_last_longer=True)


@pytest.mark.parametrize("rest", [" & wait", " && true & wait", " || true & wait", " && nginx -s quit & wait"])
def test_what_runs_in_the_background_holds_nothing_back(rest):
    hook = of_command("sh", "-c", f"sleep 20; sleep 10{rest}")
    assert hook == PreStop(seconds=20, runs_more=True, may_last_longer=True)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["sleep 60"], "no program is called `sleep 60`"),
        (["/bin/sh -c 'sleep 60'"], "no program is called"),
        (["exec", "sleep", "60"], "no program is called `exec`"),
        (["/bin/sleep", "60", "&&", "nginx", "-s", "quit"], "sleep takes no argument `&&`"),
        (["sleep", "60,"], "sleep takes no argument `60,`"),
        (["sleep", "60\n"], "sleep takes no argument"),
        (["sleep", "60sec"], "sleep takes no argument"),
        (["sleep"], "sleep is not told"),
        (["sh", "-c", "sleep", "60"], "sleep is not told"),
        (["sh", "-c", "sleep 60, nginx"], "sleep takes no argument"),
        (["sh", "-c", "'sleep 60'"], "no program is called `sleep 60`"),
        (["sh", "sleep 60"], "-c is missing"),
    ],
)
def test_a_command_that_cannot_run_holds_nothing_back(words, why):
    hook = of_command(*words)
    assert hook.seconds == 0
    assert why in hook.fails


@pytest.mark.parametrize(
    "words",
    [
        ["sleep", "infinity"],
        ["sleep", "1e2"],
        ["sleep", "$(DELAY)"],
        ["sleep", f"{UNKNOWN}s"],
        ["timeout", "60", "sleep", "120"],
        ["/opt/my app/drain"],
        ["sh", "/scripts/pre stop.sh"],
        [r"C:\Program Files\app\stop.exe"],
        ["sh", "/drain.sh"],
        ["sh", "-n", "-c", "sleep 60"],
        ["sh", "-eo", "pipefail", "-c", "sleep 60"],
        ["/bin/sh", "-c", "set -euo pipefail; sleep 60"],
        ["dash", "-c", "set -o pipefail; sleep 60"],
        ["busybox", "ash", "-c", "set -o pipefail; sleep 60"],
        ["sh", "-c", "sleep 60 &"],
        ["sh", "-c", "sleep 60 | true"],
        ["sh", "-c", "sleep ${DELAY}"],
        ["sh", "-c", "nginx -s reload; sleep 60"],
        ["sh", "-c", "nginx -s quit & sleep 60"],
        ["sh", "-c", "pkill -TERM java; sleep 60"],
        ["sh", "-c", "curl -X POST localhost/actuator/shutdown; sleep 60"],
        ["sh", "-c", "supervisorctl stop all; sleep 60"],
        ["sh", "-c", "sleep 60; while pgrep app; do sleep 1; done"],
        ["sh", "-c", "sleep 60; while(pgrep app); do sleep 1; done"],
        ["sh", "-c", "sleep 60; curl -s localhost/quit; while pgrep app; do sleep 1; done"],
        ["sh", "-c", "sleep 60; if true; then until curl localhost; do sleep 1; done; fi"],
        ["sh", "-c", "sleep 60; (for each in 1 2; do sleep 1; done)"],
        ["sh", "-c", "sleep 60; tail --pid=1 -f /dev/null"],
        ["sh", "-c", "sleep 12>/dev/null"],
        ["sh", "-c", "echo bye > /proc/1/fd/1 && sleep 60"],
        ["sh", "-c", "set -e; echo bye > /proc/1/fd/1; sleep 60"],
        ["sh", "-ec", "echo bye > /proc/1/fd/1; sleep 60"],
        ["sh", "-c", "sleep 60 &&"],
        ["sh", "-c", "sleep 60 || "],
        ["sh", "-c", "sleep 60; sleep infinity"],
        ["sh", "-c", "sleep 60; tail -f /dev/null"],
        ["bin/sh", "-c", "sleep 60"],
        ["sh", "-c", "MESSAGE='bye bye' sleep 60"],
        ["sh", "-euc", "echo stopping $POD; sleep 60"],
        ["sh", "-o", "nounset", "-c", "echo stopping $POD; sleep 60"],
        ["sh", "-c", "set -eu; echo stopping $POD; sleep 60"],
        ["sh", "-c", "set -o nounset; echo stopping $POD; sleep 60"],
        ["sh", "-c", "date --rfc-3339=seconds && sleep 60"],
        ["sh", "-c", "if true; then sleep 60; fi"],
        ["sh", "-c", "sleep thirty; sleep 60"],
    ],
)
def test_of_other_commands_nothing_is_said(words):
    hook = of_command(*words)
    assert hook.seconds is None
    assert not hook.fails


def test_the_kubelet_runs_no_hook_of_tcp_socket():
    assert read({"tcpSocket": {"port": 8080}}).fails == "the kubelet runs no hook of tcpSocket"


FRAGMENTS = ["sleep 1", "sleep 2 3s", "sleep '4'", "sleep", "sleep x", "exec sleep 5", "echo a", "true", "false"]
FRAGMENTS += [
    "set -e",
    "# note",
    "other --flag",
    "(sleep 1)",
    "sleep 1 > /dev/null",
    "sleep 1 2>/dev/null",
    "sleep 1>/dev/null",
    "sleep 12>/dev/null",
    "sleep 3 2>&1",
    "kill -QUIT 99999999",
    "sleep 1\\\n0",
    "# note \\\n",
    "exit",
    "exit 0",
    'echo "$PATH"',
    "",
]
SCRIPTS = st.lists(st.tuples(st.sampled_from(FRAGMENTS), st.sampled_from([";", "\n", " && ", " || ", " & ", " | "])))
SLEEP = """#!/bin/sh
test $# -gt 0 || exit 1
for each; do case $each in *[!0-9s]*) exit 1; esac; done
for each; do echo "${each%s}" >> "$(dirname "$0")/slept"; done
"""


@pytest.fixture(scope="module")
def programs(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("programs")
    (folder / "sleep").write_text(SLEEP)
    (folder / "sleep").chmod(0o755)
    return folder


@given(SCRIPTS)
@settings(max_examples=60, deadline=None)
def test_a_shell_sleeps_as_long_as_is_read(programs, script):
    text = "".join(f"{command}{end}" for command, end in script)
    slept = programs / "slept"
    slept.write_text("")
    assume(run_by_shell(programs, "-n", "-c", text) == 0)
    run_by_shell(programs, "-c", text)
    hook, lasted = of_command("sh", "-c", text), sum(map(int, slept.read_text().split()))
    assert hook.seconds is None or hook.seconds == lasted or (hook.may_last_longer and hook.seconds < lasted)


def run_by_shell(programs, *arguments):
    environment = {"PATH": f"{programs}:/usr/bin:/bin"}
    return subprocess.run(["/bin/sh", *arguments], env=environment, capture_output=True, check=False).returncode
