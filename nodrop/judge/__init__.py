"""One judgement of serving paths: rules, problems of the objects, what could not be judged and why.

Every command that shows whether requests drop shows this: same verdicts, same words, same order. Nothing is read from
files here, and nothing is rehearsed.
"""

from nodrop.judge.change import ChangeJudgement, judge_change
from nodrop.judge.judge import judge
from nodrop.judge.judgement import Assumption, Judgement, PassedOver, PathJudgement, Verdict
from nodrop.judge.rehearsal import Rehearsal, with_rehearsals
from nodrop.rollout import Facts

__all__ = [
    "Assumption",
    "ChangeJudgement",
    "Facts",
    "Judgement",
    "PassedOver",
    "PathJudgement",
    "Rehearsal",
    "Verdict",
    "judge",
    "judge_change",
    "with_rehearsals",
]
