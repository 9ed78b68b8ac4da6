"""``streak-dagster doctor``: a line a question."""

from __future__ import annotations

import json
import os
import textwrap
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from streak_dagster.cli.face import Face
    from streak_dagster.doctor import Examination, Finding

_STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}
_MARK, _QUESTION = 6, 15
"""Letters that a mark and a question take, with the room behind them."""
_WIDEST = 100


@click.command(
    short_help="Look at the key, the database and this machine.",
    epilog="Exit status: 0 where a refresh would get along (warnings are allowed), 1 where something fails, "
    "2 for a wrong setting.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document, for programs.")
@click.pass_obj
def command(face: Face, *, as_json: bool) -> None:
    """Answer the questions that a refresh depends on, a line each, marked ok, warn or fail.

    Whose key is this, what is there to copy and what would that cost? Can the database be written, whose
    data does it hold, and who has it open? Do locks work, and does Dagster's daemon run? Takes six calls of
    the account's budget and a few seconds, half a minute at most, and changes nothing.
    """
    from streak_dagster.doctor import Mark, examine  # noqa: PLC0415 - brings DuckDB with it

    settings = face.settings
    found = examine(settings, os.environ.get("STREAK_API_KEY", "").strip())
    if as_json:
        print(json.dumps(_document(found), indent=2, ensure_ascii=False))
        face.leave(found.status)
    for finding in found.findings:
        if not (face.quiet and finding.mark is Mark.OK):
            _show(face, finding)
    face.say(f"\n{_filled(face, f'{found.next_step}')}")
    face.say(f"This took {found.calls} calls and {found.seconds:g} s.")
    face.leave(found.status)


def _show(face: Face, finding: Finding) -> None:
    """A finding in the width of the terminal: below its question where there is little room beside it."""
    from rich.text import Text  # noqa: PLC0415

    word = finding.mark.value
    head = Text(word.ljust(_MARK), _STYLES[word]) + Text(finding.question.ljust(_QUESTION))
    width = min(face.out.width, _WIDEST) - _MARK - _QUESTION
    lines = textwrap.wrap(finding.sentence, max(width, 20), break_on_hyphens=False)
    face.out.print(head + Text(f"\n{' ' * (_MARK + _QUESTION)}".join(lines)), soft_wrap=True)


def _filled(face: Face, text: str) -> str:
    return textwrap.fill(text, min(face.out.width, _WIDEST), break_on_hyphens=False)


def _document(found: Examination) -> dict[str, object]:
    return {
        "status": found.status,
        "calls": found.calls,
        "seconds": found.seconds,
        "next": found.next_step,
        "findings": [
            {
                "question": each.question,
                "mark": each.mark.value,
                "text": each.text,
                "advice": each.advice,
                **({"facts": dict(each.facts)} if each.facts else {}),
            }
            for each in found.findings
        ],
    }
