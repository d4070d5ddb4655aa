"""The stacks' configuration: which keys there are, of what type, and one error for all that is wrong with them.

The config is checked as the components check their inputs, and before they do; a key that no program reads is an error,
not a silent typo.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from enum import StrEnum
from typing import Annotated, Any, NotRequired, TypedDict, TypeVar, get_args, get_origin

import pulumi
import pulumi_gcp as gcp
from pulumi.runtime import config as runtime_config

from gke_nodrop import Example, Fault, Limit, Mode, Secret, check_inputs

PLACEHOLDER_PROJECT = "replace-with-your-project"
"""What the stacks' files say until their user says better; enough to evaluate them, not to deploy them."""

LONGEST_REQUEST_SECONDS = 30
"""What is promised unless `longest_request_seconds` says otherwise: the components' own default."""

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


RequestSeconds = Annotated[
    float, Limit(holds=lambda x: x >= 0, rule="a number of seconds, 0 or more", source="the application"), Example(0)
]
Token = Annotated[
    str,
    Secret(),
    Limit(holds=lambda x: len(x) > 0, rule="a token, not empty", source="the application"),
    Example("a long random text"),
]


_ZONES = Example(["us-central1-b", "us-central1-c"])


class StackSettings(TypedDict):
    """Keys of every stack."""

    program: NotRequired[Annotated[str, Example("container-native")]]
    """Program to run, if the stack is not named after it."""
    zones: NotRequired[
        Annotated[list[Annotated[str, Example("us-central1-b")]], Example(["us-central1-b", "us-central1-c"])]
    ]
    """Zones of the nodes. Default: the region's b and c."""
    deletion_protection: NotRequired[bool]
    """Default true."""
    app: NotRequired[Application]
    """Default ready-test."""
    replicas: NotRequired[Annotated[int, Example(2)]]
    """Default 2."""
    longest_request_seconds: NotRequired[Annotated[float, Example(30)]]
    """Longest request that is promised. Default 30."""
    request_seconds: NotRequired[RequestSeconds]
    """How long ready-test takes for a request. Default 0."""
    startup_seconds: NotRequired[Annotated[float, Example(2)]]
    """How long ready-test takes to start. Default 2."""


class NegSettings(TypedDict):
    """Keys of stacks with a `WebService`."""

    hosts: NotRequired[list[Annotated[str, Example("www.example.com")]]]
    """Domain names. Default: none, HTTP on the address."""
    mode: NotRequired[Mode]
    """How a rollout waits. Default pod-readiness-feedback."""


class NodePortSettings(TypedDict):
    """Keys of stacks with a `LegacyNodePortService`."""

    keep_alive_timeout_seconds: NotRequired[Annotated[float, Example(30)]]
    """Keep-alive timeout of ready-test, announced in its answers; 0: it closes. Default 30, as in the field report."""
    unready_token: NotRequired[pulumi.Input[Token]]
    """Secret that /unready/ asks for. Default: none, and no /unready/."""


class ContainerNativeSettings(StackSettings, NegSettings):
    """Keys of the stack container-native."""

    cluster: NotRequired[ClusterKind]
    """Default standard."""


class LegacyNodePortSettings(StackSettings, NodePortSettings):
    """Keys of the stack legacy-nodeport."""


class ComparisonSettings(StackSettings, NegSettings, NodePortSettings):
    """Keys of the stack comparison."""


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
    known = shape.__annotations__
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
                    would_pass="absent",
                )
        longest = settings.get("longest_request_seconds", LONGEST_REQUEST_SECONDS)
        if settings.get("request_seconds", 0) > longest:
            yield Fault(
                input=f"{prefix}request_seconds",
                value=json.dumps(settings["request_seconds"]),
                rule=f"must not exceed {prefix}longest_request_seconds = {longest:g}",
                source="the application",
                would_pass=json.dumps(longest),
            )

    def components_agree(settings: T) -> Iterator[Fault]:
        found = [fault for rule in component_rules for fault in rule(settings)]
        for fault in {str(each): each for each in found}.values():  # two components may refuse the same
            key = fault.input.rpartition(".")[2]
            yield replace(fault, input=f"{prefix}{key}") if key.partition("[")[0] in known else fault

    rules: Iterable[Callable[[Any], Iterable[Fault]]] = (keys_agree, components_agree, _provider_is_configured)
    return check_inputs(f'stack "{pulumi.get_stack()}"', values, shape, rules=rules, prefix=prefix)


def region() -> str:
    """The region that the provider is configured for; "" if none is."""
    return gcp.config.region or ""


def _provider_is_configured(_: Any) -> Iterator[Fault]:
    source = "pulumi-gcp, configuration"
    if not region():
        yield Fault(
            input="gcp:region",
            value="absent",
            rule="is required (pulumi config set gcp:region REGION)",
            source=source,
            would_pass=json.dumps("us-central1"),
        )
    project = gcp.config.project
    if not project or (project == PLACEHOLDER_PROJECT and not pulumi.runtime.is_dry_run()):
        yield Fault(
            input="gcp:project",
            value=json.dumps(project) if project else "absent",
            rule="must be the id of your project (pulumi config set gcp:project ID)",
            source=source,
            would_pass=json.dumps("my-project"),
        )


def _parsed(text: Any, declared: Any) -> Any:
    """A config value, which Pulumi stores as text, as the type its key declares; as it is where it does not parse."""
    while get_origin(declared) in (NotRequired, Annotated):
        declared = get_args(declared)[0]
    kind = get_origin(declared) or declared
    if not isinstance(text, str) or kind not in (bool, int, float, list):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
