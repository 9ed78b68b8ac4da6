"""What the last reading of each box or pipeline showed, as results of checks; see ``warehouse.recorded``."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from dagster import AssetCheckResult, AssetCheckSeverity, MetadataValue

from streak_dagster.checks.verdicts import NothingYet, result
from streak_dagster.sync.selection import plain_name
from streak_dagster.tables import PIPELINES
from streak_dagster.warehouse.coverage import last_coverage
from streak_dagster.warehouse.recorded import last_audit, last_reading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streak_dagster.tables import Table
    from streak_dagster.warehouse.session import Session

TRUE = "changed_would_be_true"
TRUE_MEANING = (
    "A changed refresh would have kept no wrong row. Measured by each complete refresh on this account; "
    "warns with the boxes whose rows moved while their counters and times did not."
)
_MAX_NAMED = 20
_PLAIN = frozenset(" -_.")
"""What a name may hold beside letters and digits, to be written into a setting as it is."""


def read_check(table: Table) -> str:
    """The check of a list per parent that says whether each of them answered: ``every_box_was_read``."""
    one, _ = table.parents_called("_and_")
    return f"every_{one}_was_read"


def read_meaning(table: Table) -> str:
    """What that check is about."""
    one, many = table.parents_called()
    if table.is_planned or table.optional:
        return f"Every {one} answered. Warns with {many} that didn't; their former rows were kept."
    return (
        f"Every {one} answered. Fails with those that didn't, and says how to leave them out meanwhile; "
        "their former rows were kept."
    )


def every_parent_was_read(session: Session, table: Table) -> AssetCheckResult | NothingYet:
    """A warning where parents are many, as boxes are, or where an account may lack the list.

    An error where they are few: somebody has to act on it.

    What is made from the table goes on with the rows that it had before: the check stops nothing.
    """
    reading = last_reading(session, table)
    if reading is None:
        return NothingYet(read_check(table), "no refresh by this version was recorded")
    (_, many), unread = table.parents_called(), reading.unread
    metadata: dict[str, Any] = {many: reading.parents, f"{many} that couldn't be read": len(unread)}
    severity = AssetCheckSeverity.WARN
    if table.is_planned:
        metadata["which and why"] = MetadataValue.json(dict(list(unread.items())[:_MAX_NAMED]))
    else:
        severity = AssetCheckSeverity.WARN if table.optional else AssetCheckSeverity.ERROR
        metadata |= _of_few(session, table, unread) if unread else {}
    return result(read_check(table), metadata, passed=not unread, severity=severity)


def changed_would_be_true(session: Session, table: Table) -> AssetCheckResult | NothingYet:
    """Warns where the last audit found changed rows that a changed refresh would have kept."""
    audit = last_audit(session, table)
    if audit is None:
        return NothingYet(TRUE, "it is measured by a complete refresh after an earlier one")
    metadata = {
        "boxes that would not be asked": audit.kept + audit.empty,
        "boxes missed": audit.missed_boxes,
        "rows missed": audit.missed_rows,
        "examples": MetadataValue.json(audit.examples),
    }
    return result(TRUE, metadata, passed=not audit.missed_boxes)


def whole_check(table: Table) -> str:
    """The check of a table that accumulates: ``newsfeed_is_whole``."""
    return f"{table.name}_is_whole"


def whole_meaning(table: Table) -> str:
    """What that check is about."""
    assert table.window is not None, f"{table.name} has no window"
    return (
        f"The last refresh left nothing out. Streak lists the newest {table.window.newest} of each "
        f"{table.parent_row.one} and no others; warns where more happened since the refresh before, and says "
        "between which moments rows are missing."
    )


def is_whole(session: Session, table: Table) -> AssetCheckResult | NothingYet:
    """Warns with each parent where the last refresh found a gap; an earlier one isn't told again."""
    found = last_coverage(session, table)
    if found is None:
        return NothingYet(whole_check(table), "no list was read yet")
    many, names = table.parent_row.many, _names(session, table)
    metadata: dict[str, Any] = {
        many: found.parents,
        f"{many} of which all is known": found.from_the_beginning,
        f"{many} with a new gap": len(found.gaps),
    }
    if found.gaps:
        told = [
            f"{names.get(gap.parent) or 'without a name'} ({gap.parent}): {gap.since} to {gap.until} UTC."
            for gap in found.gaps
        ]
        more = [f"and {len(told) - _MAX_NAMED} more"] if len(told) > _MAX_NAMED else []
        metadata["where rows are missing"] = " ".join([*told[:_MAX_NAMED], *more])
        metadata["to miss none"] = (
            "refresh more often: STREAK_REFRESH_INTERVAL=30m, or turn streak_change_sensor on"
        )
    return result(whole_check(table), metadata, passed=not found.gaps)


def _names(session: Session, table: Table) -> dict[str, str]:
    """The names of the parents by their keys, where there are any; without a name, an empty one."""
    names: dict[str, str] = {}
    for parent in table.parents:
        if not {"key", "name"} <= session.columns(parent.name).keys():
            continue  # whoever else wrote into the database may have taken them away
        parents = session.qualified(parent.name)
        found = session.execute(f'SELECT "key", "name" FROM {parents} ORDER BY "key"').fetchall()
        names |= {key: text if isinstance(text, str) else "" for key, text in found}
    return names


def _of_few(session: Session, table: Table, unread: Mapping[str, str]) -> dict[str, str]:
    """Which of a few parents couldn't be read, by name; for pipelines also what leaves them out."""
    names = _names(session, table)
    told = {"which and why": _which_and_why(unread, names)}
    if table.optional:
        told["to go without the table"] = f"STREAK_EXCLUDE={table.name}"
    elif table.parent is PIPELINES and names:
        told["to leave it out meanwhile, with all its rows"] = _without(unread, names)
    return told


def _which_and_why(unread: Mapping[str, str], names: Mapping[str, str]) -> str:
    told = [f"{names.get(key) or 'without a name'} ({key}): {reason}" for key, reason in unread.items()]
    more = [f"and {len(told) - _MAX_NAMED} more"] if len(told) > _MAX_NAMED else []
    return " ".join([*told[:_MAX_NAMED], *more])


def _without(unread: Mapping[str, str], names: Mapping[str, str]) -> str:
    """The setting that copies the other pipelines alone."""
    times = Counter(map(plain_name, names.values()))
    others = [
        name if times[plain_name(name)] == 1 and _is_plain(name) else key
        for key, name in names.items()
        if key not in unread
    ]
    return f"STREAK_PIPELINES={','.join(others)}"


def _is_plain(name: str) -> bool:
    """Whether a list that is parted by commas may name it, in ``.env`` too: otherwise its key does."""
    return name == name.strip() != "" and all(each.isalnum() or each in _PLAIN for each in name)
