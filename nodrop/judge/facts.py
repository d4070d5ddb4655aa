"""What no object says about an application: stated facts, and what is assumed where they are not stated.

In this order: an annotation on the Deployment, the facts stated for this workload (`nodrop.yaml`), what the serving
container tells its server, the facts stated for all (options), defaults. Where one of the first two contradicts the
container, that is told.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from nodrop.gke.defaults import BACKEND_TIMEOUT_SECONDS
from nodrop.judge.judgement import Assumption, Unjudged
from nodrop.paths import Behaviour, Manifest, behaviour
from nodrop.paths.fields import Field
from nodrop.paths.server_settings import ServerSetting
from nodrop.rollout import Diagnostic, Origin
from nodrop.rollout.behaviour import ANNOTATIONS, ASSUMED, WORDS, Facts, assumed_behind, value_text

_BEST = replace(ASSUMED, longest_request_seconds=1, startup_seconds=1)
"""The mildest that an application can be assumed to do: it has requests in flight, and it starts. What is assumed of
the other facts is the mildest already."""


@dataclass(frozen=True, kw_only=True)
class KnownBehaviour:
    """How an application behaves, and what of it is not stated."""

    behaviour: Behaviour
    best: Behaviour
    """The same with the mildest value for what is not stated: what is wrong even then is certain."""
    assumptions: tuple[Assumption, ...]
    stated_at: Mapping[str, Field] = field(default_factory=dict)
    """Where the container states a fact, by its name such as `on_term`."""
    contradictions: tuple[Unjudged, ...] = ()
    """What an annotation or `nodrop.yaml` states otherwise than the container."""

    @property
    def states_longest_request(self) -> bool:
        """Whether anything states the longest request."""
        origins = {each.name: each.origin for each in self.assumptions}
        return origins[WORDS["longest_request_seconds"]] != Origin.DEFAULT

    @property
    def assumed(self) -> str:
        """What is not stated, in words; empty if everything is."""
        return ", ".join(f"{each.name} {each.value}" for each in self.assumptions if each.origin == Origin.DEFAULT)


def known(
    deployment: Manifest,
    for_workload: Facts,
    for_all: Facts,
    by_container: Iterable[ServerSetting] = (),
    *,
    backend_timeout_seconds: int = BACKEND_TIMEOUT_SECONDS,
) -> KnownBehaviour:
    """What is known about the application of a Deployment. Raises ReadingError for an unreadable annotation.

    `by_container`: what its serving container states; `backend_timeout_seconds`: after which its load balancer cuts a
    request.
    """
    settings = tuple(by_container)
    in_container: dict[str, Any] = {each.fact: each.value for each in settings}
    container = Facts(**in_container)
    origins = dict.fromkeys(WORDS, Origin.DEFAULT)
    stated = assumed_behind(backend_timeout_seconds)
    by_origin = ((for_all, Origin.OPTION), (container, Origin.CONTAINER), (for_workload, Origin.FILE))
    for facts, origin in by_origin:
        stated = facts.over(stated)
        origins |= dict.fromkeys(facts.stated, origin)
    annotations: Mapping[str, object] = (deployment.get("metadata") or {}).get("annotations") or {}
    for name, key in ANNOTATIONS.items():
        if annotations.get(key) not in (None, ""):
            origins[name] = Origin.ANNOTATION
    found = behaviour(deployment, stated)
    mildest = {name: getattr(_BEST, name) for name, origin in origins.items() if origin == Origin.DEFAULT}
    return KnownBehaviour(
        behaviour=found,
        best=replace(found, **mildest),
        assumptions=tuple(
            Assumption(name=words, value=value_text(name, found), origin=origins[name]) for name, words in WORDS.items()
        ),
        stated_at={each.fact: each.field for each in settings if origins[each.fact] is Origin.CONTAINER},
        contradictions=tuple(
            _contradiction(each, found, origins[each.fact])
            for each in settings
            if getattr(found, each.fact) != each.value
        ),
    )


def with_units(found: Diagnostic) -> Diagnostic:
    """A finding about seconds in words, as a server's own option may count in another unit."""
    if not found.input.endswith("_seconds"):
        return found
    return replace(found, value=f"{found.value:.15g} s", would_pass=f"{found.would_pass} s")


def _contradiction(setting: ServerSetting, found: Behaviour, origin: Origin) -> Unjudged:
    in_container = value_text(setting.fact, replace(found, **{setting.fact: setting.value}))
    where = ANNOTATIONS[setting.fact] if origin is Origin.ANNOTATION else origin
    told = f"says {WORDS[setting.fact]} {in_container}, and {where} says {value_text(setting.fact, found)}"
    return Unjudged(setting.field.object, setting.field.path, f"{told}; which of them holds is not known")
