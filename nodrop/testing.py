"""For tests of one's own Pulumi program: what it makes, typed, and assertions in the words of serving without drops.

A pytest plugin: `pytest_plugins = ["nodrop.testing"]` in the root conftest.py brings the fixture `evaluated`. Programs
are evaluated offline, as in `nodrop preview`. Not here: rehearsing a path on real packets (`nodrop rehearse`), the real
engine.
"""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # read when grpc is imported: its C core writes to stderr otherwise

import pytest

from nodrop.gke.applications import LONGEST_REQUEST_SECONDS
from nodrop.judge import Facts, judge
from nodrop.judge.problems import is_of_another_controller
from nodrop.paths import Behaviour, ServingPath, resolve
from nodrop.paths.fields import ref_of
from nodrop.paths.names import apart
from nodrop.project_file import ProjectFile, nearest_project_file, weighed, weighed_change
from nodrop.rollout import Diagnostic, Origin
from nodrop.rollout.behaviour import WORDS

if TYPE_CHECKING:
    from nodrop.judge import ChangeJudgement, Judgement, PathJudgement
    from nodrop.preview import Evaluation, ProgramObjects, Resource, StackOutputs


__tracebackhide__ = True  # pytest shows the user's own line and what was found, no frame of this module


@dataclass(frozen=True)
class Program:
    """An evaluated program."""

    evaluation: Evaluation

    @property
    def outputs(self) -> Mapping[str, Any]:
        """The stack's exports."""
        return self.evaluation.outputs

    @property
    def warnings(self) -> list[str]:
        """What the program logged as warnings."""
        return [each.message for each in self.evaluation.diagnostics if each.severity == "warning"]

    @property
    def unread(self) -> list[str]:
        """What makes Kubernetes objects that are not evaluated, such as a Helm release, each with the reason."""
        return [str(each) for each in self._made.unread.values()]

    def all(self, kind: str) -> list[Resource]:
        """The resources of a kind, such as "Deployment", or of a whole type token, in the program's order."""
        return [each for each in self.evaluation.resources if kind in (each.type, _kind(each))]

    def one(self, kind: str, name: str | None = None) -> Resource:
        """The one resource of a kind, or of a kind and logical name. AssertionError says what there is instead."""
        found = [each for each in self.all(kind) if name in (None, each.name)]
        if len(found) != 1:
            wanted = kind if name is None else f"{kind} {name}"
            there = ", ".join(f"{_kind(each)} {each.name}" for each in found or self.evaluation.resources[1:])
            raise AssertionError(f"{len(found) or 'no'} {wanted}; there are {there}")
        return found[0]

    def inventory(self) -> dict[str, int]:
        """How many resources there are of each kind, components and providers apart."""
        made = (each for each in self.evaluation.resources if each.custom and not each.type.startswith("pulumi:"))
        return dict(sorted(Counter(map(_kind, made)).items()))

    def needs(self, resource: Resource) -> set[str]:
        """URNs of all that must exist before a resource: what it depends on, its provider, its parents, and theirs."""
        found: set[str] = set()
        left = [resource.urn]
        while left:
            each = self._by_urn.get(left.pop())
            if each is not None and each.urn not in found:
                found.add(each.urn)
                left += [*each.dependencies, *filter(None, (each.parent, each.provider))]
                left += [urn for urns in each.property_dependencies.values() for urn in urns]
        return found - {resource.urn}

    @cached_property
    def objects(self) -> tuple[dict[str, Any], ...]:
        """The Kubernetes objects, secrets masked."""
        return tuple(self._made.all)

    @cached_property
    def paths(self) -> tuple[ServingPath, ...]:
        """The serving paths. AssertionError names each Ingress or Gateway of GKE's that leads nowhere."""
        resolutions = {cluster: resolve(objects) for cluster, objects in self._made.by_cluster.items()}
        problems = [each for one in resolutions.values() for each in one.problems if not is_of_another_controller(each)]
        if problems:
            raise AssertionError("\n".join(map(str, problems)))
        paths = {cluster: one.paths for cluster, one in resolutions.items()}
        return tuple(apart(paths, self._made.by_cluster))

    def path(self, name: str) -> ServingPath:
        """The serving path of a name, or the only one to the Service of that name, such as "shop/web"."""
        wanted = _meant(name, [each.name for each in self.paths])
        return next(each for each in self.paths if each.name == wanted)

    def judged(self, stated: Behaviour | None = None) -> Judgement:
        """The judgement of the program, for applications that behave as `stated` unless something states otherwise.

        What `nodrop.yaml` says, here or above, counts as for `nodrop check`.
        """
        from nodrop.preview import surroundings_of

        owner = _owner(self)
        judgement = judge(
            self.objects,
            facts=owner.facts(self.objects),
            defaults=Facts(**vars(stated)) if stated else None,
            waivers=owner.reasons,
            surroundings=surroundings_of(self._made),
        )
        return weighed(judgement, owner)

    def concerns(self, path: str) -> set[str]:
        """The objects that a path is made of, such as "Service shop/web"."""
        found = self.path(path)
        return {str(ref_of(each)) for each in (found.service, found.entry, *found.http_routes, found.deployment)}

    @cached_property
    def _by_urn(self) -> dict[str, Resource]:
        return {each.urn: each for each in self.evaluation.resources}

    @cached_property
    def _made(self) -> ProgramObjects:
        from nodrop.preview import ProgramObjects

        return ProgramObjects(self.evaluation)


