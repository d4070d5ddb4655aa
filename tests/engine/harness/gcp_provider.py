"""Stands in for the gcp provider, over a fake cloud: typed by pulumi-gcp's Python classes.

Does: refuse unknown, missing and mistyped inputs; name resources; say what changes and, by gcp_table.py, what that
replaces; compute outputs; fail where the cloud fails. Does not: check values, set most defaults, know resources that
gcp_table.py does not list, or find drift in properties that no input names. It proves nothing about GCP itself.
"""

import hashlib
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from pulumi.runtime.proto import provider_pb2 as pb

from harness import gcp_outputs, gcp_types
from harness.cloud import Cloud, Resource
from harness.diffs import changes, response
from harness.faults import CloudError, HalfDoneError
from harness.gcp_table import KINDS
from harness.provider import Empty, InitFailedError, Provider, ProviderError, answers
from harness.wire import UNKNOWN, Object, Secret, contains, decode, encode, plain, secret_like
from nodrop.preview.fixed_inputs import replaces

DEFAULTS = "__defaults"
"""Among the inputs: names of those that the provider filled in."""
NOT_IN_GCP = {"deletionProtection", "removeDefaultNodePool"}


class GcpProvider(Provider):
    """One instance."""

    name, version = "gcp", version("pulumi-gcp")

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.config: dict[str, str] = {}

    @answers
    def DiffConfig(self, request: pb.DiffRequest) -> pb.DiffResponse:  # noqa: N802
        old, new = decode(request.old_inputs or request.olds), decode(request.news)
        return response(changes(old, new), lambda path: path == "project")

    @answers
    def Configure(self, request: pb.ConfigureRequest) -> pb.ConfigureResponse:  # noqa: N802
        config = plain(decode(request.args))
        self.config = {key: value for key, value in config.items() if isinstance(value, str)}
        return pb.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    @answers
    def Invoke(self, request: pb.InvokeRequest) -> pb.InvokeResponse:  # noqa: N802
        found: Object
        region = self.config.get("region", "us-central1")
        match request.tok:
            case "gcp:organizations/getClientConfig:getClientConfig":
                place = {"project": self.config.get("project", ""), "region": region, "zone": f"{region}-b"}
                found = {**place, "accessToken": Secret("ya29.none"), "id": "client", "defaultLabels": {}}
            case "gcp:compute/getZones:getZones":
                found = {"names": [f"{region}-{letter}" for letter in "abcf"], "id": region}
            case other:
                raise ProviderError(f"the stand-in for gcp knows no function {other}")
        return pb.InvokeResponse(**{"return": encode(found)})  # ty: ignore[unknown-argument] a word of Python's

    @answers
    def Check(self, request: pb.CheckRequest) -> pb.CheckResponse:  # noqa: N802
        token, old, inputs = _token(request.urn), decode(request.olds), decode(request.news)
        failures = [pb.CheckFailure(property=path, reason=reason) for path, reason in gcp_types.faults(token, inputs)]
        if KINDS[token].autonamed and not inputs.get("name"):
            kept = old.get("name") if "name" in old.get(DEFAULTS, []) else None
            inputs |= {"name": kept or _autoname(request.urn, request.randomSeed), DEFAULTS: ["name"]}
        else:
            inputs[DEFAULTS] = []
        return pb.CheckResponse(inputs=encode(inputs), failures=failures)

    @answers
    def Diff(self, request: pb.DiffRequest) -> pb.DiffResponse:  # noqa: N802
        token, old, new = _token(request.urn), decode(request.old_inputs), decode(request.news)

        def is_replaced(path: str) -> bool:
            autopilot = plain(new.get("enableAutopilot")) is True
            return replaces(token, path, plain(old.get(path)), plain(new.get(path)), autopilot=autopilot)

        def same_fixed_name() -> bool:
            return (
                KINDS[token].autonamed and "name" not in new[DEFAULTS] and plain(new["name"]) == plain(old.get("name"))
            )

        return response(changes(old, new), is_replaced, same_fixed_name)

    @answers
    def Create(self, request: pb.CreateRequest) -> pb.CreateResponse:  # noqa: N802
        token, inputs = _token(request.urn), decode(request.properties)
        if request.preview:
            return pb.CreateResponse(properties=encode(_planned(token, inputs, {})))
        values = gcp_outputs.defaulted(token, inputs, self.config)
        identity = gcp_outputs.identity(token, values)
        try:
            resource = self.cloud.create(token, identity, values)
        except HalfDoneError as error:
            kept = self.cloud.resources[identity]
            raise InitFailedError(identity, _state(kept, inputs), [f"Error creating {kept.name}: {error}"]) from None
        except CloudError as error:
            raise ProviderError(f"Error creating {identity.rpartition('/')[2]}: {error}") from None
        return pb.CreateResponse(id=identity, properties=encode(_state(resource, inputs)))

    @answers
    def Read(self, request: pb.ReadRequest) -> pb.ReadResponse:  # noqa: N802
        try:
            resource = self.cloud.read(_token(request.urn), request.id)
        except CloudError as error:
            raise ProviderError(str(error)) from None
        if resource is None:
            return pb.ReadResponse()
        known = decode(request.inputs)
        if not known and not decode(request.properties):  # an import; what the provider fills in makes no difference
            known = {key: value for key, value in resource.properties.items() if key not in ("project", "region")}
            known[DEFAULTS] = []
        found = {
            key: value if key == DEFAULTS or key in NOT_IN_GCP else secret_like(resource.properties.get(key), value)
            for key, value in known.items()
        }
        return pb.ReadResponse(id=request.id, properties=encode(_state(resource, found)), inputs=encode(found))

    @answers
    def Update(self, request: pb.UpdateRequest) -> pb.UpdateResponse:  # noqa: N802
        token, inputs, old = _token(request.urn), decode(request.news), decode(request.olds)
        if request.preview:
            return pb.UpdateResponse(properties=encode(_planned(token, inputs, old)))
        values = gcp_outputs.defaulted(token, inputs, self.config)
        try:
            resource = self.cloud.update(token, request.id, values)
        except HalfDoneError as error:
            kept = self.cloud.resources[request.id]
            raise InitFailedError(request.id, _state(kept, inputs), [f"Error updating {kept.name}: {error}"]) from None
        except CloudError as error:
            raise ProviderError(f"Error updating {request.id}: {error}") from None
        return pb.UpdateResponse(properties=encode(_state(resource, inputs)))

    @answers
    def Delete(self, request: pb.DeleteRequest) -> Empty:  # noqa: N802
        try:
            self.cloud.delete(_token(request.urn), request.id)
        except CloudError as error:
            raise ProviderError(str(error)) from None
        return Empty()


