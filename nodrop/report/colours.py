"""Colours and marks that the drawings and the page share; the colours themselves stand in the style sheet."""

from dataclasses import dataclass

from nodrop.report.phases import MarkKind, PhaseKind

PHASE_VARIABLES = {
    PhaseKind.STARTING: "starting",
    PhaseKind.WAITING: "waiting",
    PhaseKind.SERVING: "serving",
    PhaseKind.UNREADY: "unready",
    PhaseKind.PRE_STOP: "pre-stop",
    PhaseKind.STOPPING: "stopping",
}

COLOURS = {
    name: f"#0000{code:02x}"
    for code, name in enumerate(
        ("ink", "muted", "line", "paper", "requests", "by-old", "failed", *PHASE_VARIABLES.values()), 1
    )
}
"""By CSS variable: matplotlib knows none, so each stands in the drawing as one otherwise unused colour."""


@dataclass(frozen=True)
class Marker:
    """How a mark is drawn."""

    shape: str
    """In matplotlib's notation."""
    size: float
    """Points."""
    offset: float
    """Rows below the middle of the pod's bar."""
    outline: str
    """The same shape as an SVG path within 5 units of the origin, for the legend."""


MARKERS = {
    MarkKind.ATTACHED: Marker("^", 5.5, 0.3, "M0-4 4 4H-4Z"),
    MarkKind.REMOVED: Marker("v", 5.5, -0.3, "M0 4 4-4H-4Z"),
    MarkKind.LAST_REQUEST: Marker("o", 5.5, 0.0, "M-4 0a4 4 0 0 1 8 0a4 4 0 0 1-8 0"),
    MarkKind.KILLED: Marker("X", 7.0, 0.0, "M-4-2-2-4 0-2 2-4 4-2 2 0 4 2 2 4 0 2-2 4-4 2-2 0Z"),
}
