"""The `nodrop` command: reads options, calls one package, prints what it gives.

Exit codes: 0 done, 1 an input or a program is at fault (one message on stderr), 2 wrong usage, 3 the lab cannot run
here, 130 interrupted. Not here: any work. Packages are imported inside the commands, so that `nodrop --help` stays fast
and a command needs only what it uses.
"""

from __future__ import annotations

import sys
from io import StringIO
from typing import Any

import click

from nodrop.cli.lab import compare, rehearse
from nodrop.cli.plan import plan
from nodrop.cli.preview import preview
from nodrop.terminal import echo

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 and the number of SIGINT, as shells count it."""


class _Commands(click.Group):
    """Turns the errors that a user can act on into one message and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            shown = StringIO()
            error.show(shown)
            echo(shown.getvalue(), err=True, nl=False)
            sys.exit(error.exit_code)
        except KeyboardInterrupt:
            echo("interrupted", err=True)
            sys.exit(INTERRUPTED)
        except ValueError as error:
            if not type(error).__module__.startswith("nodrop."):
                raise
            echo(f"error: {error}", err=True)
            sys.exit(1)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gke-nodrop")
def main() -> None:
    """Serve HTTP on GKE without dropping a request, and rehearse it before deploying."""


for command in (plan, preview, compare, rehearse):
    main.add_command(command)
