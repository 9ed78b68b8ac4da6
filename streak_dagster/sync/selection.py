"""Which pipelines are copied: ``STREAK_PIPELINES`` names them by name or key."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from streak_dagster.errors import PublishRefusedError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from streak_dagster.errors import ObjectUnavailableError
    from streak_dagster.sync.spool import Spool


def means(wanted: str, key: str, name: object) -> bool:
    """Whether an entry of ``STREAK_PIPELINES`` means the pipeline of this key and name.

    A name is meant however it was typed: in any case, in any of Unicode's forms (macOS decomposes an "é"
    that others keep whole), with any spaces around or between its words. A key is meant as it is.
    """
    return key == wanted or (isinstance(name, str) and plain_name(name) == plain_name(wanted) != "")


def plain_name(name: str) -> str:
    """What two names have in common that mean the same pipeline."""
    # Folding the case can undo the form, so that comes last.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join(folded.split())


class PipelineSelection:
    """What Streak lists, as ``spool`` has it, and which of it is wanted."""

    def __init__(self, wanted: Sequence[str], spool: Spool) -> None:
        self._wanted = wanted
        self._spool = spool
        self._names = {str(row.get("key")): row.get("name") for row in spool.rows()}
        self.listed = set(self._names)
        """The keys of all pipelines that Streak lists, wanted or not."""

    def unwanted(self, report: Callable[[str], None]) -> tuple[str, ...]:
        """The keys of those that aren't wanted. ``report`` gets a line where a name means more than one.

        Raises SettingsError where a wanted pipeline doesn't exist; what was fetched is thrown away.
        """
        if not self._wanted:
            return ()
        meant = {
            wanted: sorted(key for key, name in self._names.items() if means(wanted, key, name))
            for wanted in self._wanted
        }
        missing = sorted(wanted for wanted, keys in meant.items() if not keys)
        if missing:
            self._spool.discard()
            raise SettingsError(self._told_missing(missing))
        for wanted, keys in meant.items():
            if len(keys) > 1:
                report(
                    f"{len(keys)} pipelines are called {wanted!r}, and all of them are copied: "
                    f"{', '.join(keys)}. STREAK_PIPELINES chooses one of them by its key."
                )
        return tuple(sorted(self.listed.difference(*meant.values())))

    def _told_missing(self, missing: Sequence[str]) -> str:
        names = {key: str(name or "") for key, name in self._names.items()}
        seen = [f"{name!r} ({key})" for key, name in sorted(names.items(), key=lambda each: each[::-1])]
        with_comma = any("," in name for name in names.values())
        return (
            f"STREAK_PIPELINES names {', '.join(map(repr, missing))}, which this key doesn't see. It sees "
            f"{', '.join(seen) or 'no pipeline'}. "
            + ("A pipeline with a comma in its name is chosen by its key. " if with_comma else "")
            + "Nothing was changed."
        )

    def refuse_lost_permission(
        self, refused: Mapping[str, ObjectUnavailableError], max_shrink: float
    ) -> None:
        """Raises PublishRefusedError for a pipeline that is still there, but not for this key.

        Streak answers 401 or 403 to those, and 404 or 400 to a deleted one, which counts as shrinkage.
        """
        forbidden = sorted(key for key, error in refused.items() if error.status in (401, 403))
        if not forbidden or max_shrink >= 1:
            return
        self._spool.discard()
        raise PublishRefusedError(
            f"The key no longer sees pipeline {', '.join(forbidden)}, which the database holds: "
            f"{refused[forbidden[0]]} Nothing was changed. Have the pipeline shared with the key's user "
            "again; or, if its data shall go, set STREAK_MAX_SHRINK=1 for one run."
        )
