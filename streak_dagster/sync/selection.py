"""Which pipelines are copied: ``STREAK_PIPELINES`` names them by name or key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streak_dagster.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streak_dagster.sync.projection import Row
    from streak_dagster.sync.refresh import Refresh


class PipelineSelection:
    """Keeps the rows of the wanted pipelines, and remembers what else there was, for the error."""

    def __init__(self, wanted: Sequence[str]) -> None:
        self._wanted = set(wanted)
        self._found: set[str] = set()
        self._names: set[str] = set()

    def keeps(self, row: Row) -> bool:
        name, key = str(row.get("name", "")), str(row.get("key", ""))
        self._names.add(name)
        hits = self._wanted & {name, key}
        self._found |= hits
        return bool(hits) or not self._wanted

    def check(self, refresh: Refresh) -> None:
        """Raises SettingsError where a wanted pipeline doesn't exist; the refresh is thrown away."""
        missing = sorted(self._wanted - self._found)
        if not missing:
            return
        refresh.spool.discard()
        raise SettingsError(
            f"STREAK_PIPELINES names {', '.join(map(repr, missing))}, which this key doesn't see. "
            f"It sees {', '.join(map(repr, sorted(self._names))) or 'no pipeline'}. Nothing was changed."
        )
