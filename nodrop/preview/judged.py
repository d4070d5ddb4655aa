"""The judgement of an evaluated program: its Kubernetes objects, and what it says of them besides.

Not here: the judgement itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nodrop.judge import Facts, Judgement, judge
from nodrop.judge.judge import Surroundings
from nodrop.preview.infrastructure import ProgramInfrastructure
from nodrop.preview.program_objects import ProgramObjects
from nodrop.preview.resources import Evaluation


def judge_program(
    evaluation: Evaluation,
    *,
    facts: Mapping[str, Facts] | None = None,
    defaults: Facts | None = None,
    waivers: Callable[[str], Mapping[str, str]] = lambda _: {},
) -> Judgement:
    """The verdicts on the program's serving paths; the arguments are those of `judge`."""
    made = ProgramObjects(evaluation)
    return judge(made.all, facts=facts, defaults=defaults, waivers=waivers, surroundings=surroundings_of(made))


def surroundings_of(made: ProgramObjects) -> Surroundings:
    """What the program says besides the objects; they are known by themselves, and copies by their names."""
    infrastructure = ProgramInfrastructure(made)
    return Surroundings(
        rollout=infrastructure.rollout,
        autopilot=infrastructure.autopilot,
        changed_by=made.changed_by,
        known_by=made.known_by,
        by_pulumi=True,
        cluster=made.cluster,
        unread=tuple(made.unread.values()),
        doubted=made.doubted,
    )
