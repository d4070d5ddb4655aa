"""The conditions of runs in words: the facts of each, and all of them in one line."""

from collections.abc import Callable, Sequence

from nodrop.lab.kubernetes.programs import VEGETA
from nodrop.lab.results import EMBEDDED, STAND_IN, Conditions, Result
from nodrop.report.figures import seconds
from nodrop.report.words import between

PACE = "pace"
"""What bounded the speed-up; it stays out of the one line."""
_REAL_LAG = "whose kube-proxy has its lag as minSyncPeriod"

LAGS: dict[str, tuple[str, Callable[[Conditions], Sequence[float]]]] = {
    "attach lag": ("proxies", lambda conditions: conditions.attach_lag_seconds),
    "detach lag": ("proxies", lambda conditions: conditions.detach_lag_seconds),
    "kube-proxy lag": ("nodes", lambda conditions: conditions.kube_proxy_lag_seconds),
}
"""By label: what has one lag each, and where a run's conditions hold them."""


def facts(conditions: Conditions) -> dict[str, str]:
    """The inputs of one run by label, as a reader wants them."""
    return {
        "seed": str(conditions.seed),
        "speed-up": f"{conditions.speed_up:g}x",
        **({PACE: conditions.pace} if conditions.pace else {}),
        "load": _load(conditions),
        **{label: _listed(lags(conditions), whose) for label, (whose, lags) in LAGS.items()},
        "longest request": f"{conditions.longest_request_seconds:g} s",
        "start-up": f"{conditions.startup_seconds:g} s",
        "keep-alive": f"{conditions.keep_alive_timeout_seconds:g} s"
        if conditions.keep_alive_timeout_seconds
        else "off",
        "on SIGTERM": conditions.on_term,
        "container": f"stand-in ({STAND_IN})" if conditions.stand_in == STAND_IN else conditions.stand_in,
        **({"requests": conditions.requests} if conditions.requests != "http" else {}),
        **({"retries": conditions.retries} if conditions.retries else {}),
        "NodePorts by": conditions.proxy_mode,
        **({} if conditions.control_plane == EMBEDDED else {"controllers": f"{conditions.control_plane}, {_REAL_LAG}"}),
        **({} if conditions.client_ports is None else {"client ports": f"{conditions.client_ports:,}"}),
    }


def conditions_line(results: Sequence[Result]) -> str:
    """The conditions of all runs in one line; where runs differ, each value, or the range of the lags."""
    runs = [facts(result.conditions) for result in results]
    labels = [label for label in dict.fromkeys(label for run in runs for label in run) if label != PACE]
    texts = {label: _alternatives([run.get(label, "all") for run in runs]) for label in labels}
    for label, (_, lags) in LAGS.items():
        values = [lag for result in results for lag in lags(result.conditions)]
        texts |= {label: f"{between(min(values), max(values), seconds)} s"} if values else {}
    return "; ".join(f"{label} {text}" for label, text in texts.items())


def _load(conditions: Conditions) -> str:
    of_system = f"{conditions.requests_per_second:,g} requests/s"
    if conditions.load_generator != VEGETA:
        return of_system
    return f"{of_system}, {conditions.requests_per_second * conditions.speed_up:,g} of wall clock by {VEGETA}"


def _alternatives(texts: Sequence[str]) -> str:
    *others, last = dict.fromkeys(texts)
    return f"{', '.join(others)} or {last}" if others else last


def _listed(lags: Sequence[float], whose: str) -> str:
    return f"{', '.join(seconds(lag) for lag in sorted(lags))} s ({len(lags)} {whose})" if lags else "none"
