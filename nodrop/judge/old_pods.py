"""How the pods end that a change replaces: by the judgement of the version that they are of."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from nodrop.judge.judge import judge
from nodrop.judge.judgement import Judgement
from nodrop.paths import Manifest
from nodrop.paths.changes import PathChange, objects_of
from nodrop.rollout import Diagnostic, Facts
from nodrop.rollout.registry import all_rules


class OldPods:
    """The version before, judged once some pods of it are replaced."""

    def __init__(
        self,
        before: Iterable[Manifest],
        changes: Iterable[PathChange],
        facts: Callable[[str], Facts],
        defaults: Facts,
        waivers: Callable[[str], Mapping[str, str]],
    ) -> None:
        self._before = list(before)
        deployments = (each for path in changes for each in path.objects if each.kind == "Deployment")
        workloads = {f"{each.namespace}/{each.name}" for each in deployments}
        self._facts = {each: facts(each) for each in workloads}
        self._defaults = defaults
        self._waivers = waivers

    @cached_property
    def _judged(self) -> Judgement:
        return judge(self._before, facts=self._facts, defaults=self._defaults, waivers=self._waivers)

    def ends_badly(self, path: PathChange) -> tuple[Diagnostic, ...]:
        """Why the pods drop requests when they end, where the change replaces them; what was accepted is left out."""
        if not path.ends_pods:
            return ()
        same = [each for each in self._judged.paths if each.path and objects_of(each.path) == path.objects]
        rules = all_rules()
        found = (each for one in same for each in one.diagnostics if each.is_error and rules[each.rule].ends_pods)
        return tuple(dict.fromkeys(found))
