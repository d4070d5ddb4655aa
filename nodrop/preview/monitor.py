"""Resource monitor and engine of an offline preview: they speak the SDK's protocol and record what is registered.

Each resource is answered as the engine answers in the preview of a first deployment whose providers are all configured:
its inputs come back as outputs, everything else, ids included, is unknown. Follows pulumi/pulumi
pkg/resource/deploy/source_eval.go. Not here, because only the real engine with real providers has it: Check (but for
the names of Kubernetes objects), Diff, defaults, the names that other providers make up, awaiting, the state of a
former deployment, hooks, state migrations, and the children of a component that its provider constructs.
"""

# ruff: noqa: ARG002, N802, D102
# Handlers have the names and arguments that the protocol gives them; their meaning is documented there.

from __future__ import annotations

import contextlib
from collections.abc import Generator

import grpc
import yaml
from google.protobuf import empty_pb2
from pulumi.runtime.proto import callback_pb2, provider_pb2, resource_pb2, resource_pb2_grpc

from nodrop.preview import kubernetes, registration
from nodrop.preview.ledger import Ledger, LedgerEntry
from nodrop.preview.makers import makes_unseen
from nodrop.preview.resources import OTHER_STACK, LogMessage, Options, Resource, Severity
from nodrop.preview.stack_outputs import answer
from nodrop.preview.transforms import Callbacks
from nodrop.preview.values import UNKNOWN, UNKNOWN_TEXT, Properties, decode, encode, encode_outputs

Empty = empty_pb2.Empty  # ty: ignore[missing-attribute] protobuf makes its classes at run time

ORDER_KEY = "nodrop-order"
"""gRPC metadata: the place of a request in the order in which the program made its resources."""

_FEATURES = {
    "secrets": "SECRETS",
    "resourceReferences": "RESOURCE_REFERENCES",
    "outputValues": "OUTPUT_VALUES",
    "aliasSpecs": "ALIAS_SPECS",
    "replacementTrigger": "REPLACEMENT_TRIGGER",
    "deletedWith": "DELETED_WITH",
    "replaceWith": "REPLACE_WITH",
    "transforms": "TRANSFORMS",
    "invokeTransforms": "INVOKE_TRANSFORMS",
    "parameterization": "PARAMETERIZATION",
    "resourceHooks": "RESOURCE_HOOKS",
    "errorHooks": "ERROR_HOOKS",
    "sendsOptionsToHooks": "SENDS_OPTIONS_TO_HOOKS",
    "stateMigrations": "STATE_MIGRATIONS",
}
"""What the monitor supports, by the names of `SupportsFeature` and of `ResourceMonitorFeature`."""


