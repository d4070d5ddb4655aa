"""Evaluates a Pulumi program offline: starts the monitor, runs the program against it over gRPC, collects the result.

Nothing leaves the machine: no Pulumi CLI, plugin, service or credential is used. Not here: what the monitor answers,
and how a program is found and run.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import inspect
import itertools
import os
import weakref
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # read when grpc is imported: its C core writes to stderr otherwise

import grpc
from pulumi.runtime import config as pulumi_config
from pulumi.runtime import settings as pulumi_settings
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, resource_pb2_grpc
from pulumi.runtime.rpc_manager import RPCManager
from pulumi.runtime.stack import run_in_stack

from nodrop.garbage_collection import without_collection
from nodrop.preview import program
from nodrop.preview.config_reads import RecordedConfig, unread
from nodrop.preview.ledger import Ledger
from nodrop.preview.masked_outputs import looked_up_one_by_one
from nodrop.preview.monitor import ORDER_KEY
from nodrop.preview.project import StackConfig, read_project, read_stack_config
from nodrop.preview.resources import Evaluation, LogMessage, ProgramError
from nodrop.preview.server import MESSAGE_BYTES, PROGRAM_THREADS, TOKEN_KEY, Connection, served
from nodrop.preview.stack_outputs import StackOutputs, is_unknown

Main = Callable[[], object]
"""A whole program; what it returns is awaited if it can be."""

_order: contextvars.ContextVar[int] = contextvars.ContextVar("order", default=0)


def evaluate(
    project_dir: Path,
    stack: str,
    *,
    config: Mapping[str, str] | None = None,
    stack_outputs: StackOutputs | None = None,
) -> Evaluation:
    """Evaluate the program of the project in `project_dir` for `stack`, as the preview of its first deployment.

    `config` maps "namespace:key", or a key of the project's own, to a value that goes before the stack's file. The
    program runs in this process, with the packages installed here, and on this thread, which must run no event loop;
    see `program.as_main` for what it is lent meanwhile. Of other stacks it knows the outputs in `stack_outputs`, but
    for those that Pulumi masked. Raises ProjectError for a project, stack or configuration that
    cannot be used, and ProgramError with the program's own words when the program fails or logs an error.
    """
    project = read_project(project_dir)
    stack_config = read_stack_config(project, stack, config or {})
    ledger = Ledger(project.name, stack, stack_config.of_default_provider, stack_outputs)
    for section in stack_config.ignored:
        ledger.log(LogMessage(severity="warning", message=f"section {section!r} of the stack has no effect offline"))
    with program.as_main(project):
        return _evaluated(lambda: program.run_main(project), project.root, stack_config, ledger)


def evaluate_function(
    main: Main,
    *,
    project: str = "project",
    stack: str = "stack",
    config: Mapping[str, str] | None = None,
    stack_outputs: StackOutputs | None = None,
) -> Evaluation:
    """Evaluate a function that makes resources, as if it were the whole program of a project; see `evaluate`.

    `config` holds all of its configuration, by "namespace:key".
    """
    values = StackConfig(values=dict(config or {}), secret_keys=(), ignored=())
    return _evaluated(main, Path.cwd(), values, Ledger(project, stack, values.of_default_provider, stack_outputs))


def _evaluated(main: Main, root: Path, stack_config: StackConfig, ledger: Ledger) -> Evaluation:
    some_unknown = any(map(is_unknown, ledger.stack_outputs.values()))
    lookups = looked_up_one_by_one() if some_unknown else contextlib.nullcontext()
    with without_collection(), lookups, served(ledger) as connection:
        read = contextvars.copy_context().run(_run, main, root, stack_config, ledger, connection)
    for message in unread(stack_config.optional_keys, read):
        ledger.log(LogMessage(severity="warning", message=message))
    evaluation = ledger.evaluation()
    if errors := [diagnostic.message for diagnostic in evaluation.diagnostics if diagnostic.severity == "error"]:
        raise ProgramError("\n".join(errors))
    return evaluation


def _run(main: Main, root: Path, stack_config: StackConfig, ledger: Ledger, connection: Connection) -> set[str]:
    """Run the program to its end, in a context of its own, so that the SDK's settings do not outlive it.

    Gives the keys of the configuration that it read.
    """
    options = [(f"grpc.max_{way}_message_length", MESSAGE_BYTES) for way in ("send", "receive")]
    with grpc.insecure_channel(connection.address, options=options) as channel:
        pulumi_settings.configure(
            pulumi_settings.Settings(
                project=ledger.project,
                stack=ledger.stack,
                monitor=_Ordered(resource_pb2_grpc.ResourceMonitorStub(channel), connection.token),
                engine=_WithoutDebug(engine_pb2_grpc.EngineStub(channel), connection.token),
                parallel=PROGRAM_THREADS,
                dry_run=True,
                organization="organization",
                root_directory=str(root),
            )
        )
        requests = _Numbering()
        pulumi_settings.SETTINGS.rpc_manager = requests
        pulumi_settings.ROOT.set(None)
        pulumi_config.set_all_config({}, list(stack_config.secret_keys))
        config = RecordedConfig(stack_config.values)
        pulumi_config.CONFIG.set(config)
        try:
            _run_to_end(run_in_stack(lambda: _with_outputs(main, requests)))
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            if error is requests.unhandled_exception:  # a future awaited twice gives its traceback only once
                error.__traceback__ = requests.exception_traceback
            if not (isinstance(error, SystemExit) and not error.code):
                raise ProgramError(_failure(error, ledger)) from error
        return config.read


async def _with_outputs(main: Main, requests: RPCManager) -> None:
    """Run the program, and wait until its outputs are there, unless something fails: that the SDK is left to report.

    The SDK would look at all that are outstanding each time one of them has come, which takes most of the time of a
    program of thousands of resources (pulumi/runtime/stack.py, wait_for_rpcs).
    """
    program = main()
    if inspect.isawaitable(program):  # as the SDK: whatever else it gives, such as a resource, is nothing to wait for
        await program
    while outstanding := list(pulumi_settings.SETTINGS.outputs):
        done, _ = await asyncio.wait(outstanding, timeout=1, return_when=asyncio.FIRST_EXCEPTION)
        if requests.unhandled_exception or any(each.cancelled() or each.exception() for each in done):
            return


def _failure(error: BaseException, ledger: Ledger) -> str:
    """The program's own words, and what it was not told offline, since that may be the cause."""
    logged = [d.message for d in ledger.evaluation().diagnostics if d.severity in ("warning", "error")]
    return "\n".join([program.describe_failure(error), *(f"note: {message}" for message in logged)])


