"""Hostile manifests through reading, judgement, rendering, every format, the page and the terminal: what goes wrong.

Usage: python benchmarks/fuzz.py [--count 20000] [--first 0]. Prints each finding with its seed, then date, seconds
and how many; exits with 1 where there is any. A seed alone: --first SEED --count 1.
"""

import argparse
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.security.fuzzed import findings

_EVERY = 500


def main() -> int:
    """Number of findings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    began, found, slowest = time.monotonic(), 0, (0.0, 0)
    with tempfile.TemporaryDirectory() as folder:
        for done, seed in enumerate(range(options.first, options.first + options.count), 1):
            before = time.process_time()
            for each in findings(seed, Path(folder)):
                found += 1
                print(f"seed {seed}: {each}", flush=True)
            slowest = max(slowest, (time.process_time() - before, seed))
            if done % _EVERY == 0 or done == options.count:
                print(
                    f"{datetime.now(UTC):%Y-%m-%d}: {done} manifests from seed {options.first}, {found} findings, "
                    f"{time.monotonic() - began:.0f} s; the slowest {slowest[0]:.2f} s of CPU (seed {slowest[1]}); "
                    f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB",
                    flush=True,
                )
    return found


if __name__ == "__main__":
    sys.exit(min(1, main()))
