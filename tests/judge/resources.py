"""The clean objects with what their containers request, and what is found of them."""

from copy import deepcopy

from nodrop.judge import judge
from nodrop.judge.path_judge import Surroundings
from tests.judge.edits import claim, clean

CORE = {"resources": {"requests": {"cpu": "1"}}}
OWN_CLAIM = [{"name": "data", "ephemeral": {"volumeClaimTemplate": claim(accessModes=["ReadWriteOnce"])}}]
ELSEWHERE = {"topologyKey": "zone", "namespaceSelector": {}, "labelSelector": {"matchLabels": {"app": "batch"}}}
"""A term of an affinity that looks into every namespace."""
WITHOUT_ROOM = "quota-covers-the-peak"
REFUSED = "pods-are-admitted"


def written(*beside, init=None, **container):
    """The clean objects, each container with those fields, and objects beside them."""
    objects = [*clean("ingress"), *beside]
    pod = deployment(objects)["spec"]["template"]["spec"]
    for each in [*pod["containers"], *pod["initContainers"]]:
        each |= deepcopy(container)
    if init is not None:
        pod["initContainers"].append({"name": "init", "image": "example/init:1", **init})
    return objects


def deployment(objects):
    return next(each for each in objects if each["kind"] == "Deployment")


def pod_of(objects):
    return deployment(objects)["spec"]["template"]["spec"]


STANDARD = Surroundings(autopilot=lambda _: False)
"""Of a Standard cluster."""


def found_on_standard(objects):
    return [each for path in judge(objects, surroundings=STANDARD).paths for each in path.diagnostics]


def rules(objects):
    return {each.rule for each in found_on_standard(objects)}


def rules_of_objects(objects):
    """Where the objects alone say what is around them."""
    return {each.rule for path in judge(objects).paths for each in path.diagnostics}


def reasons(objects, surroundings=None):
    return [reason for path in judge(objects, surroundings=surroundings).paths for reason in path.not_judged]


def named(name, manifest):
    return manifest | {"metadata": {"name": name, "namespace": "shop"}}


def together(topology, **labels):
    """Pods that must be where one with those labels is."""
    where = {"topologyKey": topology, "labelSelector": {"matchLabels": labels}}
    return {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [where]}}
