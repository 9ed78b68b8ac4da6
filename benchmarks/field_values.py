"""How long ``box_field_values`` takes to publish, and how much memory: many boxes with many fields.

    .venv/bin/python benchmarks/field_values.py [boxes] [fields]

Publishes twice, as the first and as a later refresh, with the memory that publishing has. By default
50,000 boxes with 60 fields each, three million rows.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path

from streak_dagster.tables import BOX_FIELD_VALUES, PIPELINE_BOXES, PIPELINE_FIELDS
from streak_dagster.warehouse import meta
from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.ddl import create_table
from streak_dagster.warehouse.derive import define_macros
from streak_dagster.warehouse.drift import remember_columns
from streak_dagster.warehouse.field_values import select_field_values
from streak_dagster.warehouse.option_names import remember_options
from streak_dagster.warehouse.publish import publish
from streak_dagster.warehouse.session import Session

TYPES = (
    "TEXT_INPUT",
    "DATE",
    "CHECKBOX",
    "DROPDOWN",
    "TAG",
    "PERSON",
    "FORMULA",
    "TEXT_INPUT",
    "DROPDOWN",
    "TEAM_CONTACT",
)
VALUES = {
    "TEXT_INPUT": "to_json(CASE i % 4 WHEN 0 THEN format('{:,}?', 7000 + i) WHEN 1 THEN 'call them' "
    "WHEN 2 THEN '€ ' || i || '.600,00' ELSE i::VARCHAR END)",
    "DATE": "to_json(1700000000000 + i * 1000)",
    "CHECKBOX": "to_json(i % 2 = 0)",
    "DROPDOWN": "to_json((9001 + i % 12)::VARCHAR)",
    "TAG": "to_json([(9001 + i % 7)::VARCHAR, (9001 + i % 11)::VARCHAR])",
    "PERSON": "to_json([{'displayName': 'Person ' || i % 30, 'userKey': 'user-' || i % 30}])",
    "FORMULA": "to_json(i * 0.4)",
    "TEAM_CONTACT": "to_json(['contact-' || i, 'contact-' || (i + 1)])",
}


def main() -> None:
    """Make the boxes, publish their values twice, and say what it took."""
    boxes, fields = (int(each) for each in [*sys.argv[1:], "50000", "60"][:2])
    with tempfile.TemporaryDirectory() as folder:
        database = Database(str(Path(folder) / "crm.duckdb"))
        # In a process of its own, because it takes more memory than publishing.
        making = multiprocessing.get_context("spawn").Process(target=make, args=(database, boxes, fields))
        making.start()
        making.join()
        before = memory()
        for which in ("first", "later"):
            began = time.monotonic()
            with database.transaction() as session:
                meta.prepare(session)
                remember_options(session)
                define_macros(session)
                query = select_field_values(session, BOX_FIELD_VALUES)
                prepared = time.monotonic() - began
                publication = publish(session, BOX_FIELD_VALUES, query)
                published = time.monotonic() - began
                remember_columns(session, BOX_FIELD_VALUES)
            seconds = time.monotonic() - began
            print(
                f"{which}: {publication.rows:,} rows, {publication.updated:,} updated, in {seconds:.0f} s "
                f"(labels {prepared:.0f} s, published after {published:.0f} s), "
                f"{memory():.0f} MB at most, of {before:.0f} MB before"
            )


def make(database: Database, boxes: int, fields: int) -> None:
    """Fill the database."""
    with database.connect() as session:
        make_boxes(session, boxes, fields)


def make_boxes(session: Session, boxes: int, fields: int) -> None:
    """Boxes of one pipeline, and its fields, six of ten types in turn."""
    session.execute("SET memory_limit = '400MB'")
    session.create_schema()
    session.execute(create_table(session.catalog, PIPELINE_FIELDS))
    session.execute(create_table(session.catalog, PIPELINE_BOXES))
    types = [TYPES[n % len(TYPES)] for n in range(fields)]
    items = "[{'key': (9001 + n)::VARCHAR, 'name': 'Option ' || n} for n in range(10)]"
    session.execute(
        f"INSERT INTO {session.qualified('pipeline_fields')} BY NAME SELECT 'p' AS pipeline_key, "
        "(1001 + n)::VARCHAR AS \"key\", 'Field ' || n AS name, list_extract(?, n + 1) AS type, "
        f"CASE type WHEN 'DROPDOWN' THEN to_json({{'items': {items}}}) END AS dropdown_settings, "
        f"CASE type WHEN 'TAG' THEN to_json({{'tags': {items.replace('name', 'tag')}}}) END AS tag_settings, "
        "now() AS _synced_at FROM range(?) AS t(n)",
        [types, fields],
    )
    values = ", ".join(f"'{1001 + n}', {VALUES[kind]}" for n, kind in enumerate(types))
    session.execute(
        f"INSERT INTO {session.qualified('pipeline_boxes')} BY NAME SELECT "
        f"'box-of-a-long-key-' || i AS \"key\", 'p' AS pipeline_key, json_object({values}) AS fields, "
        f"now() AS _synced_at FROM range({boxes}) AS t(i)"
    )


def memory() -> float:
    """The most that this process had at once, in MB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 if sys.platform == "darwin" else 1024) / (1024 if sys.platform == "darwin" else 1)


if __name__ == "__main__":
    main()
