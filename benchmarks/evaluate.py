"""Times the offline evaluation of a stack, cold and warm, against the same program under Pulumi's own test mocks.

    python benchmarks/evaluate.py [--project DIR] [--stack NAME] [--runs N]

The peer, `pulumi.runtime.set_mocks`, runs the program without a monitor, gRPC, unknowns per leaf, transforms or URN
checks, so it is the floor of what running the program in this SDK costs. Cold is a whole fresh process with bytecode
compiled and garbage collection off, as `nodrop` runs it; warm a further evaluation in the same process; each
figure is the median of its runs, the two taking turns. The limits hold on an idle machine with two cores.
"""

from __future__ import annotations

import argparse
import asyncio
import contextvars
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

COLD_LIMIT_SECONDS = 2.0
WARM_LIMIT_SECONDS = 0.5


def evaluate(project: Path, stack: str) -> int:
    """Evaluate with `nodrop.preview`; returns the number of resources."""
    from nodrop import preview

    return len(preview.evaluate(project, stack).resources)


def under_mocks(project: Path, stack: str) -> int:
    """Run the same program under `set_mocks`; returns the number of resources."""
    import pulumi
    from pulumi.runtime.stack import run_in_stack

    from nodrop.preview.program import as_main, run_main
    from nodrop.preview.project import read_project, read_stack_config

    made = []

    class Echo(pulumi.runtime.Mocks):
        def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict]:
            made.append(args.name)
            return "", args.inputs

        def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict, list[tuple[str, str]] | None]:  # noqa: ARG002
            return {}, None

    described = read_project(project)
    config = read_stack_config(described, stack, {})

    def run() -> None:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        pulumi.runtime.set_mocks(Echo(), project=described.name, stack=stack, preview=True)
        pulumi.runtime.set_all_config(dict(config.values), list(config.secret_keys))
        pulumi.runtime.settings.ROOT.set(None)
        loop.run_until_complete(run_in_stack(lambda: run_main(described)))
        loop.close()

    with as_main(described):
        contextvars.copy_context().run(run)
    return len(made) + 1


CONTENDERS: dict[str, Callable[[Path, str], int]] = {"nodrop.preview": evaluate, "set_mocks": under_mocks}


def cold(contender: str, project: Path, stack: str) -> float:
    """Seconds of a fresh process that evaluates once."""
    started = time.perf_counter()
    command = [sys.executable, __file__, "--once", contender, "--project", str(project), "--stack", stack]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


def warm(contender: str, project: Path, stack: str) -> float:
    """Seconds of one more evaluation in this process."""
    started = time.perf_counter()
    CONTENDERS[contender](project, stack)
    return time.perf_counter() - started


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--project", type=Path, default=Path(__file__).parent.parent)
    arguments.add_argument("--stack", default="container-native")
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--once", choices=CONTENDERS, help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.once:
        from nodrop.garbage_collection import none_at_exit, without_collection

        none_at_exit()
        with without_collection():
            CONTENDERS[options.once](options.project, options.stack)
        return
    counts = {name: contender(options.project, options.stack) for name, contender in CONTENDERS.items()}
    print(f"stack {options.stack}, {counts['nodrop.preview']} resources, median of {options.runs} runs")
    for kind, measure, limit in (("cold", cold, COLD_LIMIT_SECONDS), ("warm", warm, WARM_LIMIT_SECONDS)):
        seconds: dict[str, list[float]] = {name: [] for name in CONTENDERS}
        for _ in range(options.runs):
            for name, taken in seconds.items():
                taken.append(measure(name, options.project, options.stack))
        own, peer = (statistics.median(seconds[name]) for name in CONTENDERS)
        print(
            f"{kind}: nodrop.preview {own:.3f} s (limit {limit} s), set_mocks {peer:.3f} s, ratio {own / peer:.2f},"
            f" spread {min(seconds['nodrop.preview']):.3f} to {max(seconds['nodrop.preview']):.3f} s"
        )


if __name__ == "__main__":
    main()
