"""`nodrop plan` as the tests ask it."""

from click.testing import CliRunner, Result

from nodrop.cli import main

FIRST_REPORT = ("--replicas", 90, "--startup-seconds", 20, "--within", 600)


def plan(*options: object) -> Result:
    return CliRunner(env={"COLUMNS": "120"}).invoke(main, ["plan", *(str(option) for option in options)])
