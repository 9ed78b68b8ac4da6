"""What the options of dropdown and tag fields are called, and what those that were removed were called last.

Streak forgets an option's name as it is removed, while boxes keep its key. ``streak_meta.option_names`` keeps
the name: one line for each option that was ever seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streak_dagster.tables import PIPELINE_FIELDS
from streak_dagster.warehouse import meta

if TYPE_CHECKING:
    from streak_dagster.tables import Table
    from streak_dagster.warehouse.session import Session

NAMES = "option_names"
_KEY = "pipeline_key, field_key, option_key"
_NEEDED = {"pipeline_key", "key", "dropdown_settings", "tag_settings"}


def remember_options_of(session: Session, table: Table, *, anew: bool = False) -> None:
    """Bring the names up to date after ``table`` was published, where that is the one that has the fields."""
    if table is PIPELINE_FIELDS:
        remember_options(session, anew=anew)


def remember_options(session: Session, *, anew: bool = False) -> None:
    """Bring the names up to the published fields, inside the caller's transaction.

    ``anew`` forgets the options of before, which were another account's. An option without a name keeps the
    one that it had.
    """
    target = session.qualified(NAMES, meta.SCHEMA)
    if anew:
        session.execute(f"DELETE FROM {target}")
    if not session.columns(PIPELINE_FIELDS.name).keys() >= _NEEDED:
        return
    noted = (
        f"SELECT {_KEY}, coalesce(now.name, was.name) AS name, now.here IS NOT NULL AS is_present, "
        "coalesce(was.first_seen, now()) AS first_seen, "
        "CASE WHEN now.here THEN now() ELSE was.last_seen END AS last_seen "
        f"FROM ({_current(session)}) AS now FULL JOIN {target} AS was USING ({_KEY})"
    )
    with session.temporary("noted_options", noted):
        session.execute(f"DELETE FROM {target}")
        session.execute(f"INSERT INTO {target} BY NAME FROM noted_options")


def _current(session: Session) -> str:
    """The options of the fields as they are published, each once; one without a key is none."""
    listed = (
        'SELECT pipeline_key, "key" AS field_key, unnest(list_concat('
        "json_extract(TRY_CAST(dropdown_settings AS JSON), '$.items[*]'), "
        "json_extract(TRY_CAST(tag_settings AS JSON), '$.tags[*]'))) AS option "
        f"FROM {session.qualified(PIPELINE_FIELDS.name)}"
    )
    option_key = "json_extract_string(option, '$.key')"
    name = "coalesce(json_extract_string(option, '$.name'), json_extract_string(option, '$.tag'))"
    return (
        f"SELECT pipeline_key, field_key, {option_key} AS option_key, nullif(min({name}), '') AS name, "
        f"true AS here FROM ({listed}) WHERE {option_key} IS NOT NULL GROUP BY ALL"
    )
