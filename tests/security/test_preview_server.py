"""The preview's servers answer the program that is evaluated, and nobody else on this machine."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pulumi
import pytest
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, resource_pb2, resource_pb2_grpc

from nodrop.preview import evaluate_function
from nodrop.preview.values import encode

URN = "urn:pulumi:stack::project::demo:index:Vault::vault"
SECRET = "a secret"


class Vault(pulumi.CustomResource):
    def __init__(self) -> None:
        super().__init__("demo:index:Vault", "vault", {"key": pulumi.Output.secret(SECRET)})


def listening() -> Iterator[str]:
    """The addresses on which this process listens, as anybody can find out (proc_net_tcp(5))."""
    own = {os.readlink(link) for link in Path("/proc/self/fd").iterdir() if os.path.lexists(link)}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in own:
                yield f"127.0.0.1:{int(fields[1].rpartition(':')[2], 16)}"


Call = Callable[[grpc.Channel, tuple[tuple[str, str], ...]], Any]


def get_resource(channel: grpc.Channel, metadata: tuple[tuple[str, str], ...]) -> Any:
    request = resource_pb2.ResourceInvokeRequest(tok="pulumi:pulumi:getResource", args=encode({"urn": URN}))
    return resource_pb2_grpc.ResourceMonitorStub(channel).Invoke(request, metadata=metadata, timeout=10)


def register(channel: grpc.Channel, metadata: tuple[tuple[str, str], ...]) -> Any:
    request = resource_pb2.RegisterResourceRequest(type="demo:index:Vault", name="foreign", custom=True)
    return resource_pb2_grpc.ResourceMonitorStub(channel).RegisterResource(request, metadata=metadata, timeout=10)


def log(channel: grpc.Channel, metadata: tuple[tuple[str, str], ...]) -> Any:
    request = engine_pb2.LogRequest(severity=engine_pb2.ERROR, message="foreign")
    return engine_pb2_grpc.EngineStub(channel).Log(request, metadata=metadata, timeout=10)


@pytest.mark.parametrize("metadata", [(), (("nodrop-token", ""),), (("nodrop-token", "a"), ("nodrop-token", "b"))])
@pytest.mark.parametrize("call", [get_resource, register, log])
def test_a_request_of_somebody_else_is_refused(call: Call, metadata: tuple[tuple[str, str], ...]) -> None:
    answers: list[str] = []
    refusals: list[grpc.StatusCode | None] = []

    async def main() -> None:
        vault = Vault()
        await vault.urn.future()
        for address in listening():
            with grpc.insecure_channel(address) as channel:
                try:
                    answers.append(str(call(channel, (*metadata, ("nodrop-order", "7")))))
                except grpc.RpcError as error:
                    refusals.append(error.code() if isinstance(error, grpc.Call) else None)

    evaluation = evaluate_function(main)
    assert answers == []
    assert grpc.StatusCode.UNAUTHENTICATED in refusals
    assert [resource.name for resource in evaluation.resources if resource.name == "foreign"] == []
    assert evaluation.diagnostics == ()
