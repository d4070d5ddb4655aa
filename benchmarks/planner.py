"""Times 10,000 plans of a cluster's ranges, of random needs beside random ranges that are taken. All is CPU time.

    python benchmarks/planner.py

Exits 1 where the limit is exceeded, or where nearly all plans are refused, so that nothing was timed.
"""

import random
import sys
import time
from ipaddress import IPv4Network

from gke_nodrop.cluster.planner import Needs, PlanError, plan

PLANS = 10_000
LIMIT_SECONDS = 1.0


def main() -> None:
    """Prints the seconds, and how many plans were found."""
    draw = random.Random(1)
    asked = [
        (
            Needs(
                nodes=draw.randint(1, 2000), services=draw.randint(1, 20_000), pods_per_node=draw.choice([32, 64, 110])
            ),
            [IPv4Network((f"10.{draw.randrange(128)}.0.0", 16)) for _ in range(draw.randrange(6))],
        )
        for _ in range(PLANS)
    ]
    found, begin = 0, time.process_time()
    for needs, taken in asked:
        try:
            plan(needs, taken=taken)
            found += 1
        except PlanError:
            pass
    seconds = time.process_time() - begin
    print(f"{PLANS:,} plans in {seconds:.2f} s (limit {LIMIT_SECONDS:.0f} s), {found:,} found, the others refused")
    sys.exit(not (seconds <= LIMIT_SECONDS and found > PLANS // 2))


if __name__ == "__main__":
    main()
