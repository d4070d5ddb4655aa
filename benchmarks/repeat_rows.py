"""What the runs of a variant over many seeds come to. Pure; `make repeat` makes the runs."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Literal, get_args

from rich.table import Table

from nodrop.lab.confidence import upper_bound
from nodrop.lab.results import Result, RolloutResult
from nodrop.report.disrupted import over_seeds
from nodrop.report.figures import count
from nodrop.report.figures import upper_bound as bound_text
from nodrop.report.rehearsal_verdict import WHY_UNDECIDED, RehearsalVerdict
from nodrop.report.summary import summarise

Load = Literal["idle", "busy"]
LOADS: tuple[Load, ...] = get_args(Load)
BAD = (RehearsalVerdict.DROPS, RehearsalVerdict.LEAKS, RehearsalVerdict.SAVED)
"""What a retry saved is a request that a POST in its place loses: the worst of these is a variant's verdict."""
GOOD = (RehearsalVerdict.CLEAN, RehearsalVerdict.NO_LEAK)


def row(variant: str, load: Load, day: date, outcomes: Sequence[Result | Exception]) -> dict[str, Any]:
    """What the variant's runs of that day come to, as JSON-ready plain data."""
    results = [each for each in outcomes if not isinstance(each, Exception)]
    verdicts = Counter(_verdict(each) for each in outcomes)
    decided = [verdict for verdict in (*BAD, *GOOD) if verdict in verdicts]
    contradicts = any(verdict in BAD for verdict in decided) and any(verdict in GOOD for verdict in decided)
    requests, failed = _judged(results)
    return {
        "variant": variant,
        "load": load,
        "day": day.isoformat(),
        "verdict": str(decided[0] if decided and not contradicts else RehearsalVerdict.UNDECIDED),
        "contradicts": contradicts,
        "runs": {str(verdict): number for verdict, number in verdicts.most_common()},
        "undecided": sorted({why for why in map(_undecided, outcomes) if why}),
        "void_runs": sum(len(each.void_runs) for each in results),
        "speed_up": sorted({each.conditions.speed_up for each in results}),
        "requests": requests,
        "failed": failed,
        "upper_bound": upper_bound(failed, requests),
        "disrupted_seconds": over_seeds(each for each in results if isinstance(each, RolloutResult)),
    }


def _verdict(outcome: Result | Exception) -> RehearsalVerdict:
    if isinstance(outcome, Exception):
        return RehearsalVerdict.UNDECIDED
    rollouts, unready = summarise([outcome])
    return (*rollouts, *unready)[0].verdict


def _undecided(outcome: Result | Exception) -> str:
    """Why a run decides nothing; empty where it decides."""
    if isinstance(outcome, Exception):
        return str(outcome)
    verdict = _verdict(outcome)
    return "" if verdict in (*BAD, *GOOD) else WHY_UNDECIDED[verdict]


def _judged(results: Sequence[Result]) -> tuple[int, int]:
    """Of how many requests how many went wrong: failed in a rollout, or were answered by a pod that was taken out."""
    pairs = [
        (each.requests, each.failed)
        if isinstance(each, RolloutResult)
        else (each.requests_after_removal, each.served_after_removal)
        for each in results
    ]
    return sum(requests for requests, _ in pairs), sum(failed for _, failed in pairs)


def joined(kept: Mapping[str, Any] | None, content: Mapping[str, Any]) -> dict[str, Any]:
    """The record `content` with the rows of `kept` that it does not measure anew, load by load, each in its place.

    Only where both were made over the same seeds, on as many cores: else `kept` is another record.
    """
    made = ("cores", "seeds")
    if kept is None or any(kept[each] != content[each] for each in made):
        return dict(content)
    by_key = {(each["variant"], each["load"]): each for each in (*kept["rows"], *content["rows"])}
    return {**content, "rows": sorted(by_key.values(), key=lambda each: LOADS.index(each["load"]))}


def markdown(content: Mapping[str, Any]) -> str:
    """The record as the section of docs/compare.md has it."""
    runs = f"On {content['cores']} cores, {content['seeds']} seeds a variant and load"
    lines = [
        f"{runs}; seconds as P50/P95/P99 over the seeds.",
        "",
        "| Variant | Load | Day | Verdict | Runs | Void | Wrong | 95 % bound | Seconds, new | Seconds, reused |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in content["rows"]:
        variant, load, day, verdict, runs, void, _, wrong, bound, *seconds = _cells(row)
        lines.append(f"| {' | '.join((variant, load, day, verdict, runs, void, wrong, bound, *seconds))} |")
    for load in dict.fromkeys(row["load"] for row in content["rows"]):
        lines += ["", *_undecided_lines([row for row in content["rows"] if row["load"] == load], load)]
    return "\n".join([*lines, ""])


def _undecided_lines(rows: Sequence[Mapping[str, Any]], load: Load) -> Iterator[str]:
    """How many runs of a load decide nothing, then how many of each variant, and why."""
    undecided = {row["variant"]: number for row in rows if (number := _undecided_runs(row))}
    runs = sum(sum(row["runs"].values()) for row in rows)
    yield f"Load {load}: {sum(undecided.values()):,} of the {runs:,} runs decide nothing."
    if undecided:
        yield ""
    for row in rows:
        if number := undecided.get(row["variant"]):
            yield f"- {row['variant']}, {number} of {sum(row['runs'].values())}:"
            yield from (f"  - {reason}" for reason in _reasons(row))


def _undecided_runs(row: Mapping[str, Any]) -> int:
    return sum(number for verdict, number in row["runs"].items() if verdict not in (*BAD, *GOOD))


def _reasons(row: Mapping[str, Any]) -> list[str]:
    """Why runs of the row decide nothing."""
    told = (each.removeprefix(f"{row['variant']}: ").removeprefix("undecided, ") for each in row["undecided"])
    return [each.partition("; its console")[0] for each in told]


def table(found: Sequence[Mapping[str, Any]]) -> Table:
    """For the terminal."""
    shown = Table(
        *("variant", "load", "day", "verdict", "runs", "void", "speed-up", "wrong", "95 % bound", "s, new", "s, reused")
    )
    for row in found:
        shown.add_row(*_cells(row), style="red" if row["contradicts"] else None)
    return shown


def _cells(row: Mapping[str, Any]) -> list[str]:
    speeds = (*row["speed_up"][:1], *row["speed_up"][-1:])
    return [
        row["variant"],
        row["load"],
        row["day"],
        "contradicts itself" if row["contradicts"] else row["verdict"],
        ", ".join(f"{verdict} {number}" for verdict, number in row["runs"].items()),
        str(row["void_runs"]),
        "-".join(f"{each:g}" for each in dict.fromkeys(speeds)),
        f"{count(row['failed'])} of {count(row['requests'])}",
        "-" if row["upper_bound"] is None else bound_text(row["upper_bound"]),
        *("/".join(map(str, row["disrupted_seconds"].get(kind, ()))) or "-" for kind in ("new", "reused")),
    ]
