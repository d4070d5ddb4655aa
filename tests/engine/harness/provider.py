"""A provider without its resources: a gRPC server on loopback, and errors as the engine understands them."""

import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import wraps
from typing import Any

import grpc
from google.protobuf import any_pb2, empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2_grpc, status_pb2
from pulumi.runtime.proto import provider_pb2 as pb

from harness.wire import encode

Empty = empty_pb2.Empty  # ty: ignore[missing-attribute] protobuf makes its classes at run time
Anything = any_pb2.Any  # ty: ignore[missing-attribute]
OPTIONS = (("grpc.max_receive_message_length", 400 << 20), ("grpc.max_send_message_length", 400 << 20))


class ProviderError(Exception):
    """The operation failed and nothing has changed; the message is for the user."""


class InitFailedError(Exception):
    """The resource exists, but is not right: the engine keeps it in its state, with the reasons."""

    def __init__(self, identity: str, outputs: Mapping[str, Any], reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.identity, self.outputs, self.reasons = identity, outputs, reasons


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """Answers that do not depend on the resources; methods given to `answers` may raise the errors above."""

    name: str
    version: str

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:  # noqa: N802
        return plugin_pb2.PluginInfo(version=self.version)

    def CheckConfig(self, request: pb.CheckRequest, context: grpc.ServicerContext) -> pb.CheckResponse:  # noqa: N802
        return pb.CheckResponse(inputs=request.news)

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> Empty:  # noqa: N802
        return Empty()


def answers(method: Callable[..., Any]) -> Callable[..., Any]:
    """Turns errors into what the engine understands; a fault of the stand-in's own arrives with its traceback."""

    @wraps(method)
    def answering(self: Provider, request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return method(self, request)
        except ProviderError as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except InitFailedError as error:
            _abort_with(context, error)
        except Exception:
            context.abort(grpc.StatusCode.INTERNAL, f"stand-in for {self.name}: {traceback.format_exc()}")

    return answering


def _abort_with(context: grpc.ServicerContext, error: InitFailedError) -> None:
    detail = Anything()
    failed = pb.ErrorResourceInitFailed(id=error.identity, properties=encode(error.outputs), reasons=error.reasons)
    detail.Pack(failed)
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error), details=[detail])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, str(error))


class Server:
    """One provider instance on a port of its own."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._server = grpc.server(
            ThreadPoolExecutor(max_workers=64, thread_name_prefix=provider.name), options=OPTIONS
        )
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, self._server)
        self.port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()

    def stop(self) -> None:
        """Requests under way are given up."""
        self._server.stop(grace=None)
