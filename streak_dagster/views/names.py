"""Any text that people type as a name becomes a name that SQL takes without quotes, and keeps it.

"Close date" is ``close_date``, "Signed?" is ``signed``, "Größe" is ``grosse``, "1st call" is ``_1st_call``.
Names are distinct: the second field called "Close date" is ``close_date_2``. A word that DuckDB keeps for
itself gets an underscore behind it: "Order" is ``order_``, so that ``SELECT order_ FROM sales`` needs no
quotes either.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from anyascii import anyascii

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

MAX_LENGTH = 63
"""Characters of a name: what Postgres takes, to which such a view may be copied one day."""

_WORDS = """
all analyse analyze and anti any array as asc asof asymmetric at authorization binary both by case cast
check collate collation column concurrently constraint create cross default deferrable desc describe
distinct do else end except false fetch for foreign freeze from full glob group having ilike in initially
inner intersect into is isnull join lambda lateral leading left like limit natural not notnull null offset
on only or order outer overlaps pivot pivot_longer pivot_wider placing positional primary qualify
references returning right select semi show similar some summarize symmetric table tablesample then to
trailing true union unique unpack unpivot using variadic verbose when where window with
"""
RESERVED = frozenset(_WORDS.split())
"""The words that DuckDB 1.4 and 2.0 don't take as the name of a column or a view without quotes, tried out.

A list of our own, because a name that was given must not depend on which DuckDB is installed.
"""

# What isn't heard: "What's next" is whats_next, not what_s_next.
_SILENT = re.compile(r"['`´‘’ʼ]")  # noqa: RUF001 - people's apostrophes are of all kinds
_ELSE = re.compile(r"[^a-z0-9]+")


class Named(NamedTuple):
    """Something that wants a name: what it is known by, and what people call it."""

    key: str
    label: str | None


def safe_name(label: str | None) -> str:
    """The label in ``[a-z0-9_]``, with no digit first, of at most 63 characters; empty where nothing is left.

    Other scripts and emoji are written in Latin letters, as ``anyascii`` does: "Москва" is ``moskva``.
    """
    name = _ELSE.sub("_", anyascii(_SILENT.sub("", label or "")).lower()).strip("_")
    if name[:1].isdigit():
        name = f"_{name}"
    return name[:MAX_LENGTH].rstrip("_")


def give_names(
    wanted: Iterable[Named],
    *,
    standing: Mapping[str, str],
    taken: Collection[str],
    otherwise: str,
    avoid: Collection[str] = RESERVED,
    suffix: str = "_",
) -> dict[str, str]:
    """A name for each of the ``wanted``, by key; all of them distinct.

    A ``standing`` name, by key, stays, also where the label is another by now, and nobody else gets it. It
    only goes where it is ``taken``. Of two that want the same name the first one gets it, and the next one
    ``…_2``. A name in ``avoid`` gets the ``suffix``. Whose label holds no letter is called by its key, as
    ``<otherwise>_<key>``.
    """
    names = {key: name for key, name in standing.items() if name not in taken}
    used = {*taken, *names.values()}
    for key, label in wanted:
        if key in names:
            continue
        name = safe_name(label) or safe_name(f"{otherwise}_{key}") or otherwise
        if name in avoid:
            name = f"{name[: MAX_LENGTH - len(suffix)]}{suffix}"
        names[key] = _free(name, used)
        used.add(names[key])
    return names


def _free(name: str, used: Collection[str]) -> str:
    """The name itself, or with the first number that makes it another than all that are used."""
    found, number = name, 1
    while found in used:
        number += 1
        end = f"_{number}"
        found = f"{name[: MAX_LENGTH - len(end)]}{end}"
    return found
