"""The options that state how an application behaves, for every command that takes them; None where one is not given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from nodrop.cli.parameters import Duration, Word

if TYPE_CHECKING:
    from nodrop.rollout import Facts


class _Assumed(click.Option):
    """Says in `--help` what is assumed where the option is not given; read there, so that `nodrop` starts fast."""

    def get_help_extra(self, ctx: click.Context) -> Any:
        from nodrop.rollout import ASSUMED
        from nodrop.rollout.behaviour import value_text

        return {**super().get_help_extra(ctx), "default": f"{value_text(str(self.name), ASSUMED)}, assumed"}


BEHAVIOUR_OPTIONS: list[Callable[..., Any]] = [
    click.option(
        "--longest-request-seconds", type=Duration(), cls=_Assumed, help="Longest request that must not be cut."
    ),
    click.option(
        "--startup-seconds",
        type=Duration(),
        cls=_Assumed,
        help="From the container's start until its readiness path answers 200.",
    ),
    click.option(
        "--keep-alive-timeout-seconds",
        type=Duration(),
        cls=_Assumed,
        help="Idle time after which the application closes a connection; 0: after each response.",
    ),
    click.option(
        "--on-term",
        type=Word(["exit", "drain", "serve"]),
        cls=_Assumed,
        help="What the application does on SIGTERM. This and the three above apply where neither a Deployment's "
        "annotations nor nodrop.yaml say it.",
    ),
]


def behaves(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command these options."""
    for option in reversed(BEHAVIOUR_OPTIONS):
        command = option(command)
    return command


def facts_of(options: Mapping[str, Any]) -> Facts:
    """What those of a command's options state."""
    from nodrop.rollout import Facts, OnTerm
    from nodrop.rollout.behaviour import WORDS

    given = {name: options[name] for name in WORDS}
    if given["on_term"] is not None:
        given["on_term"] = OnTerm(given["on_term"])
    return Facts(**given)
