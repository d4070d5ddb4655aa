"""Drives one provider over gRPC, as the engine does, with plain values."""

from dataclasses import dataclass
from typing import Any, cast

import grpc
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import provider_pb2_grpc, status_pb2

from harness.provider import Provider, Server
from harness.wire import Object, decode, encode


class RefusedError(Exception):
    """The provider said no."""


class FailedButKeptError(Exception):
    """The resource exists, but is not right."""

    def __init__(self, kept: "Kept", reasons: list[str]) -> None:
        super().__init__("\n".join(reasons))
        self.kept, self.reasons = kept, reasons


@dataclass(frozen=True)
class Kept:
    """What the engine keeps of a resource."""

    urn: str
    id: str
    inputs: Object
    outputs: Object


class Driver:
    """One provider instance."""

    def __init__(self, provider: Provider, config: Object) -> None:
        self.server = Server(provider)
        self.stub = provider_pb2_grpc.ResourceProviderStub(grpc.insecure_channel(f"127.0.0.1:{self.server.port}"))
        self._call(self.stub.Configure, pb.ConfigureRequest(args=encode(config), acceptSecrets=True))

    def stop(self) -> None:
        self.server.stop()

    def check(self, urn: str, inputs: Object, old: Object | None = None) -> Object:
        """The inputs with names filled in; RefusedError with all failures."""
        request = pb.CheckRequest(urn=urn, news=encode(inputs), randomSeed=urn.encode())
        if old is not None:
            request.olds.CopyFrom(encode(old))
        answer = self._call(self.stub.Check, request)
        if answer.failures:
            raise RefusedError("\n".join(f"{one.property}: {one.reason}" for one in answer.failures))
        return decode(answer.inputs)

    def create(self, urn: str, inputs: Object, *, preview: bool = False) -> Kept:
        checked = self.check(urn, inputs)
        request = pb.CreateRequest(urn=urn, properties=encode(checked), preview=preview)
        answer = self._call(self.stub.Create, request, urn, checked)
        return Kept(urn, answer.id, checked, decode(answer.properties))

    def diff(self, kept: Kept, inputs: Object) -> pb.DiffResponse:
        return self._call(self.stub.Diff, self._changed(pb.DiffRequest, kept, inputs))

    def update(self, kept: Kept, inputs: Object, *, preview: bool = False) -> Kept:
        request = self._changed(pb.UpdateRequest, kept, inputs, preview=preview)
        answer = self._call(self.stub.Update, request, kept.urn, decode(request.news))
        return Kept(kept.urn, kept.id, decode(request.news), decode(answer.properties))

    def read(self, kept: Kept) -> Kept | None:
        """None where the resource is gone."""
        request = pb.ReadRequest(urn=kept.urn, id=kept.id, properties=encode(kept.outputs), inputs=encode(kept.inputs))
        answer = self._call(self.stub.Read, request, kept.urn, kept.inputs)
        return Kept(kept.urn, answer.id, decode(answer.inputs), decode(answer.properties)) if answer.id else None

    def delete(self, kept: Kept) -> None:
        properties, inputs = encode(kept.outputs), encode(kept.inputs)
        request = pb.DeleteRequest(urn=kept.urn, id=kept.id, properties=properties, old_inputs=inputs)
        self._call(self.stub.Delete, request, kept.urn, kept.inputs)

    def _changed(self, request: Any, kept: Kept, inputs: Object, **more: Any) -> Any:
        common = {"olds": encode(kept.outputs), "old_inputs": encode(kept.inputs)}
        news = encode(self.check(kept.urn, inputs, kept.inputs))
        return request(urn=kept.urn, id=kept.id, news=news, **common, **more)

    def _call(self, method: Any, request: Any, urn: str = "", inputs: Object | None = None) -> Any:
        try:
            return method(request)
        except grpc.RpcError as raised:
            error = cast("grpc.Call", raised)
            details = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin")
            if not details:
                raise RefusedError(error.details()) from None
            failed = pb.ErrorResourceInitFailed()
            status_pb2.Status.FromString(details).details[0].Unpack(failed)
            raise FailedButKeptError(
                Kept(urn, failed.id, inputs or {}, decode(failed.properties)), list(failed.reasons)
            ) from None


def urn(token: str, name: str = "web") -> str:
    """Of a resource without a parent."""
    return f"urn:pulumi:test::tests::{token}::{name}"
