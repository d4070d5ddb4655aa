"""The configurations that are compared."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Event = tuple[str | int, ...]
"""What happens: of pods `("run" | "ready" | "gate" | "gone", version)`, to the clock `("wait",)`, by somebody
`("roll", version)`, `("scale", replicas)`, `("unready", version)` and `("delete", version)` (one pod of it)."""
AT_REST = -1
"""Instead of a number of events: when nothing is left to happen."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One Deployment and what is done to it."""

    name: str
    replicas: int = 2
    max_surge: int | str = 1
    max_unavailable: int | str = 0
    min_ready_seconds: int = 0
    gated: bool = False
    """Whether pods have a readiness gate, which opens after the containers are ready."""
    gone_first: bool = False
    """Whether a deleted pod goes at once, or only when nothing else is left to happen."""
    failing: frozenset[str] = frozenset()
    """Versions whose pods never become ready."""
    policy: str = "Cluster"
    """externalTrafficPolicy of the Service."""
    spec: Mapping[str, object] = field(default_factory=dict)
    """Further fields of the Deployment's spec."""
    actions: tuple[tuple[int, Event], ...] = ((AT_REST, ("roll", "2")),)
    """What is done, each after so many events since the one before, or `AT_REST`."""


def _rest(*events: Event) -> tuple[tuple[int, Event], ...]:
    return tuple((AT_REST, event) for event in events)


ROLL = (AT_REST, ("roll", "2"))
BACK = (AT_REST, ("roll", "1"))

QUICK = (
    Case(name="2 pods, surge 1", gated=True),
    Case(name="4 pods, surge 2, unavailable 1", replicas=4, max_surge=2, max_unavailable=1),
    Case(name="3 pods, minReadySeconds 4", replicas=3, min_ready_seconds=4),
    Case(name="3 pods, failing, rollback", replicas=3, max_unavailable=1, failing=frozenset("2"), actions=(ROLL, BACK)),
    Case(name="4 pods, second rollout in the middle", replicas=4, actions=(ROLL, (3, ("roll", "3")))),
    Case(name="4 pods, scaled up in the middle", replicas=4, max_surge=2, actions=(ROLL, (3, ("scale", 8)))),
    Case(name="2 pods, unready, policy Local", policy="Local", actions=_rest(("unready", "1"), ("roll", "2"))),
    Case(name="3 pods, Recreate", replicas=3, spec={"strategy": {"type": "Recreate"}}),
)
"""Those of the normal suite."""

