"""``docs/tables.md``, written from the declarations: ``python -m streak_dagster.tables.docs``.

A test renders the page again and compares, so the page can't fall behind the tables.
"""

from __future__ import annotations

import sys
from pathlib import Path

from . import ALL_TABLES
from .columns import COMMON_COLUMNS, Column
from .diagram import diagram
from .model import Paging, Table

_TABLES = {table.name for table in ALL_TABLES}

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tables.md"
"""Where the page is in a clone of the repository."""

_INTRODUCTION = """\
# The tables

<!-- Written by `python -m streak_dagster.tables.docs` from streak_dagster/tables/. Don't edit by hand. -->

The tables are in the schema `streak` of the DuckDB file. Each one is the Dagster asset `streak/<table>`.
A column has the name of Streak's property in snake_case: `lastUpdatedTimestamp` is `last_updated_timestamp`.
Moments are `TIMESTAMP WITH TIME ZONE`, lists and objects are `JSON`. A property that Streak didn't send, or
sent as null, is NULL.

In the column *Notes*:

- **clock**: the value moves as time passes, without any edit. It is stored, but a difference in it makes no
  new version of the row and doesn't count as a change.
- **personal**: data about a person, such as a name, an address or something that somebody wrote. It is
  stored, hashed where `STREAK_HASH_PERSONAL_DATA` says so, and left out of the previews in Dagster.
- **derived**: worked out by this package; Streak sends no such property.
- **→ table.column**: the value names a row of that table.

What a `JSON` column holds stands below its meaning: `[…]` is a list, `{…}` an object, `<key>` stands for any
such key, `?` follows a member that may be missing, and `ms` is a moment in milliseconds since 1970-01-01 UTC.
Any member may be missing in older answers, and others may come. `column->>'$.member'` reads a member,
`make_timestamptz((column->>'$.member')::BIGINT * 1000)` a moment, and `unnest(column::JSON[])` makes rows of
a list.

The calls given below are those of a complete refresh."""


def render() -> str:
    """The whole page as Markdown, ending with a newline."""
    sections = [
        _INTRODUCTION,
        _index(),
        _picture(),
        _every_table(),
        *(_section(table) for table in ALL_TABLES),
    ]
    return "\n\n".join(sections) + "\n"


def _every_table() -> str:
    columns = (f"| `{each.name}` | {each.type.value} | {_meaning(each)} |" for each in COMMON_COLUMNS)
    heading = ["## Columns of every table", "", "| Column | Type | Meaning |", "|---|---|---|"]
    return "\n".join([*heading, *columns, "", "Secrets such as API keys are never stored."])


def _picture() -> str:
    """How the tables hang together, as GitHub draws it."""
    explained = (
        "Each line leads from a row to the many that name it; where it is dashed, they may name one that is "
        "gone, or isn't shared. The database has the same in `streak_meta.relations`."
    )
    return "\n\n".join(["## How they hang together", explained, f"```mermaid\n{diagram()}\n```"])


def _index() -> str:
    rows = (
        f"| [`{table.name}`](#{table.name}) | {table.group} | {_keys(table)} | {cell(_summary(table))} |"
        for table in ALL_TABLES
    )
    return "\n".join(["| Table | Group | Primary key | What it holds |", "|---|---|---|---|", *rows])


def _section(table: Table) -> str:
    columns = (
        f"| `{column.name}` | {column.type.value} | {_meaning(column)} | {cell(_notes(column))} |"
        for column in table.columns
    )
    return "\n\n".join(
        [
            f"## {table.name}",
            table.description,
            f"- Primary key: {_keys(table)}\n- From: {_origin(table)}\n- Calls: {_cost(table)}",
            "\n".join(["| Column | Type | Meaning | Notes |", "|---|---|---|---|", *columns]),
        ]
    )


def _summary(table: Table) -> str:
    """The first line of a table's description, which makes sense alone."""
    return table.description.partition("\n")[0]


def _keys(table: Table) -> str:
    return ", ".join(f"`{name}`" for name in table.primary_key)


def _origin(table: Table) -> str:
    if table.endpoint is None:
        return f"the rows of `{table.parent.name if table.parent else ''}`"
    return " and ".join(f"`GET {_path(each)}`" for each in table.lists)


def _path(table: Table) -> str:
    assert table.endpoint is not None, f"{table.name} isn't listed"
    path = table.endpoint.path.replace("{parent}", "{" + _parent_key(table) + "}")
    sent = "&".join(f"{name}={value}" for name, value in table.endpoint.params)
    return f"{path}?{sent}" if sent else path


def _parent_key(table: Table) -> str:
    """What the parent's key is called in the child: ``boxKey`` reads better than ``parent``."""
    return table.by_name[table.parent_column].api_name if table.parent_column else "parent"


def _cost(table: Table) -> str:
    if table.endpoint is None:
        return "none"
    parents = " and ".join(f"`{parent.name}`" for parent in table.parents)
    each = f" for each row of {parents}" if parents else ""
    if table.endpoint.paging is Paging.SINGLE:
        return f"one{each}"
    least = ", at least one" if table.parent else ""
    own = table.endpoint.page_size
    page = f"{own:,} rows" if own else "page of `STREAK_PAGE_SIZE` rows"
    return f"one for each {page}{least}{each}"


def _meaning(column: Column) -> str:
    """The description, and the shape of JSON as code, in which only the border of a cell is a mark."""
    shape = (column.shape or "").replace("|", "\\|")
    return cell(column.description) + (f"<br>`{shape}`" if shape else "")


def _notes(column: Column) -> str:
    notes = []
    if column.volatile:
        notes.append("**clock**")
    if column.volatile_members:
        notes.append("**clock** inside: " + ", ".join(f"`{name}`" for name in column.volatile_members))
    if column.personal:
        notes.append("**personal**")
    if column.derived:
        notes.append("**derived**")
    if column.references:
        name = column.references.partition(".")[0]
        # A table that isn't copied yet has no section to point to.
        if name in _TABLES:
            notes.append(f"→ [{column.references}](#{name})")
    return ", ".join(notes)


def cell(text: str) -> str:
    """Text that stays inside one cell of a Markdown table, with ``_`` kept as it is.

    A bare ``<`` or ``|`` would be read as HTML or as the end of the cell, and a pair of double underscores
    (``__editAllPermissionSet__``) as bold type.
    """
    for mark in ("|", "<", "__"):
        text = text.replace(mark, "".join(f"\\{sign}" for sign in mark))
    return text


def main() -> None:
    """Write the page and say where it is."""
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(render(), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")


if __name__ == "__main__":
    main()
