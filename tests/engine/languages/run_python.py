"""Runs one Python program for language_python.py: `run_python.py ENGINE`, the serialised RunRequest on standard input.

The SDK's own server for inline programs does the work; pods are available at once (harness/availability.py). It exits
with 32 when the program has failed and the user has been told why, as the real host's does; a fault that is no RunError
is told in other words than the real host's, with the traceback.
"""

import os
import runpy
import sys
from typing import Any

from pulumi.automation._server import LanguageServer
from pulumi.runtime.proto import language_pb2

from harness.availability import at_once

TOLD = 32


def main(engine: str) -> int:
    request = language_pb2.RunRequest.FromString(sys.stdin.buffer.read())
    folder = request.info.program_directory
    os.chdir(folder)
    sys.argv = [folder, *request.args]
    request.args[:] = [engine]

    def program() -> Any:
        runpy.run_path(folder, run_name="__main__")

    return TOLD if LanguageServer(at_once(program)).Run(request, None).error else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
