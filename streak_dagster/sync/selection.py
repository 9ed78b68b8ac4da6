"""Which pipelines are copied: ``STREAK_PIPELINES`` names them by name or key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streak_dagster.errors import PublishRefusedError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streak_dagster.errors import ObjectUnavailableError
    from streak_dagster.sync.refresh import Refresh


class PipelineSelection:
    """What Streak lists, and which of it is wanted."""

    def __init__(self, wanted: Sequence[str], refresh: Refresh) -> None:
        self._wanted = set(wanted)
        self._refresh = refresh
        names = {str(row.get("key")): str(row.get("name")) for row in refresh.spool.rows()}
        self._names = set(names.values())
        self.listed = set(names)
        """The keys of all pipelines that Streak lists, wanted or not."""
        self._chosen = {key for key, name in names.items() if {key, name} & self._wanted}

    def apply(self) -> None:
        """Leave out what isn't wanted.

        Raises SettingsError where a wanted pipeline doesn't exist; the refresh is thrown away.
        """
        if not self._wanted:
            return
        missing = sorted(self._wanted - self._names - self.listed)
        if missing:
            self._refresh.spool.discard()
            raise SettingsError(
                f"STREAK_PIPELINES names {', '.join(map(repr, missing))}, which this key doesn't see. It "
                f"sees {', '.join(map(repr, sorted(self._names))) or 'no pipeline'}. Nothing was changed."
            )
        self._refresh.unwanted = sorted(self.listed - self._chosen)

    def refuse_lost_permission(
        self, refused: Mapping[str, ObjectUnavailableError], max_shrink: float
    ) -> None:
        """Raises PublishRefusedError for a pipeline that is still there, but not for this key.

        Streak answers 401 or 403 to those, and 404 or 400 to a deleted one, which counts as shrinkage.
        """
        forbidden = sorted(key for key, error in refused.items() if error.status in (401, 403))
        if not forbidden or max_shrink >= 1:
            return
        self._refresh.spool.discard()
        raise PublishRefusedError(
            f"The key no longer sees pipeline {', '.join(forbidden)}, which the database holds: "
            f"{refused[forbidden[0]]} Nothing was changed. Have the pipeline shared with the key's user "
            "again; or, if its data shall go, set STREAK_MAX_SHRINK=1 for one run."
        )
