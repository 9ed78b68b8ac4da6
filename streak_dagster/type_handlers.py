"""What the io manager does with what was fetched: it is published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dagster import InputContext, OutputContext

from streak_dagster.dagster_internals import DbTypeHandler, TableSlice
from streak_dagster.materialization import (
    audit_record,
    refresh_metadata,
    refresh_record,
    refresh_sentence,
)
from streak_dagster.sync.fetched import Fetched
from streak_dagster.views.changes_preview import former_versions, recent_changes_preview
from streak_dagster.views.publish import refresh_views
from streak_dagster.warehouse import meta
from streak_dagster.warehouse.coverage import remember_coverage
from streak_dagster.warehouse.ddl import select_spool
from streak_dagster.warehouse.derived_rows import select_derived_rows
from streak_dagster.warehouse.drift import remember_columns
from streak_dagster.warehouse.erasures import note_met, refuse_unknown_erasures
from streak_dagster.warehouse.option_names import remember_options, remember_options_of
from streak_dagster.warehouse.plain import remember_form
from streak_dagster.warehouse.planning import remember_readings
from streak_dagster.warehouse.publish import publish
from streak_dagster.warehouse.relations import remember_relations
from streak_dagster.warehouse.saved_until import remember_saved_until
from streak_dagster.warehouse.session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streak_dagster.resources import WarehouseResource

_VIEWS = "what was said of the views"
"""What a publication leaves word of for the next one: it says that ``streak_meta`` is prepared, too."""


class FetchedHandler(DbTypeHandler[Fetched]):
    """Publishes what was fetched; refuses where more of the rows would go than the ``warehouse`` allows.

    Rows whose going is explained don't count; see ``warehouse.guards``. Rows of another account may go where
    the warehouse allows that; those of the sample always may.
    """

    def __init__(self, warehouse: WarehouseResource) -> None:
        self._warehouse = warehouse

    def handle_output(
        self,
        context: OutputContext,
        table_slice: TableSlice,  # noqa: ARG002 - the library's signature
        obj: Fetched,
        session: Session,
    ) -> Mapping[str, Any]:
        table, account = obj.table, obj.source.account
        if _VIEWS not in session.known:
            meta.prepare(session)
        if obj.spooled is not None:
            refuse_unknown_erasures(session, table, obj.source.erased)
        meta.remember_account(session, account, in_place_of=obj.source.published_account)
        replaces = meta.may_replace(
            meta.owner_of(session, table.name), account, any_account=self._warehouse.allow_account_change
        )
        left_out = meta.left_out(session) if table.window is not None else []
        if table.window is not None:
            remember_coverage(
                session,
                table,
                self._rows(session, obj),
                obj.spool.answers_path,
                unread=[*obj.unreadable, *obj.unwanted],
                left_out=left_out,
                anew=replaces,
            )
        publication = publish(
            session,
            table,
            self._rows(session, obj),
            drop=obj.unwanted,
            keep=list(obj.unreadable),
            gone=obj.confirmed.gone,
            keep_rows=list(obj.confirmed.unclear),
            spare=obj.confirmed.keys,
            max_shrink=1.0 if replaces else self._warehouse.max_shrink,
            plan=obj.plan,
            left_out=obj.source.left_out,
            hashed_by=obj.source.hashed_by,
            parents_left_out=None if replaces else left_out,
            since=obj.since,
            add_to=_added_to(obj),
            answers=obj.spooled.answers_path if obj.spooled else None,
            keeping=self._warehouse.keeping,
            anew=replaces,
        )
        remember_form(session, table, obj.source.hashed_by, obj.source.left_out)
        meta.remember_left_out(session, table, obj.unwanted)
        if obj.spooled is not None and obj.mode == "complete" and not obj.unreadable:
            note_met(session, table, obj.started_at, obj.spooled.met)
        if obj.plan is not None:
            remember_readings(
                session,
                table,
                obj.source.declaration,
                obj.plan.path,
                obj.spool.answers_path,
                unread=list(obj.unreadable),
            )
        if obj.since is not None:
            remember_saved_until(session, table, obj.source.declaration, obj.saved_until)
        if table.is_listed_by_parent:
            meta.remember_unread(session, table.name, obj.unreadable)
        remember_columns(session, table, anew=replaces, left_out=obj.source.left_out)
        remember_options_of(session, table, anew=replaces)
        remember_relations(session)
        if publication.audit is not None:
            meta.record(session, "audits", audit_record(obj, publication.audit, context.run_id))
        meta.record(session, "refreshes", refresh_record(obj, publication, context.run_id, first=replaces))
        meta.forget_old(session, table.name)
        changed = publication.inserted + publication.updated + publication.deleted
        for problem in _refreshed_views(session, anew=changed > 0 or replaces):
            context.log.warning(problem)
        context.log.info(refresh_sentence(obj, publication))
        changes = recent_changes_preview(session, table, changed)
        metadata = refresh_metadata(obj, publication, changes, former_versions(session, table))
        named = (context.definition_metadata or {}).get("dagster/table_name")
        return {**metadata, "dagster/table_name": named} if named else metadata

    @staticmethod
    def _rows(session: Session, fetched: Fetched) -> str:
        """The query of the rows to publish: those of the spool, or what the parent's rows hold."""
        table, spool = fetched.table, fetched.spooled
        if spool is not None:
            return select_spool(table, spool.rows_path, spool.largest_object)
        if table.members is not None and table.members.decoded:
            # The fields may have been published by a version that didn't remember their options.
            remember_options(session)
        return select_derived_rows(session, table)

    def load_input(self, context: InputContext, table_slice: TableSlice, session: Session) -> Fetched:
        raise NotImplementedError("a published table is read as a pandas.DataFrame")

    @property
    def supported_types(self) -> Sequence[type]:
        return [Fetched]


def _refreshed_views(session: Session, *, anew: bool) -> Sequence[str]:
    """The views are kept in step. Returns what ``refresh_views`` says.

    Where this process published last, and now no row nor any shape changes, they are as they were left.
    """
    told: Sequence[str] | None = session.known.get(_VIEWS)
    session.leaves = session.known
    if told is None or anew or session.reshaped:
        told = refresh_views(session)
    session.leaves = {**session.leaves, _VIEWS: told}
    return told


def _added_to(fetched: Fetched) -> list[str]:
    """The parents of which only what changed was asked for, and answered."""
    asked = fetched.since.asked if fetched.since else {}
    return [parent for parent in asked if parent not in fetched.gone and parent not in fetched.unreadable]
