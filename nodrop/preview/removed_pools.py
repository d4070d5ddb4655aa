"""Node pools that an update deletes under the serving paths, as the program does not have them any more.

Not here: pools that are replaced (`replacement`), and clusters and networks that are deleted: what stands on them goes,
or goes elsewhere (`replacement`, `recreated`).
"""

from __future__ import annotations

from collections.abc import Container, Mapping

from nodrop.preview.fixed_inputs import KINDS, NODE_POOL
from nodrop.preview.resources import Evaluation, name_in, type_of
from nodrop.preview.state import State
from nodrop.rollout.wiring import ReplacedResource


def removed_pools(
    evaluation: Evaluation, state: State, taken_over: Container[str]
) -> Mapping[str, tuple[ReplacedResource, ...]]:
    """By URN of what they stand on in the program, such as their cluster.

    `taken_over` are URNs of the state whose resource in the cloud another one of the program has from now on.
    """
    now = {urn: each.urn for each in evaluation.resources for urn in each.urns}
    found: dict[str, tuple[ReplacedResource, ...]] = {}
    for urn in state.inputs:
        stays = urn in now or urn in state.retained or urn in taken_over
        if type_of(urn) == NODE_POOL and not stays:
            pool = ReplacedResource(kind=KINDS[NODE_POOL], name=name_in(urn), removed=True)
            for under in state.property_dependencies.get(urn, {}).get("cluster", ()):
                if under in now:
                    found[now[under]] = (*found.get(now[under], ()), pool)
    return found
