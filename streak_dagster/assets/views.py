"""The views as assets: one for the typed views of all pipelines, one for each ready answer.

Views are part of every publication of a table, so that they never lag behind. These assets make them where
that is still to do, and show what is in them.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    AssetSpec,
    MaterializeResult,
    MetadataValue,
    TableColumn,
    TableSchema,
    asset,
    multi_asset,
)

from streak_dagster import labels
from streak_dagster.assets.base import KINDS, OWNERS
from streak_dagster.failures import named_failures
from streak_dagster.materialization import markdown_table
from streak_dagster.resources import WarehouseResource
from streak_dagster.tables import Table
from streak_dagster.views import picture, summary
from streak_dagster.views.answer import Answer
from streak_dagster.views.answers import ALL_ANSWERS
from streak_dagster.views.pipelines import READS, STANDARD
from streak_dagster.views.publish import refresh_views
from streak_dagster.views.sources import SCHEMA as VIEWS
from streak_dagster.warehouse import meta
from streak_dagster.warehouse.ddl import SCHEMA
from streak_dagster.warehouse.session import Session, missing_table

GROUP = "views"
PIPELINES = AssetKey([VIEWS, "pipelines"])
EVERY_VIEW = "every_view_was_made"
MAX_PICTURES = 12
MEMORY = "256MB"
_DESCRIPTION = (
    "A typed view for each pipeline, streak_views.<pipeline>.\n\nOne row a box, with names in place of keys, "
    "and a column for each custom field under its own name. The columns below are those that every one of "
    "them has. The materialization lists the views, and draws the funnels of the largest."
)
_CHECKED = (
    "Each pipeline and each ready answer has its view. Warns with those that couldn't be made, and why."
)
_READ = ("pipelines", "pipeline_stages", "pipeline_fields", *READS)


def view_assets_of(
    tables: Sequence[Table], answers: Sequence[Answer] = ALL_ANSWERS
) -> list[AssetsDefinition]:
    """The assets of the views, which depend on those of their tables that are copied."""
    copied = [table.name for table in tables]
    made = [_typed_views([AssetKey([SCHEMA, name]) for name in copied if name in _READ])]
    if answers:
        made.append(_answers(answers, copied))
    return made


def _typed_views(deps: Sequence[AssetKey]) -> AssetsDefinition:
    @asset(
        key=PIPELINES,
        deps=deps,
        description=_DESCRIPTION,
        group_name=GROUP,
        owners=OWNERS,
        kinds=KINDS,
        check_specs=[
            AssetCheckSpec(
                EVERY_VIEW,
                asset=PIPELINES,
                description=_CHECKED,
            )
        ],
        metadata={
            "dagster/column_schema": TableSchema(
                [
                    TableColumn(name, kind, meaning, tags=_tags(personal))
                    for name, kind, meaning, personal in STANDARD
                ]
            )
        },
    )
    def streak_views(context: AssetExecutionContext, warehouse: WarehouseResource) -> MaterializeResult:  # type: ignore[type-arg]  # Dagster takes only the bare class beside checks
        with named_failures("making the typed views", context.instance, context.run.run_id):
            _make(context, warehouse)
            with warehouse.open().connect(read_only=True, report=context.log.info) as session:
                _use_little(session)
                views = summary.typed_views(session)
                problems = summary.problems(session)
                funnels = [summary.funnel(session, each) for each in views[:MAX_PICTURES]]
        return MaterializeResult(
            metadata=_shown(views, funnels),
            check_results=[
                AssetCheckResult(
                    passed=not problems,
                    check_name=EVERY_VIEW,
                    severity=AssetCheckSeverity.WARN,
                    metadata={"views that couldn't be made": MetadataValue.json(problems)},
                )
            ],
        )

    return streak_views


def _shown(views: Sequence[summary.TypedView], funnels: Sequence[summary.Funnel]) -> dict[str, Any]:
    """What the materialization shows: the views, and pictures in which nobody is named."""
    shown: dict[str, Any] = {
        labels.VIEWS: len(views),
        labels.ROWS_BY_VIEW: MetadataValue.json({each.view: each.rows for each in views}),
    }
    if views:
        listed = [
            {
                "view": f"{VIEWS}.{each.view}",
                "pipeline": each.pipeline,
                "rows": each.rows,
                "columns": each.columns,
            }
            for each in views
        ]
        shown["list"] = MetadataValue.md(markdown_table(listed))
        shown["funnels"] = MetadataValue.md("\n\n".join(picture.markdown(each) for each in funnels))
    return shown


def _answers(answers: Sequence[Answer], copied: Sequence[str]) -> AssetsDefinition:
    names = {each.name for each in answers}
    specs = [_spec(each, names, copied) for each in answers]

    @multi_asset(name="streak_views__answers", specs=specs, can_subset=True)
    def streak_answers(
        context: AssetExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[MaterializeResult[Any]]:
        with named_failures("making the ready answers", context.instance, context.run.run_id):
            _make(context, warehouse)
            with warehouse.open().connect(read_only=True, report=context.log.info) as session:
                _use_little(session)
                failed = summary.problems(session)
                chosen = [
                    each for each in answers if AssetKey([VIEWS, each.name]) in context.selected_asset_keys
                ]
                rows = {
                    each.name: summary.rows_of(session, each.name)
                    for each in chosen
                    if each.name not in failed
                }
        for each in chosen:
            if each.name in rows:
                yield MaterializeResult(
                    asset_key=AssetKey([VIEWS, each.name]), metadata={labels.ROWS: rows[each.name]}
                )

    return streak_answers


def _spec(answer: Answer, names: set[str], copied: Sequence[str]) -> AssetSpec:
    """The asset of an answer. What ``streak_meta`` remembers comes with the typed views."""
    tables = [AssetKey([SCHEMA, name]) for name in answer.depends_on if name in copied]
    others = [AssetKey([VIEWS, name]) for name in answer.depends_on if name in names]
    columns = [
        TableColumn(each.name, each.type, each.description, tags=_tags(each.personal))
        for each in answer.columns
    ]
    return AssetSpec(
        AssetKey([VIEWS, answer.name]),
        deps=[*tables, *others, PIPELINES],
        skippable=True,
        description=f"{answer.question}\n\n{answer.description}\n\n```sql\n{answer.example}\n```",
        group_name=GROUP,
        owners=OWNERS,
        kinds=KINDS,
        code_version=hashlib.blake2b(answer.sql.encode(), digest_size=8).hexdigest(),
        metadata={
            "dagster/column_schema": TableSchema(columns),
            "dagster/table_name": f"{VIEWS}.{answer.name}",
        },
    )


def _tags(personal: bool) -> dict[str, str]:  # noqa: FBT001 - a mark of the column
    return {"personal": ""} if personal else {}


def _make(context: AssetExecutionContext, warehouse: WarehouseResource) -> None:
    """Make what is still to do; nothing is asked of Streak."""
    database = warehouse.open()
    if not database.exists():
        raise missing_table(database.location, SCHEMA, "pipelines")
    with database.transaction(report=context.log.info) as session:
        meta.prepare(session)
        for problem in refresh_views(session):
            context.log.warning(problem)
    warehouse.published("views")


def _use_little(session: Session) -> None:
    session.execute(f"SET memory_limit = '{MEMORY}'")
    session.execute("SET threads = 1")
