"""A pipeline's picture is small, and drawn whatever people call their stages."""

from __future__ import annotations

import pytest

from streak_dagster.tables import PIPELINE_BOXES, PIPELINE_STAGES
from streak_dagster.views.picture import MAX_STAGES, compact, png
from streak_dagster.views.publish import refresh_views
from streak_dagster.views.summary import Funnel, StageOfFunnel, funnel, typed_views
from streak_dagster.warehouse.session import Session
from streak_dagster_tests.views.handmade import pipeline, put


@pytest.mark.parametrize(
    "names",
    [
        [],
        ["Lead"],
        ["$5 to $10", "[a](b)", "🏆", "日本語", "مرحبا", ""],
        [f"{n} {'x' * 90}" for n in range(60)],
    ],
    ids=["none", "one", "odd", "many"],
)
def test_a_picture_is_a_small_png(names: list[str]) -> None:
    stages = tuple(
        StageOfFunnel(name, place, place * 1e5 or None, place or None, 9.0)
        for place, name in enumerate(names)
    )
    drawn = png(Funnel("Sales $ & [Ops] 🚀", "Value ($)" if names else None, stages))
    assert drawn.startswith(b"\x89PNG")
    assert len(drawn) < 60_000
    assert MAX_STAGES < 60


@pytest.mark.parametrize(
    ("value", "told"), [(950, "950"), (48_600, "48.6k"), (-1.25e6, "-1.2M"), (3e9, "3.0bn")]
)
def test_a_sum_is_told_in_few_letters(value: float, told: str) -> None:
    assert compact(value) == told


def test_a_funnel_has_every_stage_in_order_and_values_of_the_first_field_that_is_money(
    session: Session,
) -> None:
    fields = {
        "1": ("Size", "TEXT_INPUT"),  # numbers, but of what?
        "2": ("Value proposition", "TEXT_INPUT"),  # speaks of value, and is words
        "3": ("Yearly value (€)", "TEXT_INPUT"),
        "4": ("Budget", "TEXT_INPUT"),
    }
    pipeline(session, "p", "Sales", fields)
    for place, stage in enumerate(("Lead", "Won")):
        put(session, PIPELINE_STAGES, pipeline_key="p", key=stage, name=stage, position=1 - place)
    for key, amount in (("a", 1000.0), ("b", 2500.0)):
        put(session, PIPELINE_BOXES, key=key, pipeline_key="p", stage_key="Lead", name="Acme")
        for field, number in (("1", 3.0), ("2", None), ("3", amount), ("4", 1.0)):
            row = {"box_key": key, "field_key": field, "pipeline_key": "p", "field_type": "TEXT_INPUT"}
            put(session, "box_field_values", **row, value="x", value_text="x", value_number=number)
    refresh_views(session)
    (view,) = typed_views(session)
    found = funnel(session, view)
    assert (view.rows, found.pipeline, found.money) == (2, "Sales", "Yearly value (€)")
    assert [(each.stage, each.boxes, each.value) for each in found.stages] == [
        ("Won", 0, None),
        ("Lead", 2, 3500.0),
    ]
