"""The sandbox on this machine: what it starts dies with it, and where it cannot start it says why."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from nodrop.lab import inside, sandbox, variants
from nodrop.lab.containers import Application
from nodrop.lab.errors import LabFailedError, LabUnavailableError
from nodrop.lab.job import Experiment, Job, Settings
from nodrop.lab.results import UnreadyResult
from nodrop.paths import Behaviour, behaviour, read_manifests, resolve
from nodrop.rollout import OnTerm

pytestmark = pytest.mark.lab

MANIFESTS = Path(__file__).parent / "manifests"
FOREIGN = Behaviour(longest_request_seconds=10, startup_seconds=5, keep_alive_timeout_seconds=620, on_term=OnTerm.EXIT)


def job(manifest: str, experiment: Experiment, command: str | None = None, speed_up: float = 30) -> Job:
    (path,) = resolve(read_manifests([MANIFESTS / manifest])).paths
    application = Application(behaviour(path.deployment, FOREIGN), command)
    settings = Settings(speed_up=speed_up)
    return Job(experiment=experiment, variant=manifest, path=path, application=application, settings=settings)


def ignore(_phase: str) -> None:
    pass


RUN = f"""
import os, sys
from dataclasses import replace
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_sandbox import Experiment, ignore, job, sandbox
asked = job("neg.yaml", Experiment.ROLLOUT)
mark = {{"NODROP_TEST_MARK": os.environ["NODROP_TEST_MARK"]}}  # a container has nothing else of the environment
sandbox.run(replace(asked, application=replace(asked.application, environment=mark)), ignore)
"""


def start(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", RUN], env=environment, stderr=subprocess.DEVNULL)


@pytest.mark.parametrize("delay", [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9, 1.2, 1.7, 2.5, 3.5, 4.5, 5.5])
def test_leaves_nothing_behind_when_its_caller_is_killed_at_any_moment(delay: float, marked) -> None:
    links, files = os.listdir("/sys/class/net"), sorted(os.listdir(inside.WORK_FOLDER))
    caller = start(marked.environment)
    time.sleep(delay)
    caller.send_signal(signal.SIGKILL)
    caller.wait()
    assert marked.gone_within(1), marked.processes()
    assert os.listdir("/sys/class/net") == links
    assert sorted(os.listdir(inside.WORK_FOLDER)) == files


@pytest.mark.parametrize("generation", [1, 2])
def test_takes_everything_along_when_one_of_its_own_processes_is_killed(generation: int, marked) -> None:
    caller = start(marked.environment)
    begun = time.monotonic()
    while len(running := marked.processes()) <= 6:  # caller, child, first process, Envoy, two pods, traffic
        assert time.monotonic() - begun < 20, running
        time.sleep(0.1)
    os.kill(running[generation], signal.SIGKILL)
    assert caller.wait(timeout=5) != 0
    assert marked.gone_within(1), marked.processes()


def test_says_what_to_do_where_namespaces_are_refused() -> None:
    refused = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
import os
from nodrop.lab.data_plane import namespaces
uid, gid = os.geteuid(), os.getegid()
namespaces.unshare(namespaces.CLONE_NEWUSER)
namespaces.map_to_root(uid, gid)
with open("/proc/sys/user/max_user_namespaces", "w") as limit:
    limit.write("0")
from test_sandbox import Experiment, LabUnavailableError, ignore, job, sandbox
try:
    sandbox.run(job("neg.yaml", Experiment.ROLLOUT), ignore)
except LabUnavailableError as error:
    print(error)
"""
    said = subprocess.run(
        [sys.executable, "-c", refused], capture_output=True, text=True, check=True, timeout=30
    ).stdout
    assert "does not let a normal user make namespaces" in said
    assert "kernel.apparmor_restrict_unprivileged_userns=0" in said


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can lack root's capabilities")
def test_says_what_root_needs_to_run_containers_as_nobody() -> None:
    without = f"""
import ctypes, os, sys
PR_CAPBSET_DROP, CAP_SETUID = 24, 7
if "again" not in sys.argv:
    ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_SETUID, 0, 0, 0)
    os.execv(sys.executable, [*sys.orig_argv, "again"])
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_sandbox import Experiment, LabUnavailableError, ignore, job, sandbox
try:
    sandbox.run(job("neg.yaml", Experiment.ROLLOUT), ignore)
except LabUnavailableError as error:
    print(error)
"""
    said = subprocess.run([sys.executable, "-c", without], capture_output=True, text=True, check=True).stdout
    assert "root without the capabilities SETUID and SETGID cannot map the user nobody" in said


