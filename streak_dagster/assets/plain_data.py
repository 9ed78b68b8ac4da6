"""Tables that hold personal data as it was sent, though it is to be hashed: told, or kept from spreading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streak_dagster.errors import PublishRefusedError
from streak_dagster.warehouse.ddl import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from streak_dagster.tables import Table
    from streak_dagster.warehouse.published import Snapshot


def tell_of_plain_data(
    table: Table, published: Snapshot, refreshed: Collection[str], warn: Callable[[str], None]
) -> None:
    """Warn, as a table is hashed for the first time, of those that stay plain as this run leaves them be.

    ``refreshed`` are the tables of this run.

    Raises PublishRefusedError for a table that is made of rows whose own table isn't hashed yet.
    """
    if table.parent is not None and table.endpoint is None and table.parent.name in published.plain:
        raise PublishRefusedError(
            f"{table.name} is made of the rows of {table.parent.name}, whose personal data isn't hashed yet, "
            f"or by another key. Nothing was changed. Refresh {SCHEMA}/{table.parent.name} together with it."
        )
    others = [name for name in published.plain if name not in refreshed]
    if table.name in published.plain and others:
        warn(
            f"Personal data is hashed from now on, but {', '.join(others)} hold it as it was, or hashed by "
            "another key, until they are refreshed; a table that isn't copied any more stays so. What was "
            "there before also stays in free parts of the database's file: only a new file is sure to be "
            "without it."
        )
