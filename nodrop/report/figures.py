"""Numbers as text: plain ASCII, rounded so that a few never read as none nor most as all."""

import math


def seconds(value: float) -> str:
    """Seconds with one decimal, never "-0.0"."""
    return f"{round(value, 1) + 0.0:.1f}"


def count(value: float) -> str:
    """A whole number with thousands separated."""
    return f"{value:,.0f}"


def expected(value: float) -> str:
    """An expectation in whole numbers; a small one does not read as none."""
    return "<1" if 0 < value < 1 else count(value)


def percent(share: float) -> str:
    """A share (0 to 1) in percent; near 0 and 1 with a decimal, so that a few do not read as none nor most as all."""
    if 0 < share < 0.001:
        return "<0.1 %"
    if 0.99 < share < 1:
        return f"{math.floor(1000 * share) / 10:.1f} %"
    return f"{100 * share:.1f} %" if 0 < share < 0.1 else f"{100 * share:.0f} %"


def upper_bound(share: float) -> str:
    """An upper bound of a share (0 to 1) in percent, rounded up so that it stays one."""
    return f"<= {math.ceil(min(share, 1) * 10_000) / 100:.2f} %"
