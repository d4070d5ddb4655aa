"""Serves monitor and engine to the program that is evaluated, and to nobody else on this machine."""

from __future__ import annotations

import contextlib
import hmac
import secrets
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, resource_pb2_grpc

from nodrop.preview.ledger import Ledger
from nodrop.preview.monitor import Empty, Monitor
from nodrop.preview.resources import LogMessage, Severity

PROGRAM_THREADS = 1024
"""Requests that a program may have under way; a thread is made only when one is needed. Registrations that wait for
transforms hold theirs, so with fewer a program whose transforms call functions could wait for itself."""
_MONITOR_THREADS = 2 * PROGRAM_THREADS
"""More than the program's, since beside them it logs and registers transforms."""
MESSAGE_BYTES = 400 * 1024 * 1024
"""The SDK's own limit (pulumi/runtime/_grpc_settings.py)."""

TOKEN_KEY = "nodrop-token"  # noqa: S105 - the name of the token
"""gRPC metadata: that a request comes from the program that is evaluated."""

_SEVERITIES: dict[int, Severity] = {
    engine_pb2.INFO: "info",
    engine_pb2.WARNING: "warning",
    engine_pb2.ERROR: "error",
}


class _Engine(engine_pb2_grpc.EngineServicer):
    """Keeps what the program logs. Any version that a program requires of the CLI is taken as given."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def Log(self, request: engine_pb2.LogRequest, context: grpc.ServicerContext) -> Empty:  # noqa: ARG002, N802
        if not request.ephemeral and (severity := _SEVERITIES.get(request.severity)):
            self._ledger.log(LogMessage(severity=severity, message=request.message, urn=request.urn or None))
        return Empty()


@dataclass(frozen=True)
class Connection:
    """How the program reaches monitor and engine: every user of this machine can, so its requests carry a token."""

    address: str
    token: str


class _WithToken(grpc.ServerInterceptor):
    """Refuses every request without the token, before anything reads it."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()
        self._refusal = grpc.unary_unary_rpc_method_handler(_refuse)

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], grpc.RpcMethodHandler | None],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler | None:
        given = [value for key, value in handler_call_details.invocation_metadata if key == TOKEN_KEY]
        if len(given) == 1 and hmac.compare_digest(str(given[0]).encode(), self._token):
            return continuation(handler_call_details)
        return self._refusal


def _refuse(_request: bytes, context: grpc.ServicerContext) -> None:
    context.abort(grpc.StatusCode.UNAUTHENTICATED, "this is the preview of another program")


@contextlib.contextmanager
def served(ledger: Ledger) -> Generator[Connection]:
    """Serve monitor and engine on a free port of the loopback interface."""
    options = [(f"grpc.max_{way}_message_length", MESSAGE_BYTES) for way in ("send", "receive")]
    executor = ThreadPoolExecutor(_MONITOR_THREADS, thread_name_prefix="pulumi-monitor")
    token = secrets.token_urlsafe(32)
    server = grpc.server(executor, interceptors=[_WithToken(token)], options=options)
    monitor = Monitor(ledger)
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(monitor, server)
    engine_pb2_grpc.add_EngineServicer_to_server(_Engine(ledger), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield Connection(f"127.0.0.1:{port}", token)
    finally:
        server.stop(grace=None).wait()
        executor.shutdown()
        monitor.close()
