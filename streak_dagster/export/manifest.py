"""``streak-export.json``: what an export left in a folder, for programs, and for the next export.

Only what is listed there is ever removed: a file of a table or view that is no longer in the database.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from streak_dagster.export.placing import put

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime
    from pathlib import Path

    from streak_dagster.export.files import Exported
    from streak_dagster.export.reading import Moments

NAME = "streak-export.json"


def replace_manifest(
    folder: Path, bench: Path, moments: Moments, exported: Sequence[Exported], there: Collection[str]
) -> list[Path]:
    """List what was ``exported`` now, and the files of before whose relation is still ``there``.

    The other files of before are removed; returns those.
    """
    files = [
        {
            "file": each.path.relative_to(folder).as_posix(),
            "relation": each.relation,
            "rows": each.rows,
            "bytes": each.size,
            "exported_at": _text(moments.read),
            "as_of": _text(moments.as_of),
        }
        for each in exported
    ]
    now = {each["file"] for each in files}
    former = [each for each in _listed(folder) if each["file"] not in now]
    gone = [folder / each["file"] for each in former if each["relation"] not in there]
    for path in gone:
        path.unlink(missing_ok=True)
        with suppress(OSError):  # others are in it
            path.parent.rmdir()
    kept = [each for each in former if (folder / each["file"]).exists()]
    said = {
        "by": "streak-dagster export",
        "database": moments.database,
        "copied_at": _text(moments.copied),
        "files": [*files, *kept],
    }
    made = bench / NAME
    made.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    put(made, folder / NAME)
    return gone


def _listed(folder: Path) -> list[dict[str, Any]]:
    """The files of the manifest that is there; none where it isn't one, or leads out of the folder."""
    try:
        files = json.loads((folder / NAME).read_text(encoding="utf-8"))["files"]
        return [each for each in files if _is_one_of_ours(each["file"], each["relation"])]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _is_one_of_ours(file: str, relation: str) -> bool:
    path = PurePosixPath(file)
    return (
        len(path.parts) == 2
        and path.parts[0] in {"streak", "streak_views"}
        and relation.startswith(f"{path.parts[0]}.")
        and path.suffix in {".parquet", ".csv"}
    )


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
