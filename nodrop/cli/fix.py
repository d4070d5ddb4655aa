"""`nodrop check --fix` and `--patch`: the edits that cure what was found, in the files or as patches for kustomize."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nodrop.paths.files.sources import STDIN
from nodrop.terminal import echo

if TYPE_CHECKING:
    from nodrop.cli.check_input import Given
    from nodrop.cures import Cure
    from nodrop.edits import Edit
    from nodrop.judge import Judgement
    from nodrop.project_file import ProjectFile


def fix(given: Given, stated: ProjectFile, judgement: Judgement) -> Judgement:
    """Make all edits or none, and say on stderr what was edited, or what cannot be. Gives what is left.

    Some of the edits alone could make things worse: a longer preStop without the grace period for it.
    """
    cure = _cure(given, stated, judgement)
    texts: dict[Path, str] = {}
    refused: list[str] = []
    by_file = _by_file(given, cure)
    for file, edits in by_file.items():
        if file is None:
            refused += [_refusal(edit, "was read from no file that can be edited") for edit in edits]
            continue
        texts[file], not_made = _edited(file, edits)
        refused += [f"{file}: {_refusal(edit, why)}" for edit, why in not_made]
    if refused:
        echo(
            "nothing is edited, since not all of it can be; make these edits by hand, or leave their files out:",
            err=True,
        )
        for each in refused:
            echo(f"  {each}", err=True)
        return judgement
    _write(texts)
    for file, edits in by_file.items():
        for edit in edits:
            echo(f"{file}: {edit.object}: {edit.field} is {_shown(edit.value)} now", err=True)
    if not cure.edits:
        _tell_no_edit(judgement)
    return cure.judgement


def _refusal(edit: Edit, why: str) -> str:
    return f"{edit.object} {why}; {edit.field} would be {_shown(edit.value)}"


def print_patch(given: Given, stated: ProjectFile, judgement: Judgement) -> None:
    """Print the edits as strategic merge patches, one document an object."""
    import yaml

    from nodrop.cures import patches

    found = patches(given.objects, _cure(given, stated, judgement).edits)
    if not found:
        _tell_no_edit(judgement)
        return
    echo(yaml.safe_dump_all(found, sort_keys=False, allow_unicode=False), nl=False)


def _tell_no_edit(judgement: Judgement) -> None:
    found = chain(judgement.objects, *(each.diagnostics for each in judgement.paths))
    any_is_open = any(each.waiver is None for each in found)
    echo("no finding can be fixed by editing one field" if any_is_open else "nothing to fix: no findings", err=True)


def _cure(given: Given, stated: ProjectFile, judgement: Judgement) -> Cure:
    from nodrop.cures import cure

    return cure(given.objects, lambda objects: given.judged(objects, stated), judgement)


def _by_file(given: Given, cure: Cure) -> dict[Path | None, list[Edit]]:
    """The edits by the file that their object was read from; None: from none."""
    from nodrop.paths.fields import ref_of

    originals = {ref_of(each): each for each in given.objects}
    edits: dict[Path | None, list[Edit]] = {}
    for edit in cure.edits:
        position = given.positions(originals[edit.object], "") if given.positions else None
        edited = position is not None and position.file != STDIN
        edits.setdefault(Path(position.file) if edited else None, []).append(edit)
    return edits


def _edited(file: Path, edits: list[Edit]) -> tuple[str, list[tuple[Edit, str]]]:
    """The text of a file with the edits, and those that cannot be made, with why."""
    from nodrop.edits import edited_all

    if file.is_symlink():
        return "", [(edit, "is in a file that is a link, which is not followed") for edit in edits]
    try:
        return edited_all(file.read_bytes().decode("utf-8"), edits)
    except (OSError, UnicodeDecodeError):
        return "", [(edit, "is in a file that is not UTF-8 text, or cannot be read") for edit in edits]


def _write(texts: dict[Path, str]) -> None:
    from nodrop.files import write

    try:
        write(texts)
    except OSError as error:
        raise click.ClickException(f"nothing is edited: {error.filename} cannot be written: {error.strerror}") from None


def _shown(value: object) -> str:
    from nodrop.report.judged.model import shown

    return shown(value)
