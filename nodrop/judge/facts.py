"""What no object says about an application: stated facts, and what is assumed where they are not stated.

In this order: an annotation on the Deployment, the facts stated for this workload (`nodrop.yaml`), those stated for all
(options), defaults.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from nodrop.gke.defaults import BACKEND_TIMEOUT_SECONDS
from nodrop.judge.judgement import Assumption
from nodrop.paths import Behaviour, Manifest, behaviour
from nodrop.rollout import Origin
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
    *,
    backend_timeout_seconds: int = BACKEND_TIMEOUT_SECONDS,
) -> KnownBehaviour:
    """What is known about the application of a Deployment. Raises ReadingError for an unreadable annotation.

    `backend_timeout_seconds`: after which its load balancer cuts a request.
    """
    origins = dict.fromkeys(WORDS, Origin.DEFAULT)
    stated = assumed_behind(backend_timeout_seconds)
    for facts, origin in ((for_all, Origin.OPTION), (for_workload, Origin.FILE)):
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
    )
