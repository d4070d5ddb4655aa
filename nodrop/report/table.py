"""The report in a terminal: headline, the two tables, the meaning of causes, what is accepted, the conditions.

Laid out for 120 columns; where a table does not fit, it goes on below with the variant's name repeated. Colour only
repeats what the verdict says in words.
"""

from collections.abc import Iterable, Sequence
from io import StringIO

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from nodrop.lab.results import Result
from nodrop.report.columns import (
    ROLLOUT_TITLE,
    UNREADY_COLUMNS,
    UNREADY_TITLE,
    Column,
    Row,
    informative,
    rollout_columns,
)
from nodrop.report.conditions import conditions_line
from nodrop.report.headline import headline
from nodrop.report.rehearsal_verdict import RehearsalVerdict
from nodrop.report.summary import summarise
from nodrop.report.words import CAUSES, accepted, cause_codes, coded
from nodrop.terminal import plain_text

VERDICT_STYLES = {verdict.value: "green" if verdict.good else "yellow" for verdict in RehearsalVerdict} | {
    RehearsalVerdict.DROPS.value: "bold red",
    RehearsalVerdict.LEAKS.value: "bold red",
}
SLACK = (
    "Slack in seconds, counted from what replaced pods answered; a request that a pod refused is a failure and not in "
    "it. SIGTERM after the last request, the end of the grace period after the last response, the deletion after a "
    "proxy could reach the successor. Negative at SIGTERM is harmless where the pod answers on; negative at the swap "
    "is harmless where the other pods bear the load."
)
GAPS = (2, 1)
"""Blank characters between two columns of a table, one of them drawn by its box: the second where it saves a part."""


def results_text(results: Iterable[Result], without_result: Sequence[str], width: int, style: object = None) -> str:
    """The comparison in lines of at most `width` columns without trailing blanks; in colour where there is a style."""
    file = StringIO()
    colours = None if style is None else "standard"
    console = Console(
        file=file, width=width, force_terminal=style is not None, color_system=colours, legacy_windows=False
    )
    print_results(results, console, without_result)
    return "".join(f"{line.rstrip()}\n" for line in file.getvalue().splitlines())


def print_results(results: Iterable[Result], console: Console, without_result: Sequence[str] = ()) -> None:
    """Print the comparison of the results (any number, any mix of experiments and seeds) to the console.

    `without_result`: what has none, each with the reason.
    """
    results = tuple(results)
    rollouts, unready = summarise(results)
    summary = headline(rollouts, unready, without_result)
    console.print(plain_text(summary.title, style="bold"))
    for sentence in summary.details:
        console.print(plain_text(sentence))
    codes = cause_codes(rollouts)
    _print_tables(console, ROLLOUT_TITLE, rollout_columns(lambda causes: coded(causes, codes)), rollouts)
    if rollouts:
        console.print(plain_text(SLACK, style="dim"))
    for name, code in codes.items():
        console.print(plain_text(f"{code} = {name}" + (f": {CAUSES[name]}" if name in CAUSES else ""), style="dim"))
    _print_tables(console, UNREADY_TITLE, UNREADY_COLUMNS, unready)
    if results:
        console.print()
        console.print(plain_text(f"Conditions: {conditions_line(results)}."))


def _print_tables(console: Console, title: str, columns: Sequence[Column[Row]], rows: Sequence[Row]) -> None:
    if not rows:
        return
    console.print()
    console.print(plain_text(title, style="bold"))
    columns = informative(columns, rows)
    gap = min(GAPS, key=lambda gap: len(fit(columns, rows, console.width, gap)))
    for part in fit(columns, rows, console.width, gap):
        table = Table(box=box.SIMPLE_HEAD, padding=(0, gap - 1, 0, 0), show_edge=False, pad_edge=False)
        for column in part:
            table.add_column(column.header, justify="right" if column.figure else "left", width=_width(column, rows))
        for row in rows:
            table.add_row(*(_cell(column, row) for column in part))
        console.print()
        console.print(table)
    for name, rules in accepted(rows):
        console.print(plain_text(f"Accepted in {name}: {rules}"))


def _cell(column: Column[Row], row: Row) -> Text:
    text = column.cell(row)
    return plain_text(text, style=VERDICT_STYLES[text] if column.header == "Verdict" else "")


def fit(columns: Sequence[Column[Row]], rows: Sequence[Row], width: int, gap: int) -> list[list[Column[Row]]]:
    """The columns in parts that each fit the width (in characters), each part with the column of names in front.

    Only a part of the names and one more column may be wider.
    """
    names = columns[1]
    parts: list[list[Column[Row]]] = [[columns[0], names]]
    for column in columns[2:]:
        if sum(_width(each, rows) + gap for each in [*parts[-1], column]) - gap <= width:
            parts[-1].append(column)
        else:
            parts.append([names, column])
    return parts


def _width(column: Column[Row], rows: Sequence[Row]) -> int:
    words = column.header.split()
    return max(cell_len(text) for text in [*words, *(column.cell(row) for row in rows)])
