"""The stacks' configuration: which keys there are, of what type, and one error for all that is wrong with them.

The config is checked as the components check their inputs, and before they do; a key that no program reads is an error,
not a silent typo.
"""

import inspect
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from enum import Enum, StrEnum
from typing import Any, NotRequired, TypedDict, TypeVar, cast, get_args, get_origin

import pulumi
import pulumi_gcp as gcp
from pulumi.runtime import config as runtime_config

from gke_nodrop import Mode, StandardClusterArgs, web_service
from gke_nodrop.cluster import cluster_args
from gke_nodrop.inputs import limits
from gke_nodrop.inputs.check import Fault, Limit, check, shown
from gke_nodrop.timing import rollout_args
from gke_nodrop.workload import serving_container as workload

PLACEHOLDER_PROJECT = "replace-with-your-project"
"""What the stacks' files say until their user says better; enough to evaluate them, not to deploy them."""

T = TypeVar("T", bound="StackSettings")


class ClusterKind(StrEnum):
    """Kinds of cluster."""

    STANDARD = "standard"
    AUTOPILOT = "autopilot"


class Application(StrEnum):
    """What is served."""

    READY_TEST = "ready-test"
    """A small Python server whose behaviour is configured, on a stock Python image."""
    SERVE_HOSTNAME = "serve-hostname"
    """The image of Google's guide."""


class StackSettings(TypedDict):
    """Keys of every stack."""

    program: NotRequired[str]
    """Program to run, if the stack is not named after it."""
    zones: NotRequired[list[str]]
    """Zones of the nodes. Default: the region's b and c."""
    deletion_protection: NotRequired[bool]
    """Default true."""
    app: NotRequired[Application]
    """Default ready-test."""
    replicas: NotRequired[int]
    """Default 2."""
    longest_request_seconds: NotRequired[rollout_args.Seconds]
    """Longest request that is promised. Default 30."""
    request_seconds: NotRequired[rollout_args.Seconds]
    """How long ready-test takes for a request. Default 0."""
    startup_seconds: NotRequired[rollout_args.Seconds]
    """How long ready-test takes to start. Default 2."""


class NegSettings(TypedDict):
    """Keys of stacks with a `WebService`."""

    hosts: NotRequired[list[str]]
    """Domain names. Default: none, HTTP on the address."""
    mode: NotRequired[Mode]
    """How a rollout waits. Default pod-readiness-feedback."""


class NodePortSettings(TypedDict):
    """Keys of stacks with a `LegacyNodePortService`."""

    keep_alive_timeout_seconds: NotRequired[rollout_args.Seconds]
    """Keep-alive timeout of ready-test, announced in its answers; 0: it closes. Default 30, as in the field report."""
    unready_token: NotRequired[pulumi.Input[str]]
    """Secret that /unready/ asks for. Default: none, and no /unready/."""


class ContainerNativeSettings(StackSettings, NegSettings):
    """Keys of the stack container-native."""

    cluster: NotRequired[ClusterKind]
    """Default standard."""


class LegacyNodePortSettings(StackSettings, NodePortSettings):
    """Keys of the stack legacy-nodeport."""


class ComparisonSettings(StackSettings, NegSettings, NodePortSettings):
    """Keys of the stack comparison."""


EXAMPLE: Mapping[str, Any] = {
    "program": "container-native",
    "zones": ["us-central1-b", "us-central1-c"],
    "deletion_protection": False,
    "app": Application.READY_TEST,
    "replicas": 2,
    "longest_request_seconds": 30,
    "request_seconds": 0,
    "startup_seconds": 2,
    "hosts": ["www.example.com"],
    "mode": Mode.POD_READINESS_FEEDBACK,
    "keep_alive_timeout_seconds": 30,
    "unready_token": "a long random text",
    "cluster": ClusterKind.STANDARD,
}
_LIMITS: Mapping[str, Limit] = {
    "replicas": workload.LIMITS["replicas"],
    "unready_token": limits.not_empty("a token", "the application"),
    **{key: cluster_args.STANDARD_LIMITS[key] for key in ("zones", "zones[]")},
    **{key: web_service.LIMITS[key] for key in ("hosts", "hosts[]")},
}
_READY_TEST_ONLY = ("request_seconds", "startup_seconds", "keep_alive_timeout_seconds", "unready_token")