def _run_to_end(main: Coroutine[Any, Any, None]) -> None:
    """Run `main` on a new event loop; however it ends, no task and no thread of it is left."""
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda _loop, _context: None)  # as the language host: unobserved futures are no news
    executor = ThreadPoolExecutor(PROGRAM_THREADS, thread_name_prefix="pulumi-program")
    loop.set_default_executor(executor)
    tasks: weakref.WeakSet[asyncio.Task[Any]] = weakref.WeakSet()
    loop.set_task_factory(functools.partial(_recorded_task, tasks))
    try:
        loop.run_until_complete(main)
    finally:
        loop.run_until_complete(_cancel([task for task in tasks if not task.done()]))
        executor.shutdown(cancel_futures=True)
        loop.close()


def _recorded_task(
    tasks: weakref.WeakSet[asyncio.Task[Any]],
    loop: asyncio.AbstractEventLoop,
    coroutine: Any,
    **options: Any,
) -> asyncio.Task[Any]:
    """A task as the loop makes it by itself, and kept in `tasks`.

    `asyncio.all_tasks` also walks through the tasks of earlier loops, thousands until they are garbage-collected.
    """
    task = asyncio.Task(coroutine, loop=loop, **options)
    tasks.add(task)
    return task


async def _cancel(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class _Numbering(RPCManager):
    """Gives each request the number of the constructor call in the program that it comes from."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers = itertools.count()

    def do_rpc(self, name: str, rpc_function: Callable[..., Any]) -> Callable[..., Any]:
        number = next(self._numbers)

        async def numbered(*args: Any, **kwargs: Any) -> Any:
            _order.set(number)
            return await rpc_function(*args, **kwargs)

        return super().do_rpc(name, numbered)


class _Ordered:
    """A monitor's stub whose requests say where in the program they come from, and that it is this program."""

    def __init__(self, stub: resource_pb2_grpc.ResourceMonitorStub, token: str) -> None:
        self._stub = stub
        self._token = token

    def __getattr__(self, method: str) -> Callable[[Any], Any]:
        call = getattr(self._stub, method)
        return lambda request: call(request, metadata=((TOKEN_KEY, self._token), (ORDER_KEY, str(_order.get()))))


class _WithoutDebug:
    """An engine's stub that keeps the SDK's debug messages, a dozen for each resource, off the wire."""

    def __init__(self, stub: engine_pb2_grpc.EngineStub, token: str) -> None:
        self._stub = stub
        self._metadata = ((TOKEN_KEY, token),)

    def __getattr__(self, method: str) -> Callable[[Any], Any]:
        call = getattr(self._stub, method)
        return lambda request: call(request, metadata=self._metadata)

    def Log(self, request: engine_pb2.LogRequest) -> None:  # noqa: N802 the protocol's name
        if request.severity != engine_pb2.DEBUG:
            self._stub.Log(request, metadata=self._metadata)