class Evaluate(Protocol):
    """The fixture `evaluated`."""

    def __call__(
        self,
        program: Path | str | Callable[[], object],
        stack: str = "dev",
        *,
        config: Mapping[str, str] | None = None,
        stack_outputs: StackOutputs | None = None,
    ) -> Program:
        """The program of a project's folder, or a function that makes resources, evaluated for a stack.

        `stack_outputs`: of the stacks that it references, by name, such as `{"org/infra/dev": {"ns": "web"}}`.
        """
        ...


@pytest.fixture
def evaluated() -> Evaluate:
    """Evaluates a program offline: `evaluated("path/of/project", "dev")`, or of a function `evaluated(main)`."""

    def run(program: Path | str | Callable[[], object], stack: str = "dev", **given: Any) -> Program:
        from nodrop.preview import ProgramError, ProjectError, evaluate, evaluate_function, refuse_unreferenced

        try:
            if isinstance(program, (str, Path)):
                evaluation = evaluate(Path(program), stack, **given)
            else:
                evaluation = evaluate_function(program, stack=stack, **given)
            refuse_unreferenced(given.get("stack_outputs") or (), [evaluation])
            return Program(evaluation)
        except (ProgramError, ProjectError) as error:
            raise error.with_traceback(None) from None  # its message has the program's own frames

    return run


def assert_no_dropped_requests(program: Program, path: str | None = None, stated: Behaviour | None = None) -> None:
    """One serving path, or each, is judged, and by that judgement drops no request; accepted breaches apart.

    Without a path, no object beside the paths is refused either.

    The verdict is that of `nodrop check --stack`, with what `nodrop.yaml` states.

    Args:
        program: evaluated.
        path: name of the path, such as "shop/web"; None: each one, of which there must be one at least.
        stated: how the application behaves, where its Deployment does not say.

    Raises:
        AssertionError: it names each broken rule, with what was seen, why it drops requests, and what would pass; and
            what could not be judged, such as a way through a NodePort.
    """
    judged = program.judged(stated)
    unread = [f"not judged: {each}" for each in program.unread]
    if path is None and not judged.paths:
        raise AssertionError("\n".join(["the program has no serving path", *unread]))
    wanted = None if path is None else _meant(path, [each.name for each in judged.paths])
    paths = [each for each in judged.paths if wanted in (None, each.name)]
    broken = [line for each in paths for line in _broken(each)]
    if path is None:
        broken += [f"on no path: {_text(each)}" for each in judged.objects if each.is_error]
    if broken:
        raise AssertionError("\n".join(broken))
    for each in unread:
        warnings.warn(each, stacklevel=2)


