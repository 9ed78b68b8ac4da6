"""Times as people write them: ``30m``, ``6h``, ``30d``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from streak_dagster.settings.kinds import Kind, bounded

if TYPE_CHECKING:
    from collections.abc import Mapping


def duration(
    allowed: str,
    units: Mapping[str, int],
    minimum: str,
    maximum: str,
    words: Mapping[str, int | None] | None = None,
) -> Kind[int | None]:
    """A whole number and a unit's letter, such as ``6h``, within bounds; or one of some ``words``.

    ``units`` says how many of the value's own unit one of each is. ``allowed`` shows the bounds where it
    says ``{minimum}`` and ``{maximum}``.
    """
    form = re.compile(rf"([1-9][0-9]{{0,4}})([{''.join(units)}])")

    def counted(text: str) -> int:
        parts = form.fullmatch(text)
        if parts is None:
            raise ValueError(text)
        return int(parts[1]) * units[parts[2]]

    bounds = counted(minimum), counted(maximum)

    def parse(text: str) -> int | None:
        if words is not None and text in words:
            return words[text]
        return int(bounded(counted(text), *bounds))

    return Kind(allowed.format(minimum=minimum, maximum=maximum), parse)


REFRESH_INTERVAL = duration(
    "30m or a whole number of hours from {minimum} to {maximum}", {"h": 60}, "1h", "24h", {"30m": 30}
)
"""In minutes."""
PROBE_INTERVAL = duration(
    "from {minimum} to {maximum}, such as 30s, 1m or 2h", {"s": 1, "m": 60, "h": 3600}, "10s", "24h"
)
"""In seconds."""
HOURS = duration("a whole number of hours such as 24h", {"h": 1}, "1h", "9999h")
DAYS_OR_ALL = duration(
    "all, or days from {minimum} to {maximum} such as 30d", {"d": 1}, "1d", "3650d", {"all": None}
)
