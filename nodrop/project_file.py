"""The file `nodrop.yaml`: what the owner states that no object says. docs/nodrop-yaml.md explains it.

Facts about applications, waivers with their reasons, other severities. Read here and checked as a whole; what follows
from it is the judgement's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from nodrop.judge import ChangeJudgement, Facts, Judgement
from nodrop.judge.judgement import in_order, worst_first
from nodrop.paths import Manifest
from nodrop.paths.fields import ref_of
from nodrop.rollout import RULE_NAMES, Diagnostic, OnTerm, Severity
from nodrop.rollout.facts import MAX_INT32
from nodrop.rollout.registry import all_rules
from nodrop.rollout.text import meant, one_line
from nodrop.rollout.waivers import UNWAIVABLE, WAIVABLE
from nodrop.yaml_file import YamlFileError, place, read_node, short

if TYPE_CHECKING:
    from yaml import Node

NAME = "nodrop.yaml"
_SLIPS = frozenset({NAME, "nodrop.yml", ".nodrop.yaml", ".nodrop.yml", "gke-nodrop.yaml", "nodrop.json"})
"""Names, in lower case, that look meant for it."""
_SEVERITIES = {severity.value: severity for severity in (Severity.ERROR, Severity.WARNING)}
_KEYS = ("severities", "accept", "workloads")

Fact = float | OnTerm
Read = TypeVar("Read")


class ProjectFileError(ValueError):
    """What is wrong with the file, one line a fault, each with file and line."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, kw_only=True)
class Workload:
    """What is stated about the workloads whose `namespace/name` matches."""

    pattern: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    """By the names of `Facts`' fields."""
    accept: Mapping[str, str] = field(default_factory=dict)
    """Reason by rule name."""


@dataclass(frozen=True, kw_only=True)
class ProjectFile:
    """Everything that the file states; as given by default, nothing."""

    severities: Mapping[str, Severity] = field(default_factory=dict)
    accept: Mapping[str, str] = field(default_factory=dict)
    """Reason by rule name, for every workload."""
    workloads: tuple[Workload, ...] = ()
    file: Path | None = field(default=None, compare=False)
    """Where all that was read from; None: from no file."""

    def facts(self, objects: Iterable[Manifest]) -> dict[str, Facts]:
        """What is stated about each Deployment among the objects, by its namespace and name, such as `demo/web`."""
        named = _deployments(objects) if self.workloads else ()
        return {name: self.facts_of(name) for name in named}

    def slips(self, objects: Iterable[Manifest]) -> Iterator[str]:
        """Entries of no Deployment among the objects, where one of which nothing is stated has nearly that name.

        Each with the file.
        """
        named = _deployments(objects) if self.workloads else ()
        unnamed = [name for name in named if not any(self._matching(name))]
        for each in self.workloads:
            if not any(fnmatchcase(name, each.pattern) for name in named):
                near = meant(each.pattern, unnamed)
                if near:
                    yield f"{self.file or NAME}: workloads.{each.pattern} matches no Deployment here{near}"

    def reasons(self, workload: str) -> dict[str, str]:
        """Reason by rule that the owner accepts of a workload, such as `demo/web`; a later entry goes before."""
        own = {rule: reason for each in self._matching(workload) for rule, reason in each.accept.items()}
        return {**self.accept, **own}

    def facts_of(self, workload: str) -> Facts:
        """What is stated about a workload, such as `demo/web`: a later entry goes before."""
        stated = {key: value for each in self._matching(workload) for key, value in each.facts.items()}
        return replace(Facts(), **stated)

    def _matching(self, workload: str) -> Iterator[Workload]:
        return (each for each in self.workloads if fnmatchcase(workload, each.pattern))


def _deployments(objects: Iterable[Manifest]) -> tuple[str, ...]:
    """Namespace and name of each, such as `demo/web`."""
    refs = (ref_of(each) for each in objects if each.get("kind") == "Deployment")
    return tuple(dict.fromkeys(f"{ref.namespace}/{ref.name}" for ref in refs))