STRATEGIES = tuple(
    Case(
        name=f"{n} pod{'s'[: n > 1]}, surge {s}, unavailable {u}",
        replicas=n,
        max_surge=s,
        max_unavailable=u,
        gone_first=first,
    )
    for n, s, u, first in (
        (1, 1, 0, False),
        (1, 0, 1, True),
        (2, 0, 1, False),
        (3, 1, 1, True),
        (4, "25%", "25%", False),
        (5, "25%", "25%", True),
        (5, "50%", "0%", False),
        (6, 0, "34%", False),
        (6, "100%", 0, True),
        (6, 3, 2, False),
        (7, "30%", "30%", False),
        (10, "25%", "25%", False),
    )
)
TIMES = tuple(
    Case(
        name=f"{n} pods, surge {s}, unavailable {u}, minReadySeconds {m}{', gated' if gated else ''}",
        replicas=n,
        max_surge=s,
        max_unavailable=u,
        min_ready_seconds=m,
        gated=gated,
    )
    for n, s, u, m, gated in ((2, 1, 0, 3, False), (2, 1, 0, 5, True), (4, 2, 1, 3, False), (3, 0, 1, 4, True))
)
GATES = (
    Case(name="4 pods, gated, surge 2", replicas=4, max_surge=2, gated=True),
    Case(name="4 pods, gated, unavailable 2", replicas=4, max_surge=0, max_unavailable=2, gated=True, gone_first=True),
    Case(name="3 pods, gated, an old one unready", replicas=3, gated=True, actions=((AT_REST, ("unready", "1")), ROLL)),
)
FAILURES = (
    Case(name="2 pods, failing", failing=frozenset("2")),
    Case(
        name="4 pods, failing, unavailable 2, rollback",
        replicas=4,
        max_surge=1,
        max_unavailable=2,
        failing=frozenset("2"),
        actions=(ROLL, BACK),
    ),
    Case(
        name="4 pods, failing, third version cures",
        replicas=4,
        max_surge=2,
        max_unavailable=1,
        failing=frozenset("2"),
        actions=(ROLL, (AT_REST, ("roll", "3"))),
    ),
    Case(name="3 pods, failing from the start, cured", replicas=3, failing=frozenset("1")),
    Case(name="2 pods, failing, past the deadline", failing=frozenset("2"), spec={"progressDeadlineSeconds": 8}),
    Case(
        name="4 pods, two old ones unready, then a rollout",
        replicas=4,
        max_unavailable=1,
        actions=_rest(("unready", "1"), ("unready", "1"), ("roll", "2")),
    ),
    Case(name="3 pods, a new one unready in the middle", replicas=3, actions=(ROLL, (3, ("unready", "2")))),
    Case(name="3 pods, one deleted", replicas=3, actions=_rest(("delete", "1"))),
    Case(name="3 pods, an old one deleted in the middle", replicas=3, actions=(ROLL, (2, ("delete", "1")))),
)
ROLLBACKS = (
    Case(name="4 pods, rollback in the middle", replicas=4, actions=(ROLL, (4, ("roll", "1")))),
    Case(name="4 pods, rollback after the end", replicas=4, max_unavailable=1, actions=(ROLL, BACK)),
    Case(name="3 pods, rollback at once", replicas=3, actions=(ROLL, (0, ("roll", "1")))),
    Case(name="6 pods, rollback in the middle, surge 3", replicas=6, max_surge=3, actions=(ROLL, (5, ("roll", "1")))),
)
SECOND = (
    Case(name="3 pods, second rollout at once", replicas=3, actions=(ROLL, (0, ("roll", "3")))),
    Case(
        name="6 pods, second rollout in the middle, unavailable 2",
        replicas=6,
        max_surge=2,
        max_unavailable=2,
        actions=(ROLL, (5, ("roll", "3"))),
    ),
    Case(
        name="4 pods, second and third rollout",
        replicas=4,
        max_surge=2,
        actions=(ROLL, (3, ("roll", "3")), (3, ("roll", "4"))),
    ),
    Case(
        name="3 pods, Recreate, second rollout in the middle",
        replicas=3,
        gone_first=True,
        spec={"strategy": {"type": "Recreate"}},
        actions=(ROLL, (2, ("roll", "3"))),
    ),
)
SCALES = (
    Case(name="2 pods to 5 and back to 1", actions=_rest(("scale", 5), ("scale", 1))),
    Case(name="4 pods, scaled down in the middle", replicas=4, max_surge=2, actions=(ROLL, (3, ("scale", 2)))),
    Case(
        name="6 pods, scaled down in the middle, unavailable 2",
        replicas=6,
        max_surge=2,
        max_unavailable=2,
        actions=(ROLL, (5, ("scale", 3))),
    ),
    Case(
        name="4 pods, failing, scaled up",
        replicas=4,
        max_surge=2,
        max_unavailable=1,
        failing=frozenset("2"),
        actions=(ROLL, (AT_REST, ("scale", 10))),
    ),
    Case(
        name="10 pods, failing, scaled to 15",
        replicas=10,
        max_surge=3,
        max_unavailable=2,
        failing=frozenset("2"),
        actions=(ROLL, (AT_REST, ("scale", 15))),
    ),
    Case(
        name="10 pods, second rollout failing, scaled to 20 and 5",
        replicas=10,
        max_surge=4,
        max_unavailable=3,
        failing=frozenset("23"),
        actions=(ROLL, (AT_REST, ("roll", "3")), *_rest(("scale", 20), ("scale", 5))),
    ),
    Case(name="3 pods to 0 and back", replicas=3, actions=_rest(("scale", 0), ("scale", 3))),
)
PROXIES = (
    Case(
        name="4 pods, policy Local, surge 2, unavailable 1", replicas=4, max_surge=2, max_unavailable=1, policy="Local"
    ),
    Case(name="1 pod, policy Local", replicas=1, policy="Local"),
    Case(name="2 pods, all unready, policy Cluster", actions=_rest(("unready", "1"), ("unready", "1"))),
    Case(name="2 pods, scaled to 0, policy Cluster", actions=_rest(("scale", 0))),
)
ALL = (*QUICK, *STRATEGIES, *TIMES, *GATES, *FAILURES, *ROLLBACKS, *SECOND, *SCALES, *PROXIES)
