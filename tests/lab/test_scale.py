"""What `make scale` writes down of a run: its figures, or why there are none."""

import re
from pathlib import Path

from benchmarks import scale

ROW = {
    "name": "2 pods",
    "command": "nodrop rehearse",
    "real_seconds": 99,
    "speed_up": 3.0,
    "load_generator": "vegeta",
    "requests_per_real_second": 5100,
    "traffic_real_seconds": 63,
    "requests": 321_300,
    "failed": 0,
    "latest_real_seconds": {"pods": 0.0123, "proxies": 0.0456},
    "said": "",
}


def test_a_row_says_who_sent_and_which_part_was_latest() -> None:
    told = ["2 pods", "0 of 321,300", "5,100, vegeta", "63 s", "3x", "proxies, 46 ms", "99 s"]
    assert scale.cells(ROW) == told


def test_a_run_without_a_result_is_told_with_its_reason_and_never_as_clean() -> None:
    (_, failed, *_, lasted) = scale.cells({**ROW, "failed": None, "requests": None, "said": "machine too busy"})
    assert (failed, lasted) == ("undecided: machine too busy", "99 s")


def test_the_record_names_day_and_cores_and_repeats_each_command() -> None:
    text = scale.markdown({"day": "2026-11-27", "cores": 2, "rows": [ROW]})
    assert text.startswith("Recorded on 2026-11-27 on 2 cores.\n")
    assert "- 2 pods: `nodrop rehearse`" in text


def test_the_page_has_a_place_for_it() -> None:
    assert re.search(f"{scale.BEGIN}\n.*{scale.END}", scale.PAGE.read_text(), re.DOTALL)


def test_every_size_that_is_claimed_has_a_case_whose_manifests_are_there() -> None:
    names = [case.name for case in scale.CASES]
    assert [name for name in names if "pod" in name][:4] == ["1 pod", "2 pods", "20 pods", "90 pods"]
    files = [word for case in scale.CASES for word in case.command.split() if word.endswith(".yaml")]
    assert files
    assert all((Path(scale.PROJECT) / file).exists() for file in files)
