"""The harness reaches an engine on the port of one that has ended: a suite has thousands of them."""

from concurrent import futures

import grpc
import pytest
from pulumi.runtime import _grpc_settings
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from harness import engine
from harness.provider import Empty


class Engine(engine_pb2_grpc.EngineServicer):
    def Log(self, request, context):  # noqa: N802 - the name of the RPC
        return Empty()


def serving(port: int) -> tuple[grpc.Server, int]:
    server = grpc.server(futures.ThreadPoolExecutor(1))
    engine_pb2_grpc.add_EngineServicer_to_server(Engine(), server)
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    return server, bound


def test_a_port_that_an_earlier_engine_had_is_connected_to_at_once():
    assert engine.Stack, "the harness is what sets the options"
    first, port = serving(0)
    channels = [
        grpc.insecure_channel(f"127.0.0.1:{port}", options=_grpc_settings._GRPC_CHANNEL_OPTIONS) for _ in range(2)
    ]
    earlier, later = [engine_pb2_grpc.EngineStub(each) for each in channels]
    earlier.Log(engine_pb2.LogRequest())
    first.stop(0).wait()
    with pytest.raises(grpc.RpcError):
        earlier.Log(engine_pb2.LogRequest())
    second, _ = serving(port)
    later.Log(engine_pb2.LogRequest())
    second.stop(0).wait()
    for each in channels:
        each.close()
