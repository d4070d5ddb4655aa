"""How a cluster gets new versions, when, and who hears of it: the inputs, and what the cluster says of them."""

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal, NotRequired, TypedDict

import pulumi
import pulumi_gcp as gcp

from gke_nodrop.inputs import limits
from gke_nodrop.inputs.declared import Example, HeldBy, Limit
from gke_nodrop.inputs.faults import Fault, fault, shown
from gke_nodrop.inputs.rules import rule

_WINDOWS = "Google, Maintenance windows and exclusions"
_SHORTEST_WINDOW_HOURS = 4
_HOURS_IN_32_DAYS = 48
"""Source of both: Google, Maintenance windows and exclusions: 48 h in any 32 days, in windows of 4 h or longer."""
_WEEKS_IN_32_DAYS = 4
_MOST_EXCLUSIONS_WITHOUT_UPGRADES = 3
"""Source: Google, Maintenance windows and exclusions, limitations: 3 of the scope "no upgrades", 20 in all."""
_MOST_EXCLUSIONS = 20
_LONGEST_WITHOUT_UPGRADES = timedelta(days=90)
"""Of an exclusion of the scope "no upgrades"; the others may last until the version's end of support.

Source: Google, GKE release notes of June 2026; before, it was 30 days.
"""
_FIRST_DAY = datetime(2025, 1, 1, tzinfo=UTC)
"""The first window opens on or after it; any day that is past does."""


class ReleaseChannel(StrEnum):
    """How soon new versions come."""

    RAPID = "rapid"
    REGULAR = "regular"
    STABLE = "stable"
    EXTENDED = "extended"


ReleaseChannelText = Literal["rapid", "regular", "stable", "extended"]
"""The members of `ReleaseChannel` as plain text."""


class Weekday(StrEnum):
    """A day of the week, in UTC."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


WeekdayText = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
"""The members of `Weekday` as plain text."""


class ExclusionScope(StrEnum):
    """Which upgrades an exclusion blocks."""

    NO_UPGRADES = "no-upgrades"
    NO_MINOR_UPGRADES = "no-minor-upgrades"
    NO_MINOR_OR_NODE_UPGRADES = "no-minor-or-node-upgrades"


ExclusionScopeText = Literal["no-upgrades", "no-minor-upgrades", "no-minor-or-node-upgrades"]
"""The members of `ExclusionScope` as plain text."""


def _is_moment(value: str) -> bool:
    try:
        return bool(_moment(value))
    except ValueError:
        return False


def _moment(value: str) -> datetime:
    return datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


Moment = Annotated[
    str,
    Limit(
        holds=_is_moment,
        rule="a moment in UTC such as 2026-12-20T00:00:00Z",  # GKE answers in this form; another one is a diff for ever
        source="RFC 3339",
    ),
]
Topic = Annotated[
    str,
    limits.matching(
        r"projects/[^/\s]+/topics/[^/\s]+", "a topic such as projects/my-project/topics/gke", "Google, Pub/Sub, topics"
    ),
    HeldBy(("id",)),
    Example("projects/my-project/topics/gke"),
]


class MaintenanceWindowArgs(TypedDict):
    """When GKE may upgrade by itself; in UTC."""

    days: Annotated[
        list[Annotated[Weekday | WeekdayText, Example(Weekday.SATURDAY)]],
        Limit(holds=lambda x: len(set(x)) == len(x) >= 1, rule="days of the week, each once", source=_WINDOWS),
        Example([Weekday.TUESDAY, Weekday.WEDNESDAY, Weekday.THURSDAY]),
    ]
    """Days of the week on which the window opens."""
    start: Annotated[
        str,
        limits.matching(r"([01][0-9]|2[0-3]):[0-5][0-9]", "a time of day such as 09:00", _WINDOWS),
        Example("09:00"),
    ]
    """When it opens, such as 09:00."""
    hours: Annotated[int, limits.between(_SHORTEST_WINDOW_HOURS, 24, "hours", _WINDOWS), Example(12)]
    """How long it stays open, 4 or more; in any 32 days it must be open for 48."""


class MaintenanceExclusionArgs(TypedDict):
    """A time without upgrades, such as a sale."""

    start: Annotated[Moment, Example("2026-11-26T00:00:00Z")]
    """Its first moment, in UTC."""
    end: Annotated[Moment, Example("2026-12-02T00:00:00Z")]
    """Its last moment, in UTC."""
    scope: NotRequired[Annotated[ExclusionScope | ExclusionScopeText, Example(ExclusionScope.NO_UPGRADES)]]
    """Default no-upgrades, which Google allows for 90 days at most; the others may last until the version's end of
    support."""


class ClusterUpgradesArgs(TypedDict):
    """How the cluster gets new versions."""

    release_channel: NotRequired[Annotated[ReleaseChannel | ReleaseChannelText, Example(ReleaseChannel.REGULAR)]]
    """Default regular: Google's own default."""
    window: NotRequired[MaintenanceWindowArgs]
    """When GKE may upgrade by itself; `exclusions` need one. Default: at any time."""
    exclusions: NotRequired[
        Annotated[
            dict[Annotated[str, Example("sale")], MaintenanceExclusionArgs],
            limits.at_most(_MOST_EXCLUSIONS, "exclusions", _WINDOWS),
        ]
    ]
    """Times without upgrades, by a name of your own; a window of all seven days and 24 hours leaves all other times.
    Default: none.

    Take them out while `window` still stands, and `window` in a later update: the provider keeps the exclusions where
    both go at once.
    """
    notifications: NotRequired[pulumi.Input[Topic]]
    """Id of the Pub/Sub topic that gets messages about upgrades, new versions and security bulletins. Default: none.

    Taking it out lets the messages go on: the provider keeps a block that is left out. Run `gcloud container clusters
    update NAME --location LOCATION --notification-config=pubsub=DISABLED` as well.
    """


