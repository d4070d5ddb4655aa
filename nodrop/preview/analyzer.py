"""A policy pack's server: it records what the engine validates, and has the whole judged at the end.

Speaks Pulumi's Analyzer protocol (pulumi/pulumi proto/pulumi/analyzer.proto) itself, not by pulumi-policy: that needs
protobuf 5, and so an environment of its own, hands secrets over in clear, and knows one level a policy where a rule's
errors and warnings have two.

The objects are those of `Analyze`, each the inputs after its provider's Check. At the end the engine tells the outputs,
and of a Kubernetes object there are none until its cluster exists; so from there come only parents and dependencies,
and the objects that were not validated in this run, as those outside `--target`. Not here: what is judged and told.
"""

# ruff: noqa: ARG002, N802, D102
# Handlers have the names and arguments that the protocol gives them; their meaning is documented there.

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, engine_pb2, engine_pb2_grpc, plugin_pb2

from nodrop.preview.resources import Evaluation, Options, Resource
from nodrop.preview.values import Properties, decode
from nodrop.rollout.text import meant

Empty = empty_pb2.Empty  # ty: ignore[missing-attribute] protobuf makes its classes at run time
_MESSAGE_BYTES = 400 * 1024 * 1024
"""The SDK's own limit (pulumi/runtime/_grpc_settings.py)."""
_THREADS = 4
"""Requests answered at once; the engine validates resources one after another."""


class Level(StrEnum):
    """What a violation does to the operation."""

    ADVISORY = "advisory"
    """It is told."""
    MANDATORY = "mandatory"
    """It is told, and the preview fails."""
    DISABLED = "disabled"
    """It is not told."""


_WIRE = {each: analyzer_pb2.EnforcementLevel.Value(each.name) for each in Level}
_LEVELS = {number: level for level, number in _WIRE.items()} | {analyzer_pb2.REMEDIATE: Level.MANDATORY}
"""The engine takes a level that remediates as mandatory where nothing can be remediated, as here."""


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What a project sets a level for by name."""

    name: str
    description: str
    """One sentence."""
    level: Level
    """Where the project sets none."""


@dataclass(frozen=True, kw_only=True)
class Violation:
    """What was found against a policy."""

    policy: str
    message: str
    urn: str | None = None
    """Of the resource that it stands at; None: the stack's."""


@dataclass(frozen=True, kw_only=True)
class JudgedStack:
    """What a stack's resources come to."""

    violations: tuple[Violation, ...]
    told: str
    """A message for whoever runs the operation, whatever was found; empty: none."""


@dataclass(frozen=True, kw_only=True)
class Pack:
    """A policy pack."""

    name: str
    version: str
    policies: tuple[Policy, ...]
    judge: Callable[[Evaluation], JudgedStack]


