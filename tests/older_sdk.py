"""Plugin of `make lowest`: tests that need a cluster or a node pool are skipped on a pulumi-gcp that cannot make them.

Such a test is one that fails after a component was refused for the version that is installed. The refusal is the
reason that pytest prints. On newer versions nothing is refused, so nothing is skipped. A version that a test only
pretends (`test_sdk`) does not count.
"""

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any
from unittest.mock import patch

import pytest

from gke_nodrop.cluster import sdk

_REFUSED_HERE = f"pulumi-gcp {version('pulumi-gcp')} lacks "
_refusals: list[str] = []
"""Those of the test that runs."""


def pytest_configure() -> None:
    fault = sdk.fault

    def noted(at: str, value: object, rule: str, *more: Any) -> Any:
        if rule.startswith(_REFUSED_HERE):
            _refusals.append(rule)
        return fault(at, value, rule, *more)

    patch.object(sdk, "fault", noted).start()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    _refusals.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report: Any = yield
    if report.failed and _refusals:
        path, line, _ = item.location
        report.outcome, report.longrepr = "skipped", (path, (line or 0) + 1, f"Skipped: {_refusals[0]}")
    return report
