"""The judgement of a field case by its file's name."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nodrop.judge import Judgement, judge
from nodrop.paths import read_manifests

FIELD_CASES = Path(__file__).parent / "field_cases"


@pytest.fixture
def judged() -> Callable[..., Judgement]:
    def judged(name: str, **stated: Any) -> Judgement:
        return judge(read_manifests([FIELD_CASES / name]), **stated)

    return judged
