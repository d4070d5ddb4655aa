"""Calls a program's transforms back, as the engine does: over gRPC, with every secret and unknown as an output value.

Source: pulumi/pulumi pkg/resource/deploy/source_eval.go, `wrapTransformCallback`. Not here: which transforms apply to
a resource.
"""

from __future__ import annotations

import threading

import grpc
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc, resource_pb2


class Callbacks:
    """The program's callback servers, each connected once; `close` lets go of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._channels: dict[str, grpc.Channel] = {}

    def transform(
        self, callback: callback_pb2.Callback, request: resource_pb2.TransformRequest
    ) -> resource_pb2.TransformResponse:
        """What the program makes of a resource's properties and options; grpc.RpcError when its transform raises."""
        return resource_pb2.TransformResponse.FromString(self._call(callback, request.SerializeToString()))

    def transform_invoke(
        self, callback: callback_pb2.Callback, request: resource_pb2.TransformInvokeRequest
    ) -> resource_pb2.TransformInvokeResponse:
        """What the program makes of a function's arguments; grpc.RpcError when its transform raises."""
        return resource_pb2.TransformInvokeResponse.FromString(self._call(callback, request.SerializeToString()))

    def close(self) -> None:
        """Close every connection."""
        for channel in self._channels.values():
            channel.close()

    def _call(self, callback: callback_pb2.Callback, request: bytes) -> bytes:
        with self._lock:
            if callback.target not in self._channels:
                self._channels[callback.target] = grpc.insecure_channel(callback.target)
            channel = self._channels[callback.target]
        stub = callback_pb2_grpc.CallbacksStub(channel)
        response = stub.Invoke(callback_pb2.CallbackInvokeRequest(token=callback.token, request=request))
        return response.response
