"""Runs a Pulumi program the way Pulumi's Python language host does, but inside this process and leaving no trace in it.

Follows pulumi/pulumi sdk/python/cmd/pulumi-language-python-exec. Not here: the protocol that the program speaks while
it runs.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import importlib
import os
import runpy
import sys
import traceback
from collections.abc import Generator, Mapping
from pathlib import Path
from types import ModuleType

import grpc
import pulumi

from nodrop.preview.project import Project

_OWN = ("nodrop", "gke_nodrop")
_MACHINERY = (
    runpy.__file__,
    "<frozen ",
    *(
        f"{Path(module.__file__ or '').parent}{os.sep}"
        for module in (pulumi, grpc, asyncio, concurrent.futures, sys.modules[__name__])
    ),
)


def run_main(project: Project) -> None:
    """Run the program's main module; what it schedules on the event loop goes on after this returns."""
    runpy.run_path(str(project.program), run_name="__main__")


@contextlib.contextmanager
def as_main(project: Project) -> Generator[None]:
    """Lend the process to a program: its folder is the working directory and first on the import path.

    The project's modules are imported afresh and forgotten at the end, so that each evaluation runs all of the program
    again, and two projects with modules of the same name do not meet. What the program prints goes to stderr, so that
    stdout stays the command's own. As all of this belongs to the process, one evaluation runs at a time.
    """
    before = sys.path[:], sys.argv[:], Path.cwd()
    hidden = _modules_of(project, sys.modules)
    for name in hidden:
        del sys.modules[name]
    kept = dict(sys.modules)
    importlib.invalidate_caches()
    try:
        os.chdir(project.working_directory)
        sys.path.insert(0, str(project.working_directory))
        sys.argv[:] = [str(project.program)]
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        # of all that was there nothing goes: a namespace package of others may reach into the project now
        imported = {name: module for name, module in sys.modules.copy().items() if kept.get(name) is not module}
        for name in _modules_of(project, imported):
            del sys.modules[name]
        sys.modules.update(hidden)
        sys.path[:], sys.argv[:] = before[:2]
        os.chdir(before[2])


def _modules_of(project: Project, modules: Mapping[str, ModuleType]) -> dict[str, ModuleType]:
    """Those modules that lie in the project, but for installed packages, this tool and its components.

    These two lie in a project where that is a checkout of theirs: a second import of the components would meet classes
    of the first in caches, such as those of `typing`.
    """
    roots = tuple({f"{root}{os.sep}" for root in (project.root, project.working_directory)})
    kept = tuple(_location(sys.modules[name]).removesuffix("__init__.py") for name in _OWN if name in sys.modules)
    return {
        name: module
        for name, module in list(modules.items())
        if (file := _location(module)).startswith(roots)
        and not file.startswith(kept)
        and f"{os.sep}site-packages{os.sep}" not in file
        and name != "__main__"
    }


def _location(module: ModuleType) -> str:
    """Where a module lies, "" when it is part of Python; a package without `__init__.py` has only a search path."""
    file = getattr(module, "__file__", None)
    return file if isinstance(file, str) else f"{next(iter(getattr(module, '__path__', ())), '')}{os.sep}"


def describe_failure(error: BaseException) -> str:
    """What a program's author should read of `error`.

    Of a `pulumi.RunError` only the message, also where the SDK met it in an Output and says which inputs it was for; of
    anything else the traceback without the frames of Pulumi's SDK and of what runs the program.
    """
    if isinstance(error, pulumi.ConfigTypeError):  # whose own text has the value, which may be a secret
        wanted = f"{error.key} is not of the type {error.expect_type}"
        return f"the config value of {wanted}; it is not shown, as it may be secret"
    if isinstance(own := _passed_on(error), pulumi.RunError):
        return str(own)
    if isinstance(error, SystemExit):
        return f"the program exited with {error.code!r}"
    if isinstance(error.__context__, grpc.RpcError):
        return str(error)  # the SDK's wrapping of what the monitor answered
    report = traceback.TracebackException.from_exception(error)
    link: traceback.TracebackException | None = report
    while link is not None:
        frames = [frame for frame in link.stack if not frame.filename.startswith(_MACHINERY)]
        link.stack = traceback.StackSummary.from_list(frames)
        link = link.__cause__ or link.__context__
    return "".join(report.format()).rstrip()


def _passed_on(error: BaseException) -> BaseException:
    """The first error, where what was raised from it comes from the SDK alone and not from the program.

    The SDK may raise an error from itself: the one that it awaits and the first that it has seen may be one.
    """
    seen: list[BaseException] = []
    while error.__cause__ is not None and error not in seen:
        files = (frame.filename for frame in traceback.extract_tb(error.__traceback__))
        if not all(each.startswith(_MACHINERY) for each in files):
            break
        seen.append(error)
        error = error.__cause__
    return error