@rule(MaintenanceWindowArgs)
def a_window_is_open_often_enough(window: MaintenanceWindowArgs) -> Iterator[Fault]:
    """GKE refuses windows that leave it too little time."""
    days, hours = window.get("days"), window.get("hours")
    if days and hours and len(days) * hours * _WEEKS_IN_32_DAYS < _HOURS_IN_32_DAYS:
        needed = -(-_HOURS_IN_32_DAYS // (_WEEKS_IN_32_DAYS * len(days)))
        yield fault(
            "hours",
            hours,
            f"must be {needed} or more on {len(days)} of 7 days, so that the window is open for "
            f"{_HOURS_IN_32_DAYS} h in any 32 days",
            _WINDOWS,
            shown(needed),
        )


@rule(MaintenanceExclusionArgs)
def an_exclusion_ends_after_it_starts(exclusion: MaintenanceExclusionArgs) -> Iterator[Fault]:
    """Its moments are in order."""
    start, end = exclusion.get("start"), exclusion.get("end")
    if start and end and _moment(end) <= _moment(start):
        would_pass = (_moment(start) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        yield fault("end", end, f'must be later than start = "{start}"', _WINDOWS, shown(would_pass))


@rule(MaintenanceExclusionArgs)
def an_exclusion_of_all_upgrades_is_short(exclusion: MaintenanceExclusionArgs) -> Iterator[Fault]:
    """GKE keeps security patches away for so long only."""
    start, end = exclusion.get("start"), exclusion.get("end")
    widest = _scope(exclusion) is ExclusionScope.NO_UPGRADES
    if widest and start and end and _moment(end) - _moment(start) > _LONGEST_WITHOUT_UPGRADES:
        yield fault(
            "end",
            end,
            f'must be at most {_LONGEST_WITHOUT_UPGRADES.days} days after start = "{start}" with the scope '
            f"{ExclusionScope.NO_UPGRADES}; the other scopes may last until the version's end of support",
            f"{_WINDOWS}; GKE release notes, June 2026",
            shown((_moment(start) + _LONGEST_WITHOUT_UPGRADES).strftime("%Y-%m-%dT%H:%M:%SZ")),
        )


@rule(ClusterUpgradesArgs)
def exclusions_stand_beside_a_window(upgrades: ClusterUpgradesArgs) -> Iterator[Fault]:
    """The provider takes a maintenance policy with exactly one kind of window, and none without."""
    if upgrades.get("exclusions") and "window" not in upgrades:
        yield fault(
            "window",
            None,
            "is required beside exclusions",
            "provider google, resource google_container_cluster, maintenance_policy",
            json.dumps({"days": [each.value for each in Weekday], "start": "00:00", "hours": 24}),
        )


@rule(ClusterUpgradesArgs)
def few_exclusions_keep_all_upgrades_away(upgrades: ClusterUpgradesArgs) -> Iterator[Fault]:
    """Google allows three of the widest scope."""
    exclusions = upgrades.get("exclusions", {})
    widest = [name for name, each in exclusions.items() if _scope(each) is ExclusionScope.NO_UPGRADES]
    for name in widest[_MOST_EXCLUSIONS_WITHOUT_UPGRADES:]:
        yield fault(
            f"exclusions[{shown(name)}].scope",
            ExclusionScope.NO_UPGRADES.value,
            f"must be another one: at most {_MOST_EXCLUSIONS_WITHOUT_UPGRADES} exclusions keep all upgrades away",
            _WINDOWS,
            shown(ExclusionScope.NO_MINOR_OR_NODE_UPGRADES.value),
        )


def _scope(exclusion: MaintenanceExclusionArgs) -> ExclusionScope:
    return ExclusionScope(exclusion.get("scope", ExclusionScope.NO_UPGRADES))


def apply_upgrades(cluster: "gcp.container.ClusterArgs", upgrades: ClusterUpgradesArgs) -> None:
    """Sets the channel, the maintenance policy and the topic."""
    channel = ReleaseChannel(upgrades.get("release_channel", ReleaseChannel.REGULAR))
    cluster.release_channel = gcp.container.ClusterReleaseChannelArgs(channel=channel.upper())
    window, exclusions = upgrades.get("window"), upgrades.get("exclusions", {})
    if window:
        cluster.maintenance_policy = gcp.container.ClusterMaintenancePolicyArgs(
            recurring_window=_recurring(window),
            maintenance_exclusions=[_exclusion(name, each) for name, each in exclusions.items()] or None,
        )
    if "notifications" in upgrades:
        cluster.notification_config = gcp.container.ClusterNotificationConfigArgs(
            pubsub=gcp.container.ClusterNotificationConfigPubsubArgs(enabled=True, topic=upgrades["notifications"])
        )


def _recurring(window: MaintenanceWindowArgs) -> "gcp.container.ClusterMaintenancePolicyRecurringWindowArgs":
    days = [list(Weekday).index(Weekday(each)) for each in window["days"]]
    hour, minute = map(int, window["start"].split(":"))
    first = next(day for day in map(_later, itertools.count()) if day.weekday() in days)
    opens = first.replace(hour=hour, minute=minute)
    names = ",".join(list(Weekday)[day][:2].upper() for day in sorted(days))
    return gcp.container.ClusterMaintenancePolicyRecurringWindowArgs(
        start_time=opens.strftime("%Y-%m-%dT%H:%M:%SZ"),
        end_time=(opens + timedelta(hours=window["hours"])).strftime("%Y-%m-%dT%H:%M:%SZ"),
        recurrence=f"FREQ=WEEKLY;BYDAY={names}",
    )


def _later(days: int) -> datetime:
    return _FIRST_DAY + timedelta(days=days)


def _exclusion(
    name: str, exclusion: MaintenanceExclusionArgs
) -> "gcp.container.ClusterMaintenancePolicyMaintenanceExclusionArgs":
    return gcp.container.ClusterMaintenancePolicyMaintenanceExclusionArgs(
        exclusion_name=name,
        start_time=exclusion["start"],
        end_time=exclusion["end"],
        exclusion_options=gcp.container.ClusterMaintenancePolicyMaintenanceExclusionExclusionOptionsArgs(
            scope=_scope(exclusion).upper().replace("-", "_")
        ),
    )
