"""Large inputs end within stated bounds of time and memory, or are refused in one line."""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nodrop.paths.files import reading
from nodrop.paths.files.reading import read

CLEAN = (Path(__file__).parents[1] / "judge" / "clean" / "ingress.yaml").read_text()
MEASURED = r"""
import re, runpy, sys
from pathlib import Path
try:
    runpy.run_module("nodrop", run_name="__main__")
finally:
    print(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1], file=sys.stderr)
"""


def checked(path: Path) -> tuple[int, float, int]:
    """Serving paths of a check, its seconds of CPU and its peak memory in MiB.

    VmHWM is of the program alone; ru_maxrss is at least that of the process that started it.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    argv = [sys.executable, "-P", "-c", MEASURED, "check", str(path), "--format", "json"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=900)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return len(json.loads(done.stdout)["paths"]), seconds, int(done.stderr.split()[-1]) // 1024


def copy(number: int) -> str:
    return CLEAN.replace("shop", f"shop-{number}")


@pytest.mark.slow
def test_5000_files_are_judged_within_a_minute_of_cpu_and_500_mib(tmp_path):
    for number in range(5000):
        (tmp_path / f"{number}.yaml").write_text(copy(number))
    paths, seconds, mebibytes = checked(tmp_path)
    assert paths == 5000
    assert seconds < 60
    assert mebibytes < 500


@pytest.mark.slow
def test_one_file_of_50_mb_is_judged_within_three_minutes_of_cpu_and_1200_mib(tmp_path):
    file, count = tmp_path / "all.yaml", 50_000_000 // len(CLEAN)
    file.write_text("\n---\n".join(map(copy, range(count))))
    paths, seconds, mebibytes = checked(file)
    assert paths == count
    assert seconds < 180
    assert mebibytes < 1200


def test_many_files_have_a_limit_together_that_is_told_once(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MAX_TOTAL_CHARACTERS", 2 * len(CLEAN))
    for number in range(5):
        (tmp_path / f"{number}.yaml").write_text(CLEAN)
    seen = read([tmp_path])
    assert len(seen.objects) == 2 * len(read([tmp_path / "0.yaml"]).objects)
    (fault,) = seen.faults
    assert fault.file == str(tmp_path / "2.yaml")
    assert "larger than" in fault.reason


@pytest.mark.slow
def test_a_reading_stops_soon_after_its_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MAX_TOTAL_CHARACTERS", len(CLEAN))
    for number in range(2000):
        (tmp_path / f"{number}.yaml").write_text(CLEAN)
    began = time.process_time()
    assert len(read([tmp_path]).faults) == 1
    assert time.process_time() - began < 5