class Analyzer(analyzer_pb2_grpc.AnalyzerServicer):
    """Answers the engine for one pack."""

    def __init__(self, pack: Pack, tell: Callable[[str], None]) -> None:
        self._pack, self._tell = pack, tell
        self._policies = {each.name: each for each in pack.policies}
        self._levels = {each.name: each.level for each in pack.policies}
        self._validated: dict[str, analyzer_pb2.AnalyzeRequest] = {}
        self._lock = threading.Lock()
        self._project = self._stack = ""

    def Handshake(
        self, request: analyzer_pb2.AnalyzerHandshakeRequest, context: grpc.ServicerContext
    ) -> analyzer_pb2.AnalyzerHandshakeResponse:
        return analyzer_pb2.AnalyzerHandshakeResponse()

    def ConfigureStack(
        self, request: analyzer_pb2.AnalyzerStackConfigureRequest, context: grpc.ServicerContext
    ) -> analyzer_pb2.AnalyzerStackConfigureResponse:
        self._project, self._stack = request.project, request.stack
        return analyzer_pb2.AnalyzerStackConfigureResponse()

    def GetPluginInfo(self, request: Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=self._pack.version)

    def GetAnalyzerInfo(self, request: Empty, context: grpc.ServicerContext) -> analyzer_pb2.AnalyzerInfo:
        policies = [
            analyzer_pb2.PolicyInfo(
                name=each.name,
                description=each.description,
                enforcementLevel=_WIRE[each.level],
                policy_type=analyzer_pb2.POLICY_TYPE_STACK,
            )
            for each in self._pack.policies
        ]
        return analyzer_pb2.AnalyzerInfo(
            name=self._pack.name, version=self._pack.version, supportsConfig=True, policies=policies
        )

    def Configure(self, request: analyzer_pb2.ConfigureAnalyzerRequest, context: grpc.ServicerContext) -> Empty:
        """Levels by policy; the engine takes any name for one, so that a misspelt one is found out here."""
        if unknown := sorted(set(request.policyConfig) - set(self._policies)):
            told = [f"{each}: no such policy in {self._pack.name}{meant(each, self._policies)}" for each in unknown]
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "\n".join(told))
        for name, config in request.policyConfig.items():
            self._levels[name] = _LEVELS[config.enforcementLevel]
        return Empty()

    def Analyze(
        self, request: analyzer_pb2.AnalyzeRequest, context: grpc.ServicerContext
    ) -> analyzer_pb2.AnalyzeResponse:
        with self._lock:
            self._validated.pop(request.urn, None)  # so that it stands where it came last
            self._validated[request.urn] = request
        return analyzer_pb2.AnalyzeResponse()

    def AnalyzeStack(
        self, request: analyzer_pb2.AnalyzeStackRequest, context: grpc.ServicerContext
    ) -> analyzer_pb2.AnalyzeResponse:
        with self._lock:
            validated, self._validated = self._validated, {}
        resources = _resources(request.resources, validated)
        verdict = self._pack.judge(
            Evaluation(project=self._project, stack=self._stack, resources=tuple(resources), outputs={}, diagnostics=())
        )
        if verdict.told:
            self._tell(verdict.told)
        return analyzer_pb2.AnalyzeResponse(diagnostics=map(self._diagnostic, self._counting(verdict.violations)))

    def Remediate(
        self, request: analyzer_pb2.AnalyzeRequest, context: grpc.ServicerContext
    ) -> analyzer_pb2.RemediateResponse:
        return analyzer_pb2.RemediateResponse()

    def Cancel(self, request: Empty, context: grpc.ServicerContext) -> Empty:
        return Empty()

    def _counting(self, violations: Iterable[Violation]) -> list[Violation]:
        return [each for each in violations if self._levels[each.policy] is not Level.DISABLED]

    def _diagnostic(self, violation: Violation) -> analyzer_pb2.AnalyzeDiagnostic:
        return analyzer_pb2.AnalyzeDiagnostic(
            policyName=violation.policy,
            policyPackName=self._pack.name,
            policyPackVersion=self._pack.version,
            description=self._policies[violation.policy].description,
            message=violation.message,
            enforcementLevel=_WIRE[self._levels[violation.policy]],
            urn=violation.urn or "",
        )


def _resources(
    known: Iterable[analyzer_pb2.AnalyzerResource], validated: Mapping[str, analyzer_pb2.AnalyzeRequest]
) -> list[Resource]:
    """In the order in which they were validated, the others first: what is judged may depend on them."""
    places = {urn: place for place, urn in enumerate(validated)}
    ordered = sorted(known, key=lambda each: (places.get(each.urn, -1), each.urn))
    return [_resource(each, validated.get(each.urn)) for each in ordered]


def _resource(known: analyzer_pb2.AnalyzerResource, validated: analyzer_pb2.AnalyzeRequest | None) -> Resource:
    options = (validated or known).options
    return Resource(
        urn=known.urn,
        type=known.type,
        name=known.name,
        custom=known.HasField("provider"),
        parent=known.parent or None,
        provider=known.provider.urn if known.HasField("provider") else None,
        dependencies=tuple(sorted(known.dependencies)),
        property_dependencies={name: tuple(sorted(on.urns)) for name, on in known.propertyDependencies.items()},
        inputs=_properties(validated or known),
        options=Options(ignore_changes=tuple(options.ignoreChanges)),
    )


def _properties(of: analyzer_pb2.AnalyzeRequest | analyzer_pb2.AnalyzerResource) -> Properties:
    return decode(of.properties)[0]


def serve(pack: Pack, engine: str) -> None:
    """Serve the pack until this process is ended, as the engine does; prints the port, as it wants.

    `engine` is the engine's address, for what is told.
    """
    stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(engine))

    def tell(message: str) -> None:
        stub.Log(engine_pb2.LogRequest(severity=engine_pb2.INFO, message=message))

    options = [(f"grpc.max_{way}_message_length", _MESSAGE_BYTES) for way in ("send", "receive")]
    server = grpc.server(ThreadPoolExecutor(_THREADS), options=options)
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Analyzer(pack, tell), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    server.wait_for_termination()
