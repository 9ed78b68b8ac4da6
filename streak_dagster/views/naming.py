"""Which pipelines and fields there are now, under the names that they were given once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streak_dagster.views import memory
from streak_dagster.views.answers import ALL_ANSWERS
from streak_dagster.views.formulas import with_value_types
from streak_dagster.views.names import RESERVED
from streak_dagster.views.pipelines import STANDARD_COLUMNS
from streak_dagster.views.remembering import Remembered, Rules, Seen, remember
from streak_dagster.warehouse import meta

if TYPE_CHECKING:
    from collections.abc import Collection

    from streak_dagster.views.sources import Sources
    from streak_dagster.warehouse.session import Session

_OURS = frozenset({"pipelines", *(each.name for each in ALL_ANSWERS)})
_OF_FIELDS = Rules(taken=STANDARD_COLUMNS, otherwise="field")


def name_pipelines_and_fields(
    session: Session, sources: Sources, now: int, *, foreign: Collection[str]
) -> tuple[list[Remembered], dict[str, list[Remembered]]]:
    """The pipelines that have a view, and the fields of each by the pipeline's key, those that are gone last.

    No new view gets a name in ``foreign``, which others use. What is new or changed is stored.
    """
    known, accounts = memory.known_pipelines(session)
    columns = memory.known_fields(session)
    if not sources.has("pipelines"):
        return known, columns
    pipelines = _pipelines(session, sources, known, accounts, now=now, foreign=foreign)
    here = {each.key: each.gone_since is None for each in pipelines}
    fields = {key: of_one for key, of_one in columns.items() if key in here}
    if sources.has("pipeline_fields"):
        present = _present_fields(session)
        fields = {
            key: remember(columns.get(key, []), present.get(key, []) if is_here else [], now, _OF_FIELDS)
            for key, is_here in here.items()
        }
    fields = with_value_types(session, sources, fields)
    differing = {key: of_one for key, of_one in fields.items() if of_one != columns.get(key, [])}
    memory.store_fields(session, {**differing, **{key: [] for key in columns.keys() - fields.keys()}})
    return pipelines, fields


def _pipelines(
    session: Session,
    sources: Sources,
    known: list[Remembered],
    accounts: dict[str, str | None],
    *,
    now: int,
    foreign: Collection[str],
) -> list[Remembered]:
    """The pipelines from now on. Those of another account aren't kept once its rows are replaced."""
    owner = meta.owner_of(session, "pipelines")
    order = (
        "creation_timestamp NULLS LAST, key" if "creation_timestamp" in sources.tables["pipelines"] else "key"
    )
    rows = session.execute(f"SELECT key, name FROM {session.qualified('pipelines')} ORDER BY {order}")
    present = [Seen(key, name) for key, name in rows.fetchall()]
    here = {each.key for each in present}
    of_others = {each.key for each in known if each.key not in here and accounts.get(each.key) != owner}
    memory.forget_stages(session, of_others)
    standing = {each.given for each in known}
    rules = Rules(
        taken={*_OURS, *(name for name in foreign if name not in standing)},
        otherwise="pipeline",
        avoid=RESERVED | _OURS,
        suffix="_pipeline",
    )
    found = remember([each for each in known if each.key not in of_others], present, now, rules)
    owners = {each.key: owner if each.key in here else accounts.get(each.key) for each in found}
    before = {each.key: each for each in known}
    if {each.key: each for each in found} != before or owners != accounts:
        memory.store_pipelines(session, found, owners)
    return found


def _present_fields(session: Session) -> dict[str, list[Seen]]:
    found: dict[str, list[Seen]] = {}
    rows = session.execute(
        f"SELECT pipeline_key, key, name, type FROM {session.qualified('pipeline_fields')} "
        "ORDER BY pipeline_key, position NULLS LAST, key"
    )
    for pipeline, *field in rows.fetchall():
        found.setdefault(pipeline, []).append(Seen(*field))
    return found