class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """Records every registration of one program run in `ledger`."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._callbacks = Callbacks()
        self._said: set[LogMessage] = set()
        self._stack_transforms: list[callback_pb2.Callback] = []
        self._invoke_transforms: list[callback_pb2.Callback] = []

    def close(self) -> None:
        """Let go of the program's callback servers."""
        self._callbacks.close()

    def GetDeploymentInfo(self, request: Empty, context: grpc.ServicerContext) -> resource_pb2.DeploymentInfo:
        features = [
            resource_pb2.ResourceMonitorFeature.Value(f"RESOURCE_MONITOR_FEATURE_{name}") for name in _FEATURES.values()
        ]
        return resource_pb2.DeploymentInfo(
            project=self._ledger.project, stack=self._ledger.stack, dryRun=True, supportedFeatures=features
        )

    def SupportsFeature(
        self, request: resource_pb2.SupportsFeatureRequest, context: grpc.ServicerContext
    ) -> resource_pb2.SupportsFeatureResponse:
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in _FEATURES)

    def RegisterResource(
        self, request: resource_pb2.RegisterResourceRequest, context: grpc.ServicerContext
    ) -> resource_pb2.RegisterResourceResponse:
        parent = self._ledger.get(request.parent)
        if parent:
            registration.inherit(request, parent)
        options = registration.transform_options(request, registration.provider_reference(request, parent))
        properties, dependencies = decode(request.object)
        for name, given in request.propertyDependencies.items():
            dependencies.setdefault(name, set()).update(given.urns)
        every_dependency = set(request.dependencies)
        if transforms := self._transforms(request):
            with _failing_transform(context, f"{request.type} {request.name}"):
                properties, dependencies, options = self._transformed(
                    transforms, request, properties, dependencies, options
                )
            if request.transforms:  # as in the engine, a parent's transforms do not change what a resource depends on
                every_dependency = set(options.depends_on)
        entry = registration.plan(
            request,
            options,
            properties,
            {name: urns for name, urns in dependencies.items() if urns},
            every_dependency,
            parent,
            self._ledger,
            order=_order(context),
        )
        resource = entry.resource
        for problem in registration.timeout_problems(resource.urn, resource.options.custom_timeouts):
            self._log("error", problem, resource.urn)
        if makes_unseen(resource):
            made = "its children" if request.remote else "the chart's objects"
            self._log("warning", f"{resource.urn}: its provider would make {made}; they are not shown", resource.urn)
        self._ledger.add(entry)
        return resource_pb2.RegisterResourceResponse(urn=resource.urn, object=encode(entry.echo))

    def _transforms(self, request: resource_pb2.RegisterResourceRequest) -> list[callback_pb2.Callback]:
        """A resource's own transforms, then those of its parents, then those of the stack."""
        of_parents = [callback for entry in self._ledger.ancestors(request.parent) for callback in entry.transforms]
        return [*request.transforms, *of_parents, *self._stack_transforms]

    def _transformed(
        self,
        transforms: list[callback_pb2.Callback],
        request: resource_pb2.RegisterResourceRequest,
        properties: Properties,
        dependencies: dict[str, set[str]],
        options: resource_pb2.TransformResourceOptions,
    ) -> tuple[Properties, dict[str, set[str]], resource_pb2.TransformResourceOptions]:
        wire = encode_outputs(properties, dependencies if request.transforms else {})
        for callback in transforms:
            response = self._callbacks.transform(
                callback,
                resource_pb2.TransformRequest(
                    type=request.type,
                    name=request.name,
                    custom=request.custom,
                    parent=request.parent,
                    properties=wire,
                    options=options,
                ),
            )
            wire = response.properties if response.HasField("properties") else wire
            options = response.options if response.HasField("options") else options
        properties, found = decode(wire)
        if not request.transforms:
            for name, urns in dependencies.items():
                found.setdefault(name, set()).update(urns)
        return properties, found, options

    def RegisterResourceOutputs(
        self, request: resource_pb2.RegisterResourceOutputsRequest, context: grpc.ServicerContext
    ) -> Empty:
        self._ledger.set_outputs(request.urn, decode(request.outputs)[0])
        return Empty()

    def ReadResource(
        self, request: resource_pb2.ReadResourceRequest, context: grpc.ServicerContext
    ) -> resource_pb2.ReadResourceResponse:
        state, _ = decode(request.properties)
        urn = self._ledger.urn(request.parent, request.type, request.name)
        read_id = UNKNOWN if request.id == UNKNOWN_TEXT else request.id
        options = Options(
            version=request.version or None,
            plugin_download_url=request.pluginDownloadURL or None,
            additional_secret_outputs=tuple(request.additionalSecretOutputs),
        )
        resource = Resource(
            urn=urn,
            type=request.type,
            name=request.name,
            custom=True,
            parent=request.parent or None,
            provider=registration.provider_urn(request.provider),
            dependencies=tuple(sorted(request.dependencies)),
            property_dependencies={},
            inputs=state,
            options=options,
            read_id=read_id,
        )
        echo = registration.echo(state | self._outputs_of(resource), options.additional_secret_outputs)
        self._ledger.add(LedgerEntry(order=_order(context), resource=resource, echo=echo))
        response = resource_pb2.ReadResourceResponse(urn=urn, properties=encode(echo))
        if (
            read_id is not UNKNOWN and "id" in response.DESCRIPTOR.fields_by_name
        ):  # older SDKs keep the id they asked for
            response.id = request.id
        return response

    def _outputs_of(self, resource: Resource) -> Properties:
        """What is known of a resource that is read: the outputs of another stack, if they are given."""
        outputs = self._ledger.stack_outputs.get(str(resource.inputs.get("name")))
        return answer(outputs) if resource.type == OTHER_STACK and outputs is not None else {}

    def ExistsResource(
        self, request: resource_pb2.ExistsResourceRequest, context: grpc.ServicerContext
    ) -> resource_pb2.ExistsResourceResponse:
        return resource_pb2.ExistsResourceResponse(unknown=True)

    def Invoke(
        self, request: resource_pb2.ResourceInvokeRequest, context: grpc.ServicerContext
    ) -> resource_pb2.ResourceInvokeResponse:
        """Functions of providers need the cloud: their result is unknown, which a call in its plain form sees as None.

        Answered for real: a resource of this program by its URN, and the decoding of Kubernetes YAML.
        """
        arguments = request.args
        for callback in self._invoke_transforms:
            to_transform = resource_pb2.TransformInvokeRequest(token=request.tok, args=arguments)
            with _failing_transform(context, request.tok):
                response = self._callbacks.transform_invoke(callback, to_transform)
            arguments = response.args if response.HasField("args") else arguments
        values, _ = decode(arguments)
        if request.tok == "pulumi:pulumi:getResource":
            return self._own_resource(str(values.get("urn")))
        if request.tok == "kubernetes:yaml:decode":
            try:
                return _invoked({"result": kubernetes.decode_yaml(str(values.get("text", "")))})
            except yaml.YAMLError as error:
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        self._log(
            "warning", f"{request.tok} needs the cloud: offline its result is unknown (None in the call's plain form)"
        )
        return resource_pb2.ResourceInvokeResponse(unknown=True)

    def _own_resource(self, urn: str) -> resource_pb2.ResourceInvokeResponse:
        entry = self._ledger.get(urn)
        if entry is None:
            failure = provider_pb2.CheckFailure(property="urn", reason=f"unknown resource {urn}")
            return resource_pb2.ResourceInvokeResponse(failures=[failure])
        read_id = entry.resource.read_id
        outputs = entry.echo if entry.resource.custom else entry.resource.outputs
        return _invoked({"urn": urn, "id": read_id if isinstance(read_id, str) else "", "state": outputs})

    def Call(
        self, request: resource_pb2.ResourceCallRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CallResponse:
        self._log("warning", f"{request.tok} needs the resource's provider: offline its result is unknown")
        response = provider_pb2.CallResponse()
        getattr(response, "return").CopyFrom(encode({"result": UNKNOWN}))
        return response

    def RegisterStackTransform(self, request: callback_pb2.Callback, context: grpc.ServicerContext) -> Empty:
        self._stack_transforms.append(request)
        return Empty()

    def RegisterStackInvokeTransform(self, request: callback_pb2.Callback, context: grpc.ServicerContext) -> Empty:
        self._invoke_transforms.append(request)
        return Empty()

    def RegisterResourceHook(
        self, request: resource_pb2.RegisterResourceHookRequest, context: grpc.ServicerContext
    ) -> Empty:
        return Empty()

    def RegisterErrorHook(self, request: resource_pb2.RegisterErrorHookRequest, context: grpc.ServicerContext) -> Empty:
        return Empty()

    def RegisterPackage(
        self, request: resource_pb2.RegisterPackageRequest, context: grpc.ServicerContext
    ) -> resource_pb2.RegisterPackageResponse:
        return resource_pb2.RegisterPackageResponse(ref=f"{request.name}@{request.version}")

    def SignalAndWaitForShutdown(self, request: Empty, context: grpc.ServicerContext) -> Empty:
        return Empty()

    def _log(self, severity: Severity, message: str, urn: str | None = None) -> None:
        diagnostic = LogMessage(severity=severity, message=message, urn=urn)
        if diagnostic not in self._said:
            self._said.add(diagnostic)
            self._ledger.log(diagnostic)


@contextlib.contextmanager
def _failing_transform(context: grpc.ServicerContext, what: str) -> Generator[None]:
    """Fail the request with the words of the program when its transform raises."""
    try:
        yield
    except grpc.RpcError as error:
        details = error.details() if isinstance(error, grpc.Call) else str(error)
        context.abort(grpc.StatusCode.UNKNOWN, f"transform of {what}: {(details or '').partition(' error: ')[2]}")


def _order(context: grpc.ServicerContext) -> int:
    return next(int(value) for key, value in context.invocation_metadata() if key == ORDER_KEY)


def _invoked(result: Properties) -> resource_pb2.ResourceInvokeResponse:
    response = resource_pb2.ResourceInvokeResponse()
    getattr(response, "return").CopyFrom(encode(result))
    return response
