"""What the results of rehearsals come to: one clause, and the sentences behind it.

Plain ASCII text, so that any terminal shows it; the page sets it in finer type. Pure, without layout.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from nodrop.lab.kubernetes.programs import VEGETA
from nodrop.lab.protocols import Requests
from nodrop.lab.results import NFTABLES, RolloutResult
from nodrop.paths import Backend
from nodrop.report.figures import count, percent
from nodrop.report.rehearsal_verdict import RehearsalVerdict
from nodrop.report.summary import RolloutSummary, UnreadySummary
from nodrop.report.words import named, spread

CURES = {
    "failed_to_connect_to_backend": "a preStop sleep of 60 s keeps a pod until every proxy has removed it",
    "failed_to_pick_backend": "the readiness gate keeps the old pod until a proxy can reach the new one",
    "backend_connection_closed_before_data_sent_to_client": "a grace period that covers preStop and the longest "
    "request, and a keep-alive of 620 s, let pods answer",
    "backend_connection_closed_after_partial_response_sent": "a grace period and draining that cover the longest "
    "request let old pods finish their responses",
    "backend_timeout": "a backend timeout above the longest request lets it end",
}
"""What keeps requests from failing so. `nodrop explain` has the rule of each."""
_CUT = ("backend_connection_closed_", "backend_timeout")
_CURE_OF_CUT = "draining longer than preStop and a close on SIGTERM let open connections end in order"


@dataclass(frozen=True, kw_only=True)
class Headline:
    """What the results come to."""

    title: str
    """One short clause without a full stop."""
    details: tuple[str, ...]
    """Sentences that name the variants and the figures behind the title."""


def headline(
    rollouts: Sequence[RolloutSummary], unready: Sequence[UnreadySummary], without_result: Sequence[str] = ()
) -> Headline:
    """What the results come to, computed from their verdicts.

    `without_result`: what has no result, each with the reason; with one of them nothing is called clean.
    """
    return Headline(
        title=_title(rollouts, unready, without_result),
        details=(
            *_rollout_details(rollouts),
            *_unready_details(unready),
            *(f"Not decided: {each}." for each in undecided(rollouts, unready, without_result)),
            *_void([*rollouts, *unready]),
            *_unlike_model(rollouts),
            *_paces([*rollouts, *unready]),
        ),
    )


def undecided(
    rollouts: Sequence[RolloutSummary], unready: Sequence[UnreadySummary], without_result: Sequence[str] = ()
) -> tuple[str, ...]:
    """What the rehearsals do not decide, each with the reason: variants that ran, then what has no result."""
    told = [("rollout", each) for each in rollouts] + [("unready pod", each) for each in unready]
    return (
        *(f"{what} {named(summary)}: {why}" for what, summary in told for why in summary.undecided),
        *without_result,
    )


def _title(rollouts: Sequence[RolloutSummary], unready: Sequence[UnreadySummary], without_result: Sequence[str]) -> str:
    if not rollouts and not unready:
        return "Nothing was decided" if without_result else "Nothing was rehearsed"
    drops = any(each.verdict in (RehearsalVerdict.DROPS, RehearsalVerdict.LEAKS) for each in (*rollouts, *unready))
    if without_result and not drops:
        return "Not every variant was decided"
    return _rollout_title(rollouts) if rollouts else _unready_title(unready)


def _rollout_title(summaries: Sequence[RolloutSummary]) -> str:
    dropping = [summary for summary in summaries if summary.verdict is RehearsalVerdict.DROPS]
    if dropping:
        most = percent(max(summary.failed_share.high for summary in dropping if summary.failed_share))
        if len(summaries) == 1:
            return f"The rollout dropped {most} of its requests"
        which = "Every rollout" if dropping == list(summaries) else f"{len(dropping)} of {len(summaries)} rollouts"
        return f"{which} dropped requests, up to {most}"
    if all(summary.verdict is RehearsalVerdict.CLEAN for summary in summaries):
        return "No rollout dropped a request" if len(summaries) > 1 else "The rollout dropped no request"
    if len(summaries) == 1:
        return f"The rollout was not decided: {summaries[0].verdict}"
    return "Not every rollout was decided"


def _unready_title(summaries: Sequence[UnreadySummary]) -> str:
    leaking = sum(summary.verdict is RehearsalVerdict.LEAKS for summary in summaries)
    if leaking:
        return f"{leaking} of {len(summaries)} unready pods still answered requests after their removal"
    if all(summary.verdict.good for summary in summaries):
        return "No unready pod answered a request after its removal"
    return "Not every unready pod was decided"


def _rollout_details(summaries: Sequence[RolloutSummary]) -> list[str]:
    sentences = []
    clean = [summary for summary in summaries if summary.verdict is RehearsalVerdict.CLEAN]
    if clean:
        least = count(min(summary.requests.low for summary in clean))
        single = len(clean) == 1 and len(clean[0].runs) == 1
        figures = f"0 of {least} requests failed" if single else f"0 of at least {least} requests failed in each run"
        sentences.append(f"Clean: {_names(clean)}: {figures}.")
    dropping = [summary for summary in summaries if summary.verdict is RehearsalVerdict.DROPS]
    if dropping:
        worst = max(dropping, key=lambda summary: summary.failed_share.high if summary.failed_share else 0)
        share = spread(worst.failed_share, percent)
        sentences.append(f"Worst: {named(worst)} lost {share} of its requests.")
        sentences += _cures(dropping)
    return [
        *sentences,
        *_reconnected(summaries),
        *_saved(summaries),
        *_held(summaries),
        *_after(summaries),
        *_anyway(summaries),
    ]


def _reconnected(summaries: Sequence[RolloutSummary]) -> list[str]:
    """How many connections that are kept open pods ended properly, of each variant."""
    return [
        f"Reconnected: {named(summary)}: {spread(summary.reconnects, count)} connections were ended by their pod "
        f"properly; {spread(summary.failed, count)} were cut or not opened."
        for summary in summaries
        if summary.reconnects.high
    ]


def _saved(summaries: Sequence[RolloutSummary]) -> list[str]:
    """How many requests the load balancer's retry saved in each variant's run where those were most."""
    return [
        f"Saved by the load balancer's retry: {named(summary)}: {_gets(run.saved)}."
        for summary, run in _most(summaries, lambda run: run.saved)
    ]


def _held(summaries: Sequence[RolloutSummary]) -> list[str]:
    """What the machine held where vegeta sent, of each variant's run where it was latest."""
    runs = [max(summary.runs, key=_latest) for summary in summaries]
    return [
        f"Held: {named(summary)}: "
        f"{count(run.conditions.requests_per_second * run.conditions.speed_up)} requests/s of wall clock by vegeta; "
        f"no part of the lab waited longer than {1000 * _latest(run):.0f} ms for the machine, once load had begun."
        for summary, run in zip(summaries, runs, strict=True)
        if run.conditions.load_generator == VEGETA
    ]


