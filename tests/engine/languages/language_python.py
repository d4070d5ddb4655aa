# ruff: noqa: N802 - the methods' names are the protocol's
"""Stands in for pulumi-language-python: `pulumi-language-python [flags] ENGINE`.

It runs programs (run_python.py) and plugins, policy packs among them, and makes SDKs with Pulumi's own generator. The
interpreter is that of the folder named by the option `virtualenv`, or the tests' own where there is no such folder. It
installs and links nothing, so `toolchain` means nothing to it; it finds no packages that a program requires, and knows
no debugger, no type checker and no `main` but a folder. When the CLI is gone, killed or not, so is all that it started.
"""

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

RUN = Path(__file__).with_name("run_python.py")
PARENT_PERIOD_SECONDS = 0.2


class Runtime(language_pb2_grpc.LanguageRuntimeServicer):
    def __init__(self, engine: str) -> None:
        self.engine = engine
        self.children: list[subprocess.Popen] = []

    def GetPluginInfo(self, request, context):
        return plugin_pb2.PluginInfo(version="0.0.0")

    def Handshake(self, request, context):
        return language_pb2.LanguageHandshakeResponse()

    def About(self, request, context):
        version = ".".join(str(part) for part in sys.version_info[:3])
        return language_pb2.AboutResponse(executable=_interpreter(request.info), version=version)

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

    def Run(self, request, context):
        argv = [_interpreter(request.info), "-u", RUN, self.engine]
        program = self._start(argv, context, cwd=request.info.program_directory, stdin=subprocess.PIPE)
        program.communicate(request.SerializeToString())
        if program.returncode == 0:
            return language_pb2.RunResponse()
        if program.returncode == 32:  # it has told the user
            return language_pb2.RunResponse(bail=True)
        return language_pb2.RunResponse(error=f"the program exited with {program.returncode}")

    def RunPlugin(self, request, context) -> Iterator:
        program, python = request.info.program_directory, _interpreter(request.info)
        is_policy_pack = request.kind == "analyzer"
        argv = ["-u", "-m", "pulumi.policy", *request.args, program] if is_policy_pack else [program, *request.args]
        plugin = self._start(
            [python, *argv],
            context,
            cwd=program if is_policy_pack else request.pwd,
            env=dict(entry.split("=", 1) for entry in request.env) or None,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        parts: queue.Queue = queue.Queue()
        for name, stream in (("stdout", plugin.stdout), ("stderr", plugin.stderr)):
            threading.Thread(target=self._read, args=(name, stream, parts), daemon=True).start()
        for _ in range(2):
            while part := parts.get():
                yield language_pb2.RunPluginResponse(**part)
        yield language_pb2.RunPluginResponse(exitcode=plugin.wait())

    def _start(self, argv: list, context, **options) -> subprocess.Popen:
        child = subprocess.Popen(argv, **options)
        self.children.append(child)
        context.add_callback(child.kill)  # the engine hangs up when it is done
        return child

    @staticmethod
    def _read(name: str, stream, parts: queue.Queue) -> None:
        for line in stream:
            parts.put({name: line})
        parts.put(None)


def _interpreter(info) -> str:
    named = dict(info.options).get("virtualenv")
    python = Path(info.root_directory, named, "bin", "python") if named else None
    return str(python) if python and python.exists() else sys.executable


def serve(engine: str) -> None:
    runtime = Runtime(engine)
    server = grpc.server(futures.ThreadPoolExecutor())
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(runtime, server)
    parent = os.getppid()

    def end(*_) -> None:
        for child in runtime.children:
            child.kill()  # does nothing to one that has ended
        os._exit(0)

    signal.signal(signal.SIGINT, end)
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    server.start()
    while os.getppid() == parent and server.wait_for_termination(timeout=PARENT_PERIOD_SECONDS):
        pass
    end()


if __name__ == "__main__":
    serve(sys.argv[-1])
