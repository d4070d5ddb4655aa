"""The lab needs no root: an ordinary user runs the preset, and nothing drops."""

import json
import os
import pickle
import shutil
import subprocess
import sys
from typing import Any

import pytest

from nodrop.lab.job import Experiment
from tests.lab.jobs import job

pytestmark = pytest.mark.lab

AS_AN_ORDINARY_USER = """
import json, os, pickle, sys
from nodrop.lab import sandbox
from nodrop.lab.results import to_json
job = pickle.load(sys.stdin.buffer)
print(json.dumps({"uid": os.geteuid(), "result": to_json(sandbox.run(job, lambda _phase: None))}))
"""
ORDINARY_USER = 65534


@pytest.fixture(scope="module")
def ordinary_user() -> tuple[str, dict[str, Any]]:
    """An interpreter that an ordinary user may run, and how to become that user; root turns into nobody."""
    become: dict[str, Any] = {"cwd": "/", "env": {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}}
    if os.geteuid() == 0:
        become |= {"user": ORDINARY_USER, "group": ORDINARY_USER, "extra_groups": []}
    system = shutil.which(f"python3.{sys.version_info.minor}", path="/usr/local/bin:/usr/bin")
    said = ""
    for python in filter(None, (sys.executable, system)):
        try:
            attempt = subprocess.run([python, "-c", "import nodrop.lab.experiments"], capture_output=True, **become)
        except PermissionError as error:
            said = str(error)
            continue
        if attempt.returncode == 0:
            return python, become
        said = attempt.stderr.decode()
    pytest.skip(f"user {ORDINARY_USER} cannot run this Python: {said}")


def test_an_ordinary_user_measures_the_same(neg_path, ordinary_user):
    python, become = ordinary_user
    run = subprocess.run(
        [python, "-c", AS_AN_ORDINARY_USER],
        input=pickle.dumps(job("preset", Experiment.ROLLOUT, neg_path)),
        capture_output=True,
        timeout=120,
        **become,
    )
    assert run.returncode == 0, run.stderr.decode()
    said = json.loads(run.stdout)
    assert said["uid"] != 0
    assert said["result"]["finished"]
    assert said["result"]["failures"] == {}
    assert said["result"]["requests"] > 1000
