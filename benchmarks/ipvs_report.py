"""The field report of 502s behind IPVS, with what cures it: rehearsals, each a command.

    python -m benchmarks.ipvs_report        # writes docs/ipvs.json and its table

`--only TEXT` runs the rows whose name contains it. A row is written as soon as it is measured, with its day, and those
that were recorded on as many cores stay: so the list can be measured in parts. Exits with 1 where a row has no result.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping
from typing import Any

from benchmarks.record import with_record
from benchmarks.rehearsed import PROJECT, Case, joined, markdown, run
from nodrop.report.figures import count, percent

FILE = PROJECT / "docs" / "ipvs.json"
PAGE = PROJECT / "docs" / "reports.md"
HEADER = (
    "What",
    "NodePorts by",
    "Source ports",
    "Failed, or answered by the relabelled pod",
    "After the rollout",
    "Day",
)
_MANIFEST = "tests/lab/manifests/gateway.yaml"
_REHEARSE = "nodrop rehearse --speed-up 10"
_ROLLOUT = f"{_REHEARSE} {_MANIFEST} --experiment rollout"
_RELABELLED = f"{_REHEARSE} {_MANIFEST} --experiment relabelled"
_FEW, _IPVS = "--client-ports 64", "--proxy ipvs"
_OLD = f"{_IPVS} --ipvs conn_reuse_mode=0,expire_nodest_conn=0"
_AS_NEG = f"""sed 's/"ingress": false/"ingress": true/' {_MANIFEST}"""

CASES = (
    Case("nftables", f"{_ROLLOUT} {_FEW}"),
    Case("before Linux 5.16, few ports", f"{_ROLLOUT} {_OLD} {_FEW}"),
    Case(
        "before Linux 5.16, kube-proxy itself",
        f"nodrop rehearse {_MANIFEST} --experiment rollout {_OLD} {_FEW} --control-plane kubernetes",
    ),
    Case("before Linux 5.16, 2 requests/s", f"{_ROLLOUT} {_OLD} {_FEW} --requests-per-second 2"),
    Case("before Linux 5.16, one request in 10 s", f"{_ROLLOUT} {_OLD} {_FEW} --requests-per-second 0.1"),
    Case("before Linux 5.16, all ports", f"{_ROLLOUT} {_OLD}"),
    Case("before Linux 5.16, 2 requests/s, all ports", f"{_ROLLOUT} {_OLD} --requests-per-second 2"),
    Case("before Linux 5.16, one request in 10 s, all ports", f"{_ROLLOUT} {_OLD} --requests-per-second 0.1"),
    Case("today, few ports", f"{_ROLLOUT} {_IPVS} {_FEW}"),
    Case("only conn_reuse_mode as today", f"{_ROLLOUT} {_IPVS} --ipvs expire_nodest_conn=0 {_FEW}"),
    Case("only expire_nodest_conn as today: kube-proxy 1.21", f"{_ROLLOUT} {_IPVS} --ipvs conn_reuse_mode=0 {_FEW}"),
    Case("kube-proxy 1.21 + agent", f"{_ROLLOUT} {_IPVS} --ipvs conn_reuse_mode=0,delete_at_once=1 {_FEW}"),
    Case("before Linux 5.16, kube-proxy 1.13 + agent", f"{_ROLLOUT} {_OLD},delete_at_once=1 {_FEW}"),
    Case("NEG", f"{_AS_NEG} | {_REHEARSE} - --experiment rollout {_FEW}"),
    Case("relabelled, before Linux 5.16", f"{_RELABELLED} {_OLD} {_FEW}"),
    Case("relabelled, today", f"{_RELABELLED} {_IPVS} {_FEW}"),
)


def main() -> None:
    """Reads the options, runs, writes, prints."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", default="")
    given = options.parse_args()
    undecided = False
    for case in CASES:
        if given.only in case.name:
            row, result = run(case)
            row |= row_of(result) if result else {}
            print(" | ".join(cells(row)), flush=True)
            undecided |= not result
            kept = json.loads(FILE.read_text()) if FILE.exists() else None
            record = joined(kept, row, os.cpu_count(), (each.name for each in CASES))
            FILE.write_text(json.dumps(record, indent=1) + "\n")
            PAGE.write_text(with_record(PAGE.read_text(), markdown(record, HEADER, cells)))
    sys.exit(undecided)


def row_of(result: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of a row, from the one result of what `--output` wrote.

    What goes wrong is a failed request in a rollout, and, where a pod was relabelled, one that this pod still answered
    after every node had taken it out.
    """
    conditions = result["conditions"]
    rollout = result["experiment"] == "rollout"
    return {
        "node_ports_by": conditions["proxy_mode"] if result["subject"]["backend"] == "NodePort" else None,
        "client_ports": conditions["client_ports"],
        "requests_per_second": conditions["requests_per_second"],
        "control_plane": conditions["control_plane"],
        "speed_up": conditions["speed_up"],
        "requests": result["requests" if rollout else "requests_after_removal"],
        "wrong": result["failed" if rollout else "served_after_removal"],
        "wrong_after": result["failed_after"] if rollout else None,
        "void_runs": len(result["void_runs"]),
    }


def cells(row: Mapping[str, Any]) -> list[str]:
    """Of one row of the table."""
    if row["said"]:
        return [row["name"], f"undecided: {row['said']}", "", "", "", row["day"]]
    after = row["wrong_after"]
    return [
        row["name"],
        row["node_ports_by"] or "none: no NodePort",
        count(row["client_ports"]) if row["client_ports"] else "all",
        wrong_of(row),
        "" if after is None else count(after),
        row["day"],
    ]


def wrong_of(row: Mapping[str, Any]) -> str:
    """What went wrong of a row, such as "3 of 1,200 (0.25 %)"."""
    wrong, requests = row["wrong"], row["requests"]
    share = f" ({percent(wrong / requests)})" if wrong else ""
    return f"{count(wrong)} of {count(requests)}{share}"


if __name__ == "__main__":
    main()