@pytest.mark.parametrize("package", ["envoy", "aiohttp", "pyroute2"])
def test_says_which_package_is_missing_and_what_brings_it(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"{package}.py").write_text(f"raise ModuleNotFoundError('hidden', name={package!r})")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(LabUnavailableError, match=rf"package {package} is missing.*gke-nodrop\[lab\]"):
        sandbox.run(job("neg.yaml", Experiment.ROLLOUT), ignore)


def test_says_so_where_the_callers_own_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "nodrop.lab.pipe", raising=False)
    monkeypatch.delattr("nodrop.lab.pipe", raising=False)
    monkeypatch.setitem(sys.modules, "msgspec", None)
    with pytest.raises(LabUnavailableError, match=r"package msgspec is missing.*gke-nodrop\[lab\]"):
        sandbox.run(job("neg.yaml", Experiment.ROLLOUT), ignore)


def test_needs_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(LabUnavailableError, match="needs Linux"):
        sandbox.run(job("neg.yaml", Experiment.ROLLOUT), ignore)


def test_an_application_that_never_becomes_ready_is_a_failure_that_names_the_judges() -> None:
    judges = "kubelet: GET :8080/ready/ refused; load balancer: GET /ready/ refused"
    with pytest.raises(LabFailedError, match=f"does not become available .*: {judges}"):
        sandbox.run(job("neg.yaml", Experiment.ROLLOUT, command="sleep 600", speed_up=200), ignore)


def test_a_command_that_does_not_exist_is_a_failure_in_one_line_that_names_it() -> None:
    with pytest.raises(LabFailedError) as failure:
        sandbox.run(job("neg.yaml", Experiment.ROLLOUT, command="no-such-command {port}"), ignore)
    assert str(failure.value) == "the command 'no-such-command' cannot be run: No such file or directory"


def test_a_deployment_without_replicas_is_a_failure_that_names_it() -> None:
    asked = job("neg.yaml", Experiment.UNREADY)
    with pytest.raises(LabFailedError, match="demo/web has no replicas"):
        sandbox.run(replace(asked, path=variants.with_replicas(asked.path, 0)), ignore)


ANONYMOUS = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    ready = True
    def log_message(self, *_): pass
    def do_GET(self):
        if self.path == "/fail": Handler.ready = False
        self.send_response(503 if self.path == "/ready/" and not self.ready else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()
http.server.ThreadingHTTPServer(("", int(sys.argv[1])), Handler).serve_forever()
"""


@pytest.fixture
def anonymous(tmp_path: Path) -> Application:
    """An application that does not say which pod it is."""
    (path,) = resolve(read_manifests([MANIFESTS / "neg.yaml"])).paths
    (tmp_path / "server.py").write_text(ANONYMOUS)
    command = f"{sys.executable} {tmp_path / 'server.py'} {{port}}"
    return Application(behaviour(path.deployment, FOREIGN), command, "/fail")


def test_behind_a_node_port_an_application_that_does_not_name_its_pod_gets_no_verdict(anonymous: Application) -> None:
    asked = replace(job("node_port.yaml", Experiment.UNREADY), application=anonymous)
    with pytest.raises(LabFailedError, match="X-Pod"):
        sandbox.run(asked, ignore)


def test_behind_a_neg_the_proxys_own_word_says_which_pod_answered(anonymous: Application) -> None:
    result = sandbox.run(replace(job("neg.yaml", Experiment.UNREADY), application=anonymous), ignore)
    assert isinstance(result, UnreadyResult)
    assert result.last_request_seconds is not None
    assert sum(pod.requests for pod in result.pods) == result.requests - sum(result.failures.values())


def test_a_run_that_outlasts_its_wall_clock_is_ended_with_one_clear_message(marked, monkeypatch) -> None:
    monkeypatch.setattr(sandbox, "WALL_CLOCK_LIMIT_SECONDS", 2)
    begun = time.monotonic()
    with pytest.raises(LabFailedError, match=r"^the run was ended after 2 s of wall clock"):
        sandbox.run(job("neg.yaml", Experiment.ROLLOUT, speed_up=1), ignore)
    assert time.monotonic() - begun < 10
