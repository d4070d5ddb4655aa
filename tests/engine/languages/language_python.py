# ruff: noqa: N802 - the methods' names are the protocol's
"""Stands in for pulumi-language-python as far as a plugin needs it: `pulumi-language-python [flags] ENGINE`.

It runs the plugin's folder with the interpreter of the tests, and makes SDKs with Pulumi's own generator. It installs
and links nothing, runs no program, and knows no toolchain or virtualenv.
"""

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent import futures

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2


class Runtime(language_pb2_grpc.LanguageRuntimeServicer):
    def GetPluginInfo(self, request, context):
        return plugin_pb2.PluginInfo(version="0.0.0")

    def Handshake(self, request, context):
        return language_pb2.LanguageHandshakeResponse()

    def GetRequiredPackages(self, request, context):
        return language_pb2.GetRequiredPackagesResponse()

    def InstallDependencies(self, request, context) -> Iterator:
        return iter(())

    def Cancel(self, request, context):
        return empty_pb2.Empty()  # ty: ignore[missing-attribute]

    def GeneratePackage(self, request, context):
        argv = ["pulumi-generate-sdk", "python", request.directory, request.loader_target]
        subprocess.run(argv, input=request.schema.encode(), check=True)
        return language_pb2.GeneratePackageResponse()

    def Link(self, request, context):
        return language_pb2.LinkResponse(import_instructions="import pulumi_gke_nodrop")

    def RunPlugin(self, request, context) -> Iterator:
        plugin = subprocess.Popen(
            [sys.executable, request.info.program_directory, *request.args],
            cwd=request.pwd,
            env=dict(entry.split("=", 1) for entry in request.env) or None,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        context.add_callback(plugin.kill)  # the engine hangs up when it is done
        parts: queue.Queue = queue.Queue()
        for name, stream in (("stdout", plugin.stdout), ("stderr", plugin.stderr)):
            threading.Thread(target=self._read, args=(name, stream, parts), daemon=True).start()
        for _ in range(2):
            while part := parts.get():
                yield language_pb2.RunPluginResponse(**part)
        yield language_pb2.RunPluginResponse(exitcode=plugin.wait())

    @staticmethod
    def _read(name: str, stream, parts: queue.Queue) -> None:
        for line in stream:
            parts.put({name: line})
        parts.put(None)


def serve() -> None:
    server = grpc.server(futures.ThreadPoolExecutor())
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(Runtime(), server)
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    server.start()
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    parent = os.getppid()
    while os.getppid() == parent and server.wait_for_termination(timeout=1):
        pass


if __name__ == "__main__":
    serve()