def _token(urn: str) -> str:
    """The type token in a URN."""
    token = urn.split("::")[2].rpartition("$")[2]
    try:
        gcp_types.resource_class(token)
    except gcp_types.UnknownTypeError as error:
        raise ProviderError(str(error)) from None
    if token not in KINDS:
        raise ProviderError(f"the stand-in for gcp knows no resource {token}")
    return token


def _autoname(urn: str, seed: bytes) -> str:
    """As pulumi-terraform-bridge does: lower case, at most 63 characters."""
    digest = hashlib.sha256(seed or urn.encode()).hexdigest()[:7]
    return f"{urn.rpartition('::')[2].lower()[:55]}-{digest}"


def _state(resource: Resource, inputs: Mapping[str, Any]) -> Object:
    """All properties, secret where the inputs are."""
    own = {**resource.properties, **gcp_outputs.computed(resource)}
    return {key: secret_like(value, inputs.get(key)) for key, value in own.items()}


def _planned(token: str, inputs: Object, old: Object) -> Object:
    """What a preview can say: inputs as given, what is known already, all else unknown."""
    given = {key: value for key, value in inputs.items() if key != DEFAULTS}
    unknown = dict.fromkeys(gcp_types.outputs(token), UNKNOWN) if not old else {}
    known = {key: value for key, value in old.items() if not contains(value, UNKNOWN)}
    nested = {
        key: {**old[key], **value}
        for key, value in given.items()
        if isinstance(value, dict) and isinstance(old.get(key), dict)
    }
    return {**unknown, **known, **given, **nested}
