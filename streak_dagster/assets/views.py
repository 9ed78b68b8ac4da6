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
from streak_dagster.assets.base import KINDS, OWNERS, code_reference, dressed
from streak_dagster.assets.step import Step
from streak_dagster.dagster_internals import loaded_by
from streak_dagster.failures import named_failures
from streak_dagster.materialization import markdown_table
from streak_dagster.namespace import OURS, Namespace
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
PIPELINES = "pipelines"
"""The asset of the typed views."""
ANSWERS = "answers"
"""The step of the ready answers."""
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


def view_specs(
    tables: Sequence[Table], names: Namespace = OURS, answers: Sequence[Answer] = ALL_ANSWERS
) -> list[AssetSpec]:
    """What the assets of the views say of themselves: the typed ones, then each of the ``answers``."""
    copied = [table.name for table in tables]
    among = {each.name for each in answers}
    return [_typed_spec(copied, names), *(_spec(each, among, copied, names) for each in answers)]


def view_assets_of(
    tables: Sequence[Table],
    names: Namespace = OURS,
    specs: Sequence[AssetSpec] | None = None,
    answers: Sequence[Answer] = ALL_ANSWERS,
) -> list[AssetsDefinition]:
    """The assets of the views, which depend on those of their tables that are copied."""
    typed, *others = view_specs(tables, names, answers) if specs is None else specs
    made = [_typed_views(typed, names)]
    if answers:
        made.append(_answers(answers, others, names))
    return made


def _typed_spec(copied: Sequence[str], names: Namespace) -> AssetSpec:
    columns = [
        TableColumn(name, kind, meaning, tags=_tags(personal)) for name, kind, meaning, personal in STANDARD
    ]
    return AssetSpec(
        names.view(PIPELINES),
        deps=[names.table(name) for name in copied if name in _READ],
        description=_DESCRIPTION,
        group_name=GROUP,
        owners=OWNERS,
        kinds=KINDS,
        metadata={"dagster/column_schema": TableSchema(columns), **code_reference(_typed_views)},
    )


def _typed_views(spec: AssetSpec, names: Namespace) -> AssetsDefinition:
    @asset(
        key=spec.key,
        deps=spec.deps,
        check_specs=[AssetCheckSpec(EVERY_VIEW, asset=spec.key, description=_CHECKED)],
        required_resource_keys={names.warehouse},
        pool=names.pool,
    )
    def streak_views(context: AssetExecutionContext) -> MaterializeResult:  # type: ignore[type-arg]  # Dagster takes only the bare class beside checks
        warehouse: WarehouseResource = Step(context, names).warehouse
        with named_failures(
            "making the typed views", context.instance, context.run.run_id, words=warehouse.worded
        ):
            _make(context, warehouse, names)
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

    return loaded_by(streak_views.map_asset_specs(lambda own: dressed(own, spec)), names.io_manager)


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


def _answers(answers: Sequence[Answer], specs: Sequence[AssetSpec], names: Namespace) -> AssetsDefinition:
    keys = {answer.name: spec.key for answer, spec in zip(answers, specs, strict=True)}

    @multi_asset(
        name=names.view(ANSWERS).to_python_identifier(),
        specs=specs,
        can_subset=True,
        required_resource_keys={names.warehouse},
        pool=names.pool,
    )
    def streak_answers(context: AssetExecutionContext) -> Iterator[MaterializeResult[Any]]:
        warehouse = Step(context, names).warehouse
        with named_failures(
            "making the ready answers", context.instance, context.run.run_id, words=warehouse.worded
        ):
            _make(context, warehouse, names)
            with warehouse.open().connect(read_only=True, report=context.log.info) as session:
                _use_little(session)
                failed = summary.problems(session)
                chosen = [name for name, key in keys.items() if key in context.selected_asset_keys]
                rows = {name: summary.rows_of(session, name) for name in chosen if name not in failed}
        for name, count in rows.items():
            yield MaterializeResult(asset_key=keys[name], metadata={labels.ROWS: count})

    return streak_answers


def _spec(answer: Answer, among: set[str], copied: Sequence[str], names: Namespace) -> AssetSpec:
    """The asset of an answer. What ``streak_meta`` remembers comes with the typed views."""
    tables = [names.table(name) for name in answer.depends_on if name in copied]
    others = [names.view(name) for name in answer.depends_on if name in among]
    columns = [
        TableColumn(each.name, each.type, each.description, tags=_tags(each.personal))
        for each in answer.columns
    ]
    return AssetSpec(
        names.view(answer.name),
        deps=[*tables, *others, names.view(PIPELINES)],
        skippable=True,
        description=f"{answer.question}\n\n{answer.description}\n\n```sql\n{answer.example}\n```",
        group_name=GROUP,
        owners=OWNERS,
        kinds=KINDS,
        code_version=hashlib.blake2b(answer.sql.encode(), digest_size=8).hexdigest(),
        metadata={
            "dagster/column_schema": TableSchema(columns),
            "dagster/table_name": f"{VIEWS}.{answer.name}",
            **code_reference(_answers),
        },
    ).with_io_manager_key(names.io_manager)


def _tags(personal: bool) -> dict[str, str]:  # noqa: FBT001 - a mark of the column
    return {"personal": ""} if personal else {}


def _make(context: AssetExecutionContext, warehouse: WarehouseResource, names: Namespace) -> None:
    """Make what is still to do; nothing is asked of Streak."""
    database = warehouse.open()
    if not database.exists():
        raise missing_table(database.location, SCHEMA, "pipelines", names.table("pipelines").to_user_string())
    with database.transaction(report=context.log.info) as session:
        meta.prepare(session)
        for problem in refresh_views(session):
            context.log.warning(problem)
    warehouse.published("views")


def _use_little(session: Session) -> None:
    session.execute(f"SET memory_limit = '{MEMORY}'")
    session.execute("SET threads = 1")
