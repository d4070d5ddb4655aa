"""What PodDisruptionBudgets allow, counted over all pods that each of them selects, whichever workload made them.

Source: kubernetes/kubernetes pkg/controller/disruption/disruption.go, getExpectedPodCount, updatePdbStatus.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from math import ceil

from nodrop.paths.fields import Field, Manifest, whole
from nodrop.paths.index import namespace_of
from nodrop.paths.problems import ReadingError
from nodrop.paths.selectors import selects
from nodrop.paths.workloads import fewest_pods
from nodrop.rollout import DisruptionBudget, ObjectRef

_PERCENTAGE = re.compile(r"[0-9]{1,6}%")


def read_budget(budgets: list[Field], pods: Callable[[Field], int]) -> DisruptionBudget | None:
    """What budgets of the same pods allow together; of several for one pod the eviction API refuses every eviction.

    `pods` says how many pods a budget selects at least. Raises ReadingError.
    Source: kubernetes/kubernetes pkg/registry/core/pod/storage/eviction.go.
    """
    if not budgets:
        return None
    allowed = [_allowed(each["spec"], pods(each)) for each in budgets]
    policies = {each["spec"]["unhealthyPodEvictionPolicy"].text() for each in budgets}
    return DisruptionBudget(
        allowed_disruptions=allowed[0] if len(budgets) == 1 else 0, always_allows_unhealthy=policies == {"AlwaysAllow"}
    )


class PodsBeside:
    """The fewest pods of all workloads that state their replicas, by label, to be counted under budgets."""

    def __init__(self, objects: Iterable[Manifest], autoscalers: Callable[[Manifest], list[Manifest]]) -> None:
        """`autoscalers` tells those that decide about a workload."""
        by_ref: dict[ObjectRef, tuple[str, Mapping[str, object], int]] = {}
        for each in objects:
            given = whole(each)
            try:
                pods = fewest_pods(given, map(whole, autoscalers(each)))
                labels = given["spec"]["template"]["metadata"]["labels"].mapping()
                namespace = namespace_of(given)
            except ReadingError:
                continue
            if pods or given.object in by_ref:
                by_ref[given.object] = namespace, labels, pods
        self._by_label: dict[tuple[str, str], dict[ObjectRef, tuple[Mapping[str, object], int]]] = {}
        for ref, (namespace, labels, pods) in by_ref.items():
            for label in ("", *(f"{key}={value}" for key, value in labels.items())):
                self._by_label.setdefault((namespace, label), {})[ref] = labels, pods
        self._counted: dict[ObjectRef, dict[ObjectRef, int]] = {}

    def under(self, budget: Field, own: ObjectRef) -> int:
        """The pods that a budget selects at least, without those of one workload. Raises ReadingError."""
        if budget.object not in self._counted:
            selector = budget["spec"]["selector"]
            labels = [f"{key}={value}" for key, value in selector["matchLabels"].mapping().items()] or [""]
            having = [self._by_label.get((namespace_of(budget), label), {}) for label in labels]
            candidates = min(having, key=len)
            selected = {ref: pods for ref, (labels, pods) in candidates.items() if selects(selector, labels)}
            self._counted[budget.object] = selected
        counted = self._counted[budget.object]
        return sum(counted.values()) - counted.get(own, 0)


def _allowed(spec: Field, pods: int) -> int:
    if spec["maxUnavailable"].value is not None:
        return _pods(spec["maxUnavailable"], pods)
    if spec["minAvailable"].value is None:
        return 0  # of a budget with neither field, which the API takes, the controller expects no pods
    return max(0, pods - _pods(spec["minAvailable"], pods))


def _pods(field: Field, pods: int) -> int:
    """A number of pods or a percentage, rounded up."""
    number, text = field.number(), field.value
    if number is not None and number >= 0:
        return number
    if isinstance(text, str) and _PERCENTAGE.fullmatch(text):
        return ceil(int(text[:-1]) * pods / 100)
    raise field.error('a number of pods such as 1 or a percentage such as "25%"')
