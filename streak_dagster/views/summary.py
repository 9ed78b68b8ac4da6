"""What the views hold, for people who look at them: rows and columns, and the funnel of a pipeline."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streak_dagster.views.pipelines import KIND
from streak_dagster.views.sources import SCHEMA, Sources
from streak_dagster.warehouse import meta

if TYPE_CHECKING:
    from streak_dagster.warehouse.session import Session

_MONEY = re.compile(
    r"\b(value|amount|price|revenue|budget|worth|deal size|arr|mrr|acv|tcv|fee|cost|salary|turnover|"
    r"wert|betrag|preis|umsatz|montant|prix|importe|valor|precio|prezzo|importo|eur|usd|gbp|chf)\b|[€$£¥₹]",
    re.IGNORECASE,
)
_TYPES = ("TEXT_INPUT", "FORMULA")
"""Streak has no field for numbers: they are typed as text, or reckoned."""
_ARE_NUMBERS = 0.5
"""The share of a field's values that have to be numbers for it to be taken for money."""


@dataclass(frozen=True)
class TypedView:
    """The view of a pipeline, with how many rows and columns it has."""

    view: str
    key: str
    pipeline: str
    rows: int
    columns: int


@dataclass(frozen=True)
class StageOfFunnel:
    """The boxes that are in a stage now: how many, their value where that is known, and their days in it.

    ``days`` is the median, ``most_days`` what nine of ten boxes don't exceed; None without boxes.
    """

    stage: str
    boxes: int
    value: float | None
    days: float | None
    most_days: float | None


@dataclass(frozen=True)
class Funnel:
    """A pipeline's stages in order; ``money`` is the label of the field that the values are of."""

    pipeline: str
    money: str | None
    stages: tuple[StageOfFunnel, ...]


def typed_views(session: Session) -> list[TypedView]:
    """Every typed view that could be made, those of the most rows first."""
    made = session.execute(
        "SELECT p.view_name, p.pipeline_key, coalesce(p.name, p.pipeline_key) "
        f"FROM {session.qualified('pipeline_names', meta.SCHEMA)} AS p "
        f"JOIN {session.qualified('views', meta.SCHEMA)} AS v ON v.name = p.view_name "
        f"WHERE v.kind = '{KIND}' AND v.problem IS NULL"
    ).fetchall()
    found = [
        TypedView(view, key, name, rows_of(session, view), len(session.columns(view, SCHEMA)))
        for view, key, name in made
    ]
    return sorted(found, key=lambda each: (-each.rows, each.view))


def rows_of(session: Session, view: str) -> int:
    """How many rows a view of ``streak_views`` has now."""
    (rows,) = session.one_row(f"SELECT count(*) FROM {session.qualified(view, SCHEMA)}")
    return int(rows)


def problems(session: Session) -> dict[str, str]:
    """Why some views couldn't be made, by name."""
    rows = session.execute(
        f"SELECT name, problem FROM {session.qualified('views', meta.SCHEMA)} WHERE problem IS NOT NULL"
    )
    return dict(rows.fetchall())


def funnel(session: Session, view: TypedView) -> Funnel:
    """How many boxes a pipeline has in each of its stages, what they are worth, and for how long."""
    sources = Sources.of(session)
    money = _money_field(session, sources, view)
    field, label = money or (None, None)
    target = session.qualified(view.view, SCHEMA)
    rows = session.execute(
        "WITH stages AS (SELECT coalesce(name, stage_key) AS stage, min(position) AS place "
        f"FROM {session.qualified('stage_names', meta.SCHEMA)} "
        "WHERE pipeline_key = $key AND is_present GROUP BY 1), "
        "boxes AS (SELECT v.stage, min(v.stage_order) AS place, count(*) AS boxes, "
        "sum(m.value_number) AS value, "
        "quantile_cont(v.days_in_stage, 0.5) AS days, quantile_cont(v.days_in_stage, 0.9) AS most_days "
        f"FROM {target} AS v LEFT JOIN {sources.relation('box_field_values')} AS m ON m.box_key = v.key "
        "AND m.field_key = $field AND m.pipeline_key = $key GROUP BY v.stage) "
        "SELECT coalesce(stage, ''), coalesce(boxes, 0), value, days, most_days FROM stages FULL JOIN boxes "
        "USING (stage) ORDER BY coalesce(stages.place, boxes.place) NULLS LAST, stage",
        {"key": view.key, "field": field},
    ).fetchall()
    return Funnel(view.pipeline, label, tuple(StageOfFunnel(*row) for row in rows))


def _money_field(session: Session, sources: Sources, view: TypedView) -> tuple[str, str] | None:
    """The key and the label of the first field whose name speaks of money and whose values are numbers."""
    if not sources.has("box_field_values"):
        return None
    fields = session.execute(
        "SELECT field_key, name, column_name FROM "
        f"{session.qualified('field_names', meta.SCHEMA)} WHERE pipeline_key = ? AND gone_since IS NULL "
        "AND type IN (?, ?)",
        [view.key, *_TYPES],
    ).fetchall()
    order = list(session.columns(view.view, SCHEMA))
    likely = [each for each in fields if _MONEY.search(each[1] or "") and each[2] in order]
    for key, label, _ in sorted(likely, key=lambda each: order.index(each[2])):
        (share,) = session.one_row(
            "SELECT count(value_number) / nullif(count(*), 0) "
            f"FROM {session.qualified('box_field_values')} WHERE pipeline_key = ? AND field_key = ?",
            [view.key, key],
        )
        if share is not None and share >= _ARE_NUMBERS:
            return key, label
    return None
