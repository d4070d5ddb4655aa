"""The options that say how the lab's nodes translate NodePorts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from nodrop.cli.exit_codes import CANNOT_RUN_HERE
from nodrop.cli.parameters import WholeNumber, Word
from nodrop.terminal import echo

if TYPE_CHECKING:
    from nodrop.lab.job import Ipvs

_ALLOWED = {
    "conn_reuse_mode": (0, 1, 2),
    "expire_nodest_conn": (0, 1),
    "conntrack": (1,),  # without it no NodePort's connection is masqueraded, and no answer comes back
    "delete_at_once": (0, 1),
}
LEAST_CLIENT_PORTS = 8
MOST_CLIENT_PORTS = 28232
"""As many as Linux gives by default (32768 to 60999)."""


class _Sysctls(click.ParamType):
    """NAME=NUMBER,... to a dictionary; everything wrong is told at once."""

    name = "NAME=NUMBER,…"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, int]:
        if isinstance(value, dict):
            return value
        read: dict[str, int] = {}
        wrong = []
        for part in str(value).split(","):
            name, _, number = (each.strip() for each in part.partition("="))
            allowed = _ALLOWED.get(name, ())
            if number not in map(str, allowed):
                wrong.append(part)
            elif name in read:
                wrong.append(f"{part} (a second time)")
            else:
                read[name] = int(number)
        if wrong:
            names = ", ".join(f"{name}={'|'.join(map(str, allowed))}" for name, allowed in _ALLOWED.items())
            self.fail(f"{', '.join(map(repr, wrong))}: valid settings are {names}", param, ctx)
        return read


def proxy_options() -> list[Callable[..., Any]]:
    """The options of one command."""
    return [
        click.option(
            "--proxy",
            type=Word(["nftables", "ipvs"]),
            default="nftables",
            show_default=True,
            help="kube-proxy's mode on nodes behind a NodePort; ipvs is a Linux kernel of its own (make ipvs).",
        ),
        click.option(
            "--ipvs",
            "sysctls",
            type=_Sysctls(),
            show_default="as set by kube-proxy today: conn_reuse_mode=1, expire_nodest_conn=1, conntrack=1",
            help="For --proxy ipvs: sysctls below net.ipv4.vs; with delete_at_once=1 an agent deletes servers of "
            "weight 0 at once.",
        ),
        click.option(
            "--ipvs-folder",
            type=click.Path(file_okay=False, path_type=Path),
            show_default="where `make ipvs` puts them",
            help="For --proxy ipvs: User-mode Linux, its modules, iptables and ipset, unpacked.",
        ),
        click.option(
            "--client-ports",
            type=WholeNumber(LEAST_CLIENT_PORTS, MOST_CLIENT_PORTS),
            metavar="N",
            show_default="as many as Linux has",
            help="Source ports of each load balancer proxy towards a node or pod.",
        ),
    ]


def ipvs_here(folder: Path | None) -> Ipvs | None:
    """IPVS with what kube-proxy sets today, where there is a kernel for it; None where there is none."""
    from nodrop.lab.data_plane.ipvs_packages import default_folder, missing
    from nodrop.lab.job import Ipvs

    folder = folder or default_folder()
    return None if missing(folder) else Ipvs(packages=str(folder.absolute()))


def ipvs_of(options: dict[str, Any]) -> Ipvs | None:
    """How the nodes translate by IPVS, as the options say; None where they do not.

    Ends the command where there is no kernel for it.
    """
    given = {option: options[name] for option, name in (("--ipvs", "sysctls"), ("--ipvs-folder", "ipvs_folder"))}
    if options["proxy"] != "ipvs":
        if unused := [option for option, value in given.items() if value is not None]:
            raise click.UsageError(f"{unused[0]} is for --proxy ipvs; nftables has no such setting")
        return None
    from dataclasses import replace

    if (here := ipvs_here(options["ipvs_folder"])) is None:
        lack_of_ipvs("--proxy ipvs", options["ipvs_folder"])
    sysctls = dict(options["sysctls"] or {})
    at_once = bool(sysctls.pop("delete_at_once", 0))
    return replace(here, delete_at_once=at_once, **sysctls)


def lack_of_ipvs(wanted: str, folder: Path | None) -> NoReturn:
    """Ends the command, as there is no kernel for the option that is wanted; says what brings it."""
    from nodrop.lab.data_plane.ipvs_packages import default_folder, missing

    folder = folder or default_folder()
    echo(
        f"error: {wanted} needs a User-mode Linux: {folder} lacks {', '.join(missing(folder))}; `make ipvs` brings it "
        "on Debian, Ubuntu and their kin (without a checkout: python -m nodrop.lab.data_plane.ipvs_packages)",
        err=True,
    )
    raise click.exceptions.Exit(CANNOT_RUN_HERE)