def weighed(judgement: Judgement, stated: ProjectFile) -> Judgement:
    """The judgement with the severities of the file; its waivers are for `judge` to ask `reasons` for."""
    if not stated.severities:
        return judgement
    paths = [replace(path, diagnostics=_weighed(path.diagnostics, stated)) for path in judgement.paths]
    return replace(judgement, paths=worst_first(paths), objects=_weighed(judgement.objects, stated))


def weighed_change(change: ChangeJudgement, stated: ProjectFile) -> ChangeJudgement:
    """The judgement of a change, likewise; its waivers are for `judge_change` to ask `reasons` for."""
    return replace(change, diagnostics=_weighed(change.diagnostics, stated))


def _weighed(found: Iterable[Diagnostic], stated: ProjectFile) -> tuple[Diagnostic, ...]:
    return in_order(replace(each, severity=stated.severities.get(each.rule, each.severity)) for each in found)


def find_project_file(folder: Path) -> Path | None:
    """`nodrop.yaml` in the folder or the nearest one above, up to the repository's root; None if there is none."""
    for each in (folder := folder.absolute(), *folder.parents):
        if (file := each / NAME).is_file():
            return file
        if (each / ".git").exists():
            return None
    return None


def misnamed(folder: Path) -> Iterator[str]:
    """What looks meant for the file that `find_project_file` looks for, and is not it, from the folder up to that."""
    for each in (folder := folder.absolute(), *folder.parents):
        with suppress(OSError):
            for entry in sorted(each.iterdir()):
                if entry.name == NAME and entry.is_dir():
                    yield f"{entry} is a folder, and not read; {NAME} is a file"
                elif entry.name != NAME and entry.name.lower() in _SLIPS:
                    yield f"{entry} is not read; did you mean {NAME}?"
        if (each / NAME).is_file() or (each / ".git").exists():
            return


def nearest_project_file(folder: Path) -> ProjectFile:
    """What the file that `find_project_file` finds states, or nothing. Raises as `read_project_file`."""
    file = find_project_file(folder)
    return ProjectFile() if file is None else read_project_file(file)


def read_project_file(file: Path) -> ProjectFile:
    """What the file states.

    Raises:
        ProjectFileError: with every fault.
    """
    try:
        node = read_node(file)
    except YamlFileError as error:
        raise ProjectFileError([str(error)]) from None
    reader = _Reader(file)
    read = reader.file(node)
    if reader.faults:
        raise ProjectFileError([told for _, told in sorted(reader.faults, key=lambda fault: fault[0])])
    return read


