"""Which tables can have changed since they were published, by what a probe saw.

A probe's rows are compared with the published ones, and what its boxes say of their children with the
fingerprints that those were read with: the very comparisons by which a refresh counts its changes and plans
what to ask. A property that no column is declared for is left out here: it may change with time alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streak_dagster.tables import ALL_TABLES
from streak_dagster.warehouse import ddl
from streak_dagster.warehouse.ddl import comparable, literal, quoted, quoted_list
from streak_dagster.warehouse.planning import fingerprinted_boxes, remembered_fingerprints
from streak_dagster.warehouse.versions import compared_columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from streak_dagster.sync.probe import ProbedTable
    from streak_dagster.tables import Table
    from streak_dagster.warehouse.database import Database
    from streak_dagster.warehouse.session import Session


@dataclass(frozen=True)
class Changes:
    """How the probed rows of a table differ: rows inserted, updated, deleted, and the columns updated."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    columns: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.inserted or self.updated or self.deleted)


@dataclass
class FoundChanges:
    """What a probe's comparison showed.

    ``missing`` tables were never published. ``rows`` are the differences of tables that were seen,
    ``children`` the number of boxes, by table, whose children can have changed. ``digest`` is the same
    as long as the finding is.
    """

    missing: list[str] = field(default_factory=list)
    rows: dict[str, Changes] = field(default_factory=dict)
    children: dict[str, int] = field(default_factory=dict)
    digest: str = ""


def find_changes(
    database: Database,
    seen: Iterable[ProbedTable],
    declarations: Mapping[str, str],
    tables: Sequence[Table] = ALL_TABLES,
) -> FoundChanges:
    """Compare what was seen with what is published. The database is open for reading meanwhile.

    ``declarations`` are the fingerprints by table that children must have been read by, of the ``tables``
    that are copied.
    """
    found = FoundChanges()
    if not database.exists():
        found.missing = list(declarations)
        return found
    with database.connect(read_only=True) as session:
        found.missing = [name for name in declarations if not session.has_table(name)]
        digests = []
        for each in seen:
            columns = compared_columns(session, each.table)
            if columns is None:
                continue
            rows = ddl.select_spool(each.table, each.spool.rows_path, each.spool.largest_object)
            with session.temporary("seen", rows):
                found.rows[each.table.name], digest = _compare(session, each, [c.name for c in columns])
                digests.append(f"{each.table.name} {digest}")
                found.children |= {
                    table.name: _moved_fingerprints(session, table, declarations[table.name])
                    for table in each.table.children(tables)
                    if table.is_planned and table.name in declarations.keys() - found.missing
                }
        found.digest = " ".join([*digests, *(f"{name} {n}" for name, n in found.children.items() if n)])
    return found


def _compare(session: Session, seen: ProbedTable, names: list[str]) -> tuple[Changes, str]:
    """How the rows in ``seen`` differ from the published ones, and a digest of those that do."""
    table = seen.table
    target = session.qualified(table.name)
    key = quoted_list(table.primary_key)
    forms = {name: comparable(table.by_name[name]) for name in names}
    compared = ", ".join(f"{form} AS {quoted(f'c_{name}')}" for name, form in forms.items())
    version = f"hash({', '.join(forms.values())}) AS version"
    newest = f"SELECT DISTINCT ON ({key}) * FROM seen ORDER BY {key}, {quoted(ddl.SYNCED_AT)} DESC"
    pairs = (
        f"FROM (SELECT {key}, {compared}, {version} FROM ({newest})) AS now "
        f"LEFT JOIN (SELECT {key}, {compared}, {version} FROM {target}) AS was USING ({key})"
    )
    differing = ", ".join(
        f"count(*) FILTER (was.version <> now.version AND was.{quoted(f'c_{name}')} IS DISTINCT FROM "
        f"now.{quoted(f'c_{name}')})"
        for name in names
    )
    inserted, updated, digest, *counts = session.one_row(
        "SELECT count(*) FILTER (was.version IS NULL), count(*) FILTER (was.version <> now.version), "
        f"bit_xor(now.version) FILTER (was.version IS DISTINCT FROM now.version), {differing} {pairs}",
    )
    columns = frozenset(name for name, count in zip(names, counts, strict=True) if count)
    deleted = _gone(session, seen, target, key)
    return Changes(inserted, updated, deleted, columns), f"{digest} {inserted} {updated} {deleted}"


def _gone(session: Session, seen: ProbedTable, target: str, key: str) -> int:
    """Published rows that a list, read to its end, didn't show."""
    if not seen.whole:
        return 0
    parents = ""
    if seen.table.parent_column:
        listed = ", ".join(literal(each) for each in sorted(seen.whole))
        parents = f"WHERE {quoted(seen.table.parent_column)} IN ({listed})"
    (gone,) = session.one_row(f"SELECT count(*) FROM {target} ANTI JOIN seen USING ({key}) {parents}")
    return int(gone)


def _moved_fingerprints(session: Session, table: Table, declaration: str) -> int:
    """Boxes whose fingerprint isn't the one that their children were read with.

    A new box without children has none to read. A box on which no change would show isn't counted.
    """
    reads = remembered_fingerprints(session, table, declaration)
    (moved,) = session.one_row(
        f"SELECT count(DISTINCT box_key) FROM ({fingerprinted_boxes(table, 'seen')}) AS boxes "
        f"LEFT JOIN ({reads}) AS reads USING (box_key) WHERE shows_change AND "
        "boxes.fingerprint IS DISTINCT FROM reads.fingerprint "
        "AND NOT (reads.fingerprint IS NULL AND counted IS NOT DISTINCT FROM 0)",
    )
    return int(moved)
