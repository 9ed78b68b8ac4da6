"""What changed lately, and what the copy lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from streak_dagster.report import words
from streak_dagster.report.copy import VIEWS
from streak_dagster.report.waiting import linked
from streak_dagster.warehouse import meta

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from streak_dagster.report.copy import Copy

LISTED = 15
_NAMED = 8

_CHANGES = """
SELECT epoch_us(changed_at) AS changed_at, what, change, name, pipeline, box, columns, details, link
FROM {views}.recent_changes
ORDER BY recent_changes.changed_at DESC, table_name, box_key, name LIMIT {listed}"""


@dataclass(frozen=True)
class Change:
    """A change in words; ``details`` are before and after, where that is short."""

    changed_at: datetime | None
    what: str
    change: str
    name: str | None
    pipeline: str | None
    box: str | None
    columns: str | None
    details: str | None
    link: str | None


def changes(copy: Copy, zone: tzinfo) -> list[Change]:
    """The newest changes that copies saw. Raises duckdb.Error."""
    found = copy.rows(_CHANGES.format(views=VIEWS, listed=LISTED))
    return [
        Change(**{**each, "changed_at": words.at(each["changed_at"], zone), "link": linked(each["link"])})
        for each in found
    ]


def lacks(copy: Copy) -> list[str]:
    """What the last refreshes couldn't read, or left out, in a sentence each. Raises duckdb.Error."""
    said = []
    if _has(copy, "unread"):
        found = copy.rows(
            f"SELECT table_name, count(*) AS parents FROM {meta.SCHEMA}.unread "
            "GROUP BY table_name ORDER BY ALL"
        )
        said += [
            f"{each['table_name']}: {words.counted(each['parents'], 'list')} couldn't be read at the last "
            "refresh; the rows of before were kept."
            for each in found
        ]
    if _has(copy, "views"):
        found = copy.rows(f"SELECT name FROM {meta.SCHEMA}.views WHERE problem IS NOT NULL ORDER BY name")
        if found:
            named = ", ".join(words.short(each["name"], 60) for each in found[:_NAMED])
            more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
            said.append(f"Views that couldn't be made: {named}{more}.")
    if _has(copy, "left_out_pipelines"):
        (count,) = copy.session.one_row(f"SELECT count(*) FROM {meta.SCHEMA}.left_out_pipelines")
        if count:
            said.append(
                f"{words.counted(count, 'pipeline')} of the account {'is' if count == 1 else 'are'} left out."
            )
    return said


def _has(copy: Copy, table: str) -> bool:
    return f"{meta.SCHEMA}.{table}" in copy.there