class _Reader:
    """Reads nodes and collects what is wrong with them."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.faults: list[tuple[int, str]] = []
        """Line and message of each."""

    def file(self, node: Node | None) -> ProjectFile:
        entries = self._entries(node, "the file")
        for key, at, _ in entries:
            if key not in _KEYS:
                self._fault(at, f"{key} is not a key of this file; the keys are {', '.join(_KEYS)}{meant(key, _KEYS)}")
        parts = {next(iter(get_close_matches(key, _KEYS, n=1)), key): value for key, _, value in entries}
        parts |= {key: value for key, _, value in entries}  # what stands under a slip is read too, so that it is told
        return ProjectFile(
            file=self._file,
            severities=self._each(parts.get("severities"), "severities", self._severity),
            accept=self._each(parts.get("accept"), "accept", self._reason),
            workloads=tuple(
                self._workload(pattern, at, value)
                for pattern, at, value in self._entries(parts.get("workloads"), "workloads")
            ),
        )

    def _workload(self, pattern: str, at: Node, node: Node) -> Workload:
        if pattern.count("/") != 1:
            self._fault(at, f"workloads.{pattern} is not NAMESPACE/NAME of a workload, such as shop/web or shop/*")
        names = tuple(each.name for each in fields(Facts))
        facts: dict[str, Fact] = {}
        accept: dict[str, str] = {}
        for key, key_node, value in self._entries(node, f"workloads.{pattern}"):
            place = f"workloads.{pattern}.{key}"
            if key == "accept":
                accept = self._each(value, place, self._reason)
            elif key in names:
                fact = self._fact(key, value, place)
                facts |= {} if fact is None else {key: fact}
            else:
                known = (*names, "accept")
                self._fault(key_node, f"{place} is not known; known are {', '.join(known)}{meant(key, known)}")
        return Workload(pattern=pattern, facts=facts, accept=accept)

    def _fact(self, name: str, node: Node, place: str) -> Fact | None:
        text = _scalar(node)
        if name == "on_term":
            if text in set(OnTerm):
                return OnTerm(text)
            self._fault(node, f"{place} is {_short(text)}; wanted one of {', '.join(OnTerm)}")
            return None
        try:
            seconds = float(text or "")
        except ValueError:
            seconds = -1.0
        if not 0 <= seconds <= MAX_INT32:  # of nan neither holds
            wanted = f"a number of seconds from 0 to {MAX_INT32}, such as 30"
            self._fault(node, f"{place} is {_short(text)}; wanted {wanted}")
            return None
        return seconds

    def _severity(self, rule: str, at: Node, node: Node, place: str) -> Severity | None:
        self._known(rule, at, place)
        text = _scalar(node)
        if text not in _SEVERITIES:
            hint = "; to accept what it finds, give a reason under accept" if text in ("ignore", "off", "none") else ""
            self._fault(node, f"{place} is {_short(text)}; wanted one of {', '.join(_SEVERITIES)}{hint}")
            return None
        if rule in UNWAIVABLE and text == Severity.WARNING and Severity.ERROR in all_rules()[rule].severities:
            self._fault(node, f"{place} stays an error: {UNWAIVABLE[rule]}")
        return _SEVERITIES[text]

    def _reason(self, rule: str, at: Node, node: Node, place: str) -> str | None:
        if rule in UNWAIVABLE:
            self._fault(at, f"{place} cannot be waived: {UNWAIVABLE[rule]}")
        else:
            self._known(rule, at, place)
        reason = one_line(_scalar(node) or "")
        if not reason:
            self._fault(node, f"{place} has no reason; wanted one, such as: websocket clients reconnect")
        return reason or None

    def _known(self, rule: str, at: Node, place: str) -> None:
        if rule not in RULE_NAMES:
            self._fault(at, f"{place} is not the name of a rule{meant(rule, WAIVABLE)}")

    def _each(
        self, node: Node | None, place: str, read: Callable[[str, Node, Node, str], Read | None]
    ) -> dict[str, Read]:
        found: dict[str, Read] = {}
        for key, at, value in self._entries(node, place):
            one = read(key, at, value, f"{place}.{key}")
            found |= {} if one is None else {key: one}
        return found

    def _entries(self, node: Node | None, place: str) -> list[tuple[str, Node, Node]]:
        """Key, the key's node and the value's node of a mapping; none where there is nothing."""
        from yaml import MappingNode

        if node is None or (node.tag == "tag:yaml.org,2002:null"):
            return []
        if not isinstance(node, MappingNode):
            self._fault(node, f"{place} is {_short(_scalar(node))}; wanted keys with values")
            return []
        found: list[tuple[str, Node, Node]] = []
        seen: set[str] = set()
        for key_node, value in node.value:
            key = one_line(_scalar(key_node) or "")
            if key in seen:
                self._fault(key_node, f"{place} states {key} twice")
            seen.add(key)
            found.append((key, key_node, value))
        return found

    def _fault(self, node: Node, message: str) -> None:
        self.faults.append((node.start_mark.line, f"{place(self._file, node)}: {message}"))


def _scalar(node: Node) -> str | None:
    """The text of a scalar; None for anything else."""
    return node.value if isinstance(node.value, str) else None


def _short(text: str | None) -> str:
    if text is None:
        return "a list or keys"
    return short(text)