def read(shape: type[T], *component_rules: Callable[[T], Iterable[Fault]]) -> T:
    """The stack's settings, which its components will take: what is refused is refused before anything is registered.

    Args:
        shape: Which keys there are.
        component_rules: What components would refuse. Their faults name a component's input; it is told as the key of
            the same name.

    Raises:
        InputError: a key is unknown, or a value is not right; region or project is missing, or still the placeholder
            outside a preview.
    """
    config = pulumi.Config()
    prefix = f"{config.name}:"
    known = inspect.get_annotations(shape)
    given = {**runtime_config.get_config_env(), **runtime_config.CONFIG.get()}
    texts = {key.removeprefix(prefix): text for key, text in given.items() if key.startswith(prefix)}
    values: dict[str, Any] = {key: _parsed(text, known.get(key)) for key, text in texts.items()}
    if "unready_token" in known and values.get("unready_token"):
        values["unready_token"] = config.require_secret("unready_token")

    def keys_agree(settings: Any) -> Iterator[Fault]:
        for key, value, without_effect, source in (
            ("app", Application.SERVE_HOSTNAME, _READY_TEST_ONLY, "the application"),
            ("cluster", ClusterKind.AUTOPILOT, ("zones",), "Google, Autopilot overview: GKE places the nodes"),
        ):
            for other in sorted(settings.keys() & without_effect) if settings.get(key) is value else ():
                yield Fault(
                    input=f"{prefix}{other}",
                    value="…",
                    rule=f"has no effect on {prefix}{key} = {value.value}",
                    source=source,
                    would_pass="absent",  # noqa: S106 - not a password
                )
        longest = settings.get("longest_request_seconds", rollout_args.DEFAULT_LONGEST_REQUEST_SECONDS)
        if settings.get("request_seconds", 0) > longest:
            yield Fault(
                input=f"{prefix}request_seconds",
                value=shown(settings["request_seconds"]),
                rule=f"must not exceed {prefix}longest_request_seconds = {longest:g}",
                source="the application",
                would_pass=shown(longest),
            )

    def components_agree(settings: T) -> Iterator[Fault]:
        for rule in (_zones_are_in_the_region, *component_rules):
            for fault in rule(settings):
                key = fault.input.rpartition(".")[2]
                yield replace(fault, input=f"{prefix}{key}") if key.partition("[")[0] in known else fault

    rules: Iterable[Callable[[Any], Iterable[Fault]]] = (keys_agree, components_agree, _provider_is_configured)
    subject = f'stack "{pulumi.get_stack()}"'
    example = {**EXAMPLE, "zones": default_zones()} if region() else EXAMPLE
    return check(subject, values, shape, limits=_LIMITS, example=example, rules=rules, prefix=prefix)


def region() -> str:
    """The region that the provider is configured for; `read` has made sure that there is one."""
    return gcp.config.region or ""


def default_zones() -> list[str]:
    """Zones of the nodes where none are chosen."""
    return [f"{region()}-b", f"{region()}-c"]


def _zones_are_in_the_region(settings: StackSettings) -> Iterable[Fault]:
    cluster = {"location": gcp.config.region, "zones": settings.get("zones", [])}
    return cluster_args.zones_in_region(cast("StandardClusterArgs", cluster))


def _provider_is_configured(_: Any) -> Iterator[Fault]:
    source = "pulumi-gcp, configuration"
    given = gcp.config.region
    if not given or not limits.REGION.holds(given):
        yield Fault(
            input="gcp:region",
            value=shown(given) if given else "absent",
            rule="must be a region" if given else "is required (pulumi config set gcp:region REGION)",
            source=source,
            would_pass=shown("us-central1"),
        )
    project = gcp.config.project
    if not project or (project == PLACEHOLDER_PROJECT and not pulumi.runtime.is_dry_run()):
        yield Fault(
            input="gcp:project",
            value=shown(project) if project else "absent",
            rule="must be the id of your project (pulumi config set gcp:project ID)",
            source=source,
            would_pass=shown("my-project"),
        )


def _parsed(text: Any, declared: Any) -> Any:
    """A config value, which Pulumi stores as text, as the type its key declares; as it is where it does not parse."""
    kind = get_args(declared)[0] if declared is not None else str
    kind = get_origin(kind) or kind
    if not isinstance(text, str) or not isinstance(kind, type) or issubclass(kind, (str, Enum)):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