def assert_update_drops_no_requests(before: Program, after: Program, path: str | None = None) -> None:
    """An update of one serving path, or of each, from one evaluated program to the next, breaks no rule of change.

    The verdict is that of `nodrop preview --against` the state that `before` leaves. What only may drop requests, or
    what no update can avoid, such as pods without preStop that it replaces, is a Python warning.

    Args:
        before: evaluated.
        after: evaluated.
        path: name of the path in `before`, such as "shop/web"; None: each one, of which there must be one at least.

    Raises:
        AssertionError: it names each broken rule, with the steps to take instead; and what could not be compared.
    """
    from nodrop.preview import as_deployed, compare

    owner = _owner(after)
    change = compare(after.evaluation, as_deployed(before.evaluation), waivers=owner.reasons, facts=owner.facts_of)
    judged = weighed_change(change, owner)
    not_compared = [f"update: not compared: {each}" for each in judged.not_compared]
    try:
        found = judged.diagnostics if path is None else _concerning(path, change, owner)
    except AssertionError as error:
        raise AssertionError("\n".join([str(error), *map(str, judged.not_compared)])) from None
    if path is None and not judged.paths:
        raise AssertionError("\n".join(["the program had no serving path", *not_compared]))
    told = {each: f"update{f' of {path}' if path else ''}: {_text(each)}" for each in found if each.waiver is None}
    broken = [text for each, text in told.items() if each.is_error] + not_compared
    if broken:
        raise AssertionError("\n".join(broken))
    for text in told.values():
        warnings.warn(text, stacklevel=2)


def _concerning(path: str, change: ChangeJudgement, owner: ProjectFile) -> tuple[Diagnostic, ...]:
    """What was found of one path, and of what is no object. Raises AssertionError where no path is meant."""
    meant = _meant(path, change.paths)
    of_path = next((each for each in change.of_clusters if meant in each.paths), change)
    concerned = of_path.concerned[meant]
    weighed = weighed_change(of_path, owner).diagnostics
    return tuple(each for each in weighed if each.object is None or each.object in concerned)


def _meant(name: str, names: Collection[str]) -> str:
    """The one of these names, or the only one that begins so and says besides what tells its path from others.

    Raises AssertionError where it is none or several.
    """
    found = [name] if name in names else [each for each in names if each.partition(" ")[0] == name]
    if len(found) != 1:
        raise AssertionError(f"{len(found) or 'no'} path{'s' if found else ''} {name}; there are {list(names)}")
    return found[0]


def _owner(program: Program) -> ProjectFile:
    """What nodrop.yaml states, here or above; an entry that nearly names a workload of the program is a warning."""
    owner = nearest_project_file(Path())
    for slip in owner.slips(program.objects):
        warnings.warn(slip, stacklevel=4)
    return owner


def _broken(judged: PathJudgement) -> Iterator[str]:
    longest = WORDS["longest_request_seconds"]
    if judged.path and any(each.name == longest and each.origin is Origin.DEFAULT for each in judged.assumptions):
        yield _unknown_behaviour(judged.path)
    yield from (f"path {judged.name}: {_text(each)}" for each in judged.diagnostics if each.is_error)
    yield from (f"path {judged.name}: not judged: {each}" for each in judged.not_judged)


def _text(diagnostic: Diagnostic) -> str:
    return (
        f"{diagnostic.rule} ({diagnostic.severity}): {diagnostic.input} = {diagnostic.value}: {diagnostic.seen}; "
        f"{diagnostic.why} [{diagnostic.source}]. Would pass: {diagnostic.would_pass}"
    )


def _unknown_behaviour(path: ServingPath) -> str:
    return (
        f"path {path.name}: how the application behaves is not known: the Deployment has no annotation "
        f"{LONGEST_REQUEST_SECONDS}. RollingDeployment and WebService write it; else state it in nodrop.yaml, or give "
        "a Behaviour"
    )


def _kind(resource: Resource) -> str:
    return resource.type.rpartition(":")[2]
