"""Names once given stay: which pipelines and fields were seen, what they are called, and which are gone.

Pure rules; ``memory`` keeps what they say in ``streak_meta``. Times are milliseconds since 1970 UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from streak_dagster.views.names import RESERVED, Named, give_names

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

DAY = 86_400_000
KEPT_DAYS = 90
"""For how long the column of a deleted field stays, as NULL, and the view of a deleted pipeline, empty.

A query or a dashboard doesn't fail meanwhile; then the name may be given anew.
"""


@dataclass(frozen=True)
class Remembered:
    """A pipeline or a field: its key, the name that it was given, and its label as people wrote it last.

    ``type`` is a field's type as Streak says it, ``value_type`` what the values of a formula were found to
    be. ``last_seen`` is kept to the day, so that a refresh in which nothing changed writes nothing.
    """

    key: str
    given: str
    label: str | None
    first_seen: int
    last_seen: int
    gone_since: int | None = None
    type: str | None = None
    value_type: str | None = None


@dataclass(frozen=True)
class Seen:
    """A pipeline or a field that is there now."""

    key: str
    label: str | None
    type: str | None = None


@dataclass(frozen=True)
class Rules:
    """How names are given: ``taken`` ones are nobody's, those to ``avoid`` get the ``suffix``."""

    taken: Collection[str]
    otherwise: str
    avoid: Collection[str] = RESERVED
    suffix: str = "_"


def remember(
    before: Sequence[Remembered], present: Sequence[Seen], now: int, rules: Rules
) -> list[Remembered]:
    """What is remembered from now on: the ``present`` in their order, then what is gone for not too long."""
    here = {each.key for each in present}
    kept = {
        each.key: each
        for each in before
        if each.key in here or each.gone_since is None or now - each.gone_since < KEPT_DAYS * DAY
    }
    names = give_names(
        [Named(each.key, each.label) for each in present],
        standing={key: each.given for key, each in kept.items()},
        taken=rules.taken,
        otherwise=rules.otherwise,
        avoid=rules.avoid,
        suffix=rules.suffix,
    )
    found = [_seen(each, names[each.key], kept.get(each.key), now) for each in present]
    gone = [
        replace(each, gone_since=now if each.gone_since is None else each.gone_since)
        for key, each in kept.items()
        if key not in here and key in names
    ]
    return [*found, *gone]


def _seen(seen: Seen, name: str, was: Remembered | None, now: int) -> Remembered:
    if was is None:
        return Remembered(seen.key, name, seen.label, now, now, None, seen.type)
    return replace(
        was,
        given=name,
        label=seen.label,
        type=seen.type,
        last_seen=now if now - was.last_seen >= DAY or was.gone_since is not None else was.last_seen,
        gone_since=None,
        value_type=was.value_type if was.type == seen.type else None,
    )
