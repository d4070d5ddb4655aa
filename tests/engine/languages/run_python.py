"""Runs one Python program for language_python.py: `run_python.py ENGINE`, the serialised RunRequest on standard input.

The SDK's own server for inline programs does the work; pods are available at once unless `AS_DECLARED` is in
the environment. It exits with 32 when the program has failed and the user has been told why, as the real host's does; a
fault that is no RunError is told in other words than the real host's, with the traceback.
"""

import os
import runpy
import sys
from collections.abc import Callable
from typing import Any

import pulumi
from pulumi.automation._server import LanguageServer
from pulumi.runtime.proto import language_pb2

TOLD = 32
AS_DECLARED = "NODROP_AS_DECLARED"


def main(engine: str) -> int:
    request = language_pb2.RunRequest.FromString(sys.stdin.buffer.read())
    folder = request.info.program_directory
    os.chdir(folder)
    sys.argv = [folder, *request.args]
    request.args[:] = [engine]

    def program() -> Any:
        runpy.run_path(folder, run_name="__main__")

    chosen = program if AS_DECLARED in os.environ else at_once(program)
    return TOLD if LanguageServer(chosen).Run(request, None).error else 0


def at_once(program: Callable[[], object]) -> Callable[[], None]:
    """The program, its Deployments without `minReadySeconds`: a minute a pod for its zone would make tests long."""

    def run() -> None:
        pulumi.runtime.register_resource_transform(_without_minimum)
        program()

    return run


def _without_minimum(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    spec: Any = args.props.get("spec")
    if args.type_ != "kubernetes:apps/v1:Deployment" or not isinstance(spec, dict) or not spec.get("minReadySeconds"):
        return None
    return pulumi.ResourceTransformResult({**args.props, "spec": {**spec, "minReadySeconds": 0}}, args.opts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