def _latest(run: RolloutResult) -> float:
    return max(run.latencies_real_seconds.values(), default=0)


def _after(summaries: Sequence[RolloutSummary]) -> list[str]:
    """What went on failing when a rollout was over, of each variant's run where that was most."""
    return [
        f"When the rollout was over: {named(summary)}: another {count(run.failed_after)} requests failed."
        for summary, run in _most(summaries, lambda run: run.failed_after)
    ]


def _anyway(summaries: Sequence[RolloutSummary]) -> list[str]:
    """What fails without a rollout as well, of each variant's run where that was most."""
    return [
        f"Without a rollout as well: {named(summary)}: {count(sum(run.steady_failures.values()))} of "
        f"{count(run.steady_requests)} requests failed, {', '.join(run.steady_failures)}."
        for summary, run in _most(summaries, lambda run: sum(run.steady_failures.values()))
    ]


def _most(
    summaries: Sequence[RolloutSummary], number: Callable[[RolloutResult], int]
) -> Iterator[tuple[RolloutSummary, RolloutResult]]:
    """Of each variant the run in which a number is highest, but for those in which it is always 0."""
    for summary in summaries:
        run = max(summary.runs, key=number)
        if number(run):
            yield summary, run


def _cures(dropping: Sequence[RolloutSummary]) -> list[str]:
    """What cures the dropping variants, by how many of them it cures; three cures at most."""
    found = [cure for summary in dropping if (cure := _cure(summary))]
    ranked = sorted(dict.fromkeys(found), key=lambda cure: -found.count(cure))
    return [f"Cure: {'; '.join(ranked[:3])}."] if ranked else []


