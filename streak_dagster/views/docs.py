"""``docs/views.md``, written from the declarations: ``python -m streak_dagster.views.docs``.

A test renders the page again and compares, so the page can't fall behind the views.
"""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from streak_dagster.tables.docs import cell

from .answers import ALL_ANSWERS
from .answers.outcome_words import OUTCOME_WORDS
from .answers.pipeline_daily import PIPELINE_DAILY
from .answers.stages import STAGES
from .answers.value_words import VALUE_WORDS
from .pipelines import STANDARD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .answer import Answer

PAGE = Path(__file__).resolve().parents[2] / "docs" / "views.md"
"""Where the page is in a clone of the repository."""

_INTRODUCTION = """\
# The views

<!-- Written by `python -m streak_dagster.views.docs` from streak_dagster/views/. Don't edit by hand. -->

The views are in the schema `streak_views` of the DuckDB file: what was copied, readable without Streak's
keys. There is one for each pipeline, with a column for each custom field, and there are the ready answers,
which look over all pipelines. They are kept in step with the tables by every refresh, and hold no rows of
their own.

- A name is that of now, or the last known one; a column that could be taken for one of then says so.
- *Days* are complete days of 24 hours, counted at the moment of the query, in whatever time zone it is read.
- Moments are `TIMESTAMP WITH TIME ZONE`. Weeks and months are those of UTC.
- Columns marked **personal** hold data about people; they are left out of the previews in Dagster.
- A table that isn't copied is taken for an empty one, so that every view always answers.

Any query below runs as it is: `streak-dagster sql "SELECT …"`, or in any program that opens the file."""

_PIPELINES = """\
## The view of a pipeline

It has the pipeline's own name, made safe: that of *Sales* is `streak_views.sales`. The columns below come
first, then one for each custom field under its own name: *Expected close* is `expected_close`. Options,
people, contacts and organizations come as their names. Open deals by stage, with owner, size, close date and
days in the stage, as the built-in sample has them:

```sql
SELECT stage, name, owners, streak_views.as_number(yearly_value_eur) AS size, expected_close, days_in_stage
FROM streak_views.sales
WHERE key IN (SELECT key FROM streak_views.deals WHERE outcome = 'open')
ORDER BY stage_order, size DESC
```

`as_number` reads what people type as a number, such as `€ 48.600,00` or `3k`; what has no one reading is
NULL."""

_LANGUAGES = {
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nb": "Norwegian",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "zh": "Chinese",
}
_VALUE_RULE = (
    "A field's name is read without accents and capitals. Of several fields, the one with words of an "
    "earlier line is taken, then one that is called so and nothing else, then the first:"
)
_MATCHES = {"word": "", "part": ", anywhere in the name", "name": ", as the whole name"}


def render() -> str:
    """The whole page as Markdown, ending with a newline."""
    sections = [_INTRODUCTION, _index(), _pipelines(), *(_section(answer) for answer in ALL_ANSWERS)]
    return "\n\n".join(sections) + "\n"


def _index() -> str:
    rows = (f"| {cell(answer.question)} | [`{answer.name}`](#{answer.name}) |" for answer in ALL_ANSWERS)
    return "\n".join(["| Question | View |", "|---|---|", *rows])


def _pipelines() -> str:
    """What the views of all pipelines have in common, with the columns that they say they have."""
    return "\n\n".join([_PIPELINES, _columns(STANDARD)])


def _section(answer: Answer) -> str:
    columns = ((each.name, each.type, each.description, each.personal) for each in answer.columns)
    parts = [
        f"## {answer.name}",
        f"*{answer.question}*",
        answer.description,
        _columns(columns),
        f"```sql\n{answer.example}\n```",
    ]
    if answer is STAGES:
        parts.append(_words())
    if answer is PIPELINE_DAILY:
        parts.append(_value_words())
    return "\n\n".join(parts)


def _value_words() -> str:
    """The words by which a field's name is read, as a list."""
    lines = [f"{place}. {', '.join(words)}" for place, words in enumerate(VALUE_WORDS, start=1)]
    return "\n".join(
        [
            _VALUE_RULE,
            "",
            *lines,
        ]
    )


def _words() -> str:
    """The words by which the name of a stage is read, as a table."""
    ordered = sorted(OUTCOME_WORDS, key=lambda each: (_LANGUAGES[each.language], each.match == "name"))
    rows = []
    for (language, match), words in groupby(ordered, key=lambda each: (each.language, each.match)):
        found: dict[str, list[str]] = {"won": [], "lost": []}
        for each in words:
            found[each.outcome].append(each.text)
        cells = " | ".join(", ".join(texts) for texts in found.values())
        rows.append(f"| {_LANGUAGES[language]}{_MATCHES[match]} | {cells} |")
    return "\n".join(
        [
            "A name is read without accents and capitals. Where it holds words of both, it means lost.",
            "",
            "| Language | Won | Lost |",
            "|---|---|---|",
            *rows,
        ]
    )


def _columns(columns: Iterable[tuple[str, str, str, bool]]) -> str:
    rows = (
        f"| `{name}` | {kind} | {cell(meaning)} | {'**personal**' if personal else ''} |"
        for name, kind, meaning, personal in columns
    )
    return "\n".join(["| Column | Type | Meaning | Notes |", "|---|---|---|---|", *rows])


def main() -> None:
    """Write the page and say where it is."""
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(render(), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")


if __name__ == "__main__":
    main()
