"""Times a program of many WebServices against the same resources written with the plain SDK.

    python benchmarks/web_services.py [--services N] [--runs N]

The peer makes what one WebService makes, resource by resource: the same types, inputs and dependencies, one constructor
call each, from dictionaries that are read from JSON within the time, with no component, no validation and no timing
model. Both programs are evaluated by `nodrop.preview` in this process, taking turns; its own cost is in both.
Each figure is CPU seconds, of the run that took least: other processes on the machine only add to them, through its
caches. Exits with 1 beyond the limits, or where the two programs do not make the same.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_gcp as gcp
import pulumi_kubernetes as k8s

from gke_nodrop import RolloutArgs, WebService, WebServiceArgs
from nodrop.preview import UNKNOWN, Evaluation, Resource, evaluate_function
from nodrop.preview.values import plain

RATIO_LIMIT = 1.15
"""Of the peer's time."""
LINEAR_LIMIT = 1.25
"""Of the time for ten times as many services, to ten times the time for a tenth of them."""
NAME = "service-000"
STARTUP = '"gke-nodrop/startup-seconds": "8"'
ARGS: WebServiceArgs = {
    "image": "europe-docker.pkg.dev/my-project/shop/web:1.4",
    "replicas": 4,
    "env": {"LOG_LEVEL": "info"},
    "hosts": [f"{NAME}.example.com"],
    "health_check": {"path": "/healthz"},
    "rollout": {"longest_request_seconds": 20, "startup_seconds": 8, "keep_alive_timeout_seconds": 620},
}


def name_of(number: int) -> str:
    """Each as long as NAME."""
    return f"service-{number:03}"


def startup_of(number: int) -> float:
    """A start-up time of its own for each, so that each is solved anew."""
    return 8 + number / 1000


def web_services(count: int) -> None:
    """The program with the component."""
    for number in range(count):
        name = name_of(number)
        rollout: RolloutArgs = {**ARGS["rollout"], "startup_seconds": startup_of(number)}
        WebService(name, {**ARGS, "hosts": [f"{name}.example.com"], "rollout": rollout})


def plainly(count: int, model: Evaluation) -> None:
    """The program without: the model's one service, `count` times under other names."""
    made = [resource for resource in model.resources if resource.custom]
    text = json.dumps([plain(resource.inputs) for resource in made])
    for number in range(count):
        own = text.replace(NAME, name_of(number)).replace(
            STARTUP, f'"gke-nodrop/startup-seconds": "{startup_of(number):g}"'
        )
        inputs = json.loads(own)
        by_urn: dict[str, pulumi.CustomResource] = {}
        for resource, each in zip(made, inputs, strict=True):
            by_urn[resource.urn] = _constructed(resource, name_of(number), each, by_urn)


def _constructed(
    resource: Resource, name: str, inputs: dict[str, Any], by_urn: dict[str, pulumi.CustomResource]
) -> pulumi.CustomResource:
    needed = [by_urn[urn] for urn in resource.dependencies if urn in by_urn]
    opts = pulumi.ResourceOptions(
        depends_on=needed, custom_timeouts=pulumi.CustomTimeouts(**resource.options.custom_timeouts)
    )
    logical = resource.name.replace(NAME, name)
    package, module, kind = resource.type.split(":")
    if package == "gcp":
        made = {"GlobalAddress": gcp.compute.GlobalAddress, "SSLPolicy": gcp.compute.SSLPolicy}[kind]
        names = {"addressType": "address_type", "minTlsVersion": "min_tls_version"}
        return made(logical, opts=opts, **{names.get(key, key): inputs[key] for key in inputs})
    known: dict[str, Any] = {key: _with_outputs(value, needed) for key, value in inputs.items()}
    if module.startswith(("cloud.google.com", "networking.gke.io")):
        return k8s.apiextensions.CustomResource(
            logical,
            api_version=known["apiVersion"],
            kind=kind,
            metadata=known["metadata"],
            spec=known["spec"],
            opts=opts,
        )
    group, _, version = module.partition("/")
    place = getattr(getattr(k8s, group.removesuffix(".k8s.io")), version)
    rest = {key: value for key, value in known.items() if key not in ("apiVersion", "kind")}
    return getattr(place, kind)(logical, opts=opts, **rest)


def _with_outputs(value: object, needed: list[pulumi.CustomResource]) -> object:
    """The value with an Output in each place where the model's was not known."""
    if value == "[unknown]":
        return needed[0].id
    if isinstance(value, dict):
        return {key: _with_outputs(item, needed) for key, item in value.items()}
    return [_with_outputs(item, needed) for item in value] if isinstance(value, list) else value


def seconds(program: Callable[[], None]) -> float:
    """CPU seconds of one evaluation: all of it is Python in this process, and other processes do not count."""
    gc.collect()
    started = time.process_time()
    evaluate_function(program)
    return time.process_time() - started


def same(own: Evaluation, peer: Evaluation) -> bool:
    """Whether both programs made the same resources, components apart, with the same inputs, timeouts and order."""

    def seen(evaluation: Evaluation) -> list[tuple[object, ...]]:
        made = {resource.urn: resource for resource in evaluation.resources if resource.custom}
        return sorted(
            (
                each.type,
                each.name,
                _shape(each),
                sorted(each.options.custom_timeouts),  # the seconds follow each service's own start-up
                sorted((made[urn].type, made[urn].name) for urn in each.dependencies if urn in made),
            )
            for each in made.values()
        )

    return seen(own) == seen(peer)


def _shape(resource: Resource) -> str:
    """The inputs with what is not known, or stands for it, left out."""

    def known(value: object) -> object:
        if isinstance(value, dict):
            return {key: known(item) for key, item in sorted(value.items())}
        if isinstance(value, list):
            return [known(item) for item in value]
        return None if value is UNKNOWN else value

    return json.dumps(known(resource.inputs), default=str, sort_keys=True)


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--services", type=int, default=500)
    arguments.add_argument("--runs", type=int, default=3)
    options = arguments.parse_args()
    model = evaluate_function(lambda: web_services(1))
    if not same(evaluate_function(lambda: web_services(3)), evaluate_function(lambda: plainly(3, model))):
        sys.exit("the two programs do not make the same resources")
    made = sum(resource.custom for resource in model.resources)
    least: dict[tuple[str, int], float] = {}
    for count in (options.services // 10, options.services):
        taken: dict[str, list[float]] = {"WebService": [], "plain SDK": []}
        for _ in range(options.runs):
            taken["WebService"].append(seconds(lambda count=count: web_services(count)))
            taken["plain SDK"].append(seconds(lambda count=count: plainly(count, model)))
        least |= {(name, count): min(each) for name, each in taken.items()}
        own, peer = (least[name, count] for name in taken)
        print(
            f"{count} services of {made} resources: WebService {own:.2f} s, plain SDK {peer:.2f} s, "
            f"ratio {own / peer:.2f}"
        )
    ratio = least["WebService", options.services] / least["plain SDK", options.services]
    growth = least["WebService", options.services] / (10 * least["WebService", options.services // 10])
    print(f"ratio {ratio:.2f} (limit {RATIO_LIMIT}), growth over linear {growth:.2f} (limit {LINEAR_LIMIT})")
    if ratio > RATIO_LIMIT or growth > LINEAR_LIMIT:
        sys.exit(1)


if __name__ == "__main__":
    main()