def _cure(summary: RolloutSummary) -> str | None:
    """Of its most frequent cause; behind a NodePort no number of the Deployment is one."""
    if summary.subject.backend == Backend.INSTANCE_GROUP:
        if summary.runs[0].conditions.proxy_mode != NFTABLES and summary.worst.failed_after:
            return (
                "with net.ipv4.vs.conn_reuse_mode=1 a reused source port reaches a living pod; NEG needs no kube-proxy"
            )
        return "container-native load balancing (NEG) takes kube-proxy out of the path"
    cause = summary.causes[0].name if summary.causes else ""
    kept_open = Requests(summary.runs[0].conditions.requests).kept_open
    return _CURE_OF_CUT if kept_open and cause.startswith(_CUT) else CURES.get(cause)


def _unready_details(summaries: Sequence[UnreadySummary]) -> list[str]:
    leaking = [summary for summary in summaries if summary.verdict is RehearsalVerdict.LEAKS]
    if leaking:
        worst = max(leaking, key=lambda summary: summary.leak.high if summary.leak else 0)
        told = (
            f"Once an unready pod was taken out, it still answered requests in {len(leaking)} of {len(summaries)} "
            f"variants: {spread(worst.leak, percent)} of them with {named(worst)}."
        )
        return [told]
    if any(summary.verdict.good for summary in summaries):
        return ["Once an unready pod was taken out, it answered no request."]
    return []


def _void(summaries: Sequence[RolloutSummary | UnreadySummary]) -> list[str]:
    """How many runs of each variant were void and repeated, with the last reason."""
    void = [(summary, [why for run in summary.runs for why in run.void_runs]) for summary in summaries]
    return [
        f"Void and repeated: {named(summary)}: {count(len(whys))} run{'s' if len(whys) > 1 else ''} ({whys[-1]})."
        for summary, whys in void
        if whys
    ]


def _unlike_model(summaries: Sequence[RolloutSummary]) -> list[str]:
    """What the timing model all but excludes: what two runs found, and what one did that two others contradict."""
    found = dict.fromkeys(
        f"The timing model differs: {named(summary)}: {run.unlike_model}; another run came out alike."
        for summary in summaries
        for run in summary.runs
        if run.unlike_model
    )
    outvoted = dict.fromkeys(
        f"Repeated: {named(summary)}: {what} in one run, and in two others not."
        for summary in summaries
        for run in summary.runs
        for what in run.outvoted_runs
    )
    return [*found, *outvoted]


def _paces(summaries: Sequence[RolloutSummary | UnreadySummary]) -> list[str]:
    """Whose speed was bounded by something, or forced beyond it, of each variant's slowest run."""
    slowest = [min(summary.runs, key=lambda run: run.conditions.speed_up) for summary in summaries]
    return [
        f"At {run.conditions.speed_up:g}x: {named(summary)}: {run.conditions.pace}."
        for summary, run in zip(summaries, slowest, strict=True)
        if run.conditions.speed_up_is_bounded
    ]


def _names(summaries: Sequence[RolloutSummary | UnreadySummary]) -> str:
    return "; ".join(named(summary) for summary in summaries)


def _gets(number: int) -> str:
    return "1 GET; a POST in its place fails" if number == 1 else f"{count(number)} GETs; a POST in their place fails"
