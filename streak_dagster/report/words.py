"""Numbers, moments and texts as a person reads them."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, tzinfo

LONGEST = 120
"""Letters of a name or a text that the page shows."""
NOTHING = "–"  # noqa: RUF001 - the dash that stands for no figure
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def number(value: float | None) -> str:
    """``1,234``; a fraction keeps one place, and what isn't known is a dash."""
    if value is None:
        return NOTHING
    rounded = round(value, 1)
    return f"{rounded:,.0f}" if rounded == round(rounded) else f"{rounded:,.1f}"


def whole(value: float | None) -> str:
    """The nearest whole number, such as of days."""
    return number(None if value is None else round(value))


def counted(value: int, one: str, many: str = "") -> str:
    """``1 box``, ``1,234 boxes``."""
    return f"{number(value)} {one if value == 1 else many or one + 's'}"


def compact(value: float) -> str:
    """A sum in few letters: ``950``, ``48.6k``, ``1.2M``."""
    for size, unit in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:,.1f}".removesuffix(".0") + unit
    return number(round(value))


def day(value: date | None) -> str:
    """``27 Nov 2026``, in English wherever it is written."""
    return NOTHING if value is None else f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def short_day(value: date) -> str:
    """``27 Nov``, where the year is plain."""
    return f"{value.day} {_MONTHS[value.month - 1]}"


def at(microseconds: int | None, zone: tzinfo) -> datetime | None:
    """The moment that DuckDB's ``epoch_us`` gave, in a time zone; None for none, or out of all reach."""
    if microseconds is None:
        return None
    try:
        moment = datetime.fromtimestamp(0, timezone.utc) + timedelta(microseconds=microseconds)
        return moment.astimezone(zone)
    except OverflowError:
        return None


def moment(value: datetime | None) -> str:
    """``27 Nov 2026, 05:47 UTC``."""
    return NOTHING if value is None else f"{day(value)}, {value:%H:%M} {value:%Z}"


def span(seconds: float) -> str:
    """``12 minutes``, ``3 hours``, ``2 days``: the largest unit of which there are two, or just one."""
    seconds = max(seconds, 0)
    for size, unit in _UNITS:
        if seconds >= 2 * size or size <= seconds < size * 1.05 or (unit == "minute" and seconds >= size):
            return counted(int(seconds // size), unit)
    return "less than a minute"


def plain(text: str) -> str:
    """A text on one line and without what no page may hold, such as control characters."""
    spaced = " ".join(text.split())
    return "".join(
        each
        for each in spaced
        if unicodedata.category(each) not in ("Cc", "Cs") and ord(each) & 0xFFFE != 0xFFFE
    )


def short(text: str, most: int = LONGEST) -> str:
    """The first letters of a text."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
