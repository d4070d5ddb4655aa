"""Kubernetes objects -> serving paths: the ways from a load balancer to a workload, and what governs each.

Everything that judges, rehearses or explains takes its readings from here, wherever the objects came from. Nothing here
judges them, and nothing here needs a cluster.
"""

from nodrop.paths.behaviour import behaviour
from nodrop.paths.fields import Manifest
from nodrop.paths.manifests import ManifestError, read_manifests
from nodrop.paths.problems import Problem, ProblemKind, ReadingError
from nodrop.paths.resolve import Resolution, resolve
from nodrop.paths.rollout import read_rollout
from nodrop.paths.serving_path import Backend, ServingPath
from nodrop.rollout import Behaviour

__all__ = [
    "Backend",
    "Behaviour",
    "Manifest",
    "ManifestError",
    "Problem",
    "ProblemKind",
    "ReadingError",
    "Resolution",
    "ServingPath",
    "behaviour",
    "read_manifests",
    "read_rollout",
    "resolve",
]
