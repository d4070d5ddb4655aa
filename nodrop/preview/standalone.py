"""Standalone NEGs that an update takes away: who balances them is set up apart, and in no object of the cluster.

Whether one does cannot be known, so everything exposed counts. Source: kubernetes/ingress-gce
pkg/negannotation/negannotation.go; Google, Container-native load balancing through standalone zonal NEGs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nodrop.gke.services import NEG, NegAnnotation, read_neg
from nodrop.paths.decoded import annotation_of, decoded
from nodrop.paths.fields import whole
from nodrop.paths.problems import ReadingError
from nodrop.rollout import Diagnostic
from nodrop.rollout.rules.updates import standalone_negs_stay


def lost_negs(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Diagnostic]:
    """A finding for each standalone NEG of a Service that goes, or that another one takes the place of."""
    if old.get("kind") != "Service":
        return
    try:
        had, has = _exposed(old), _exposed(new, by_ingress=True)
    except ReadingError:
        return  # the path, if there is one, says so
    yield from standalone_negs_stay(had, has)


def _exposed(service: dict[str, Any], *, by_ingress: bool = False) -> dict[str, str | None]:
    """Name of the NEG by port, None where GKE names it; `by_ingress` with an Ingress' own, which are the same ones."""
    stated = decoded(annotation_of(whole(service), NEG), read_neg) or NegAnnotation()
    found = {str(port): name or None for port, name in stated.exposed_ports.items()}
    if by_ingress and stated.ingress:
        found = {str(port["port"].number()): None for port in whole(service)["spec"]["ports"].entries()} | found
    return found
