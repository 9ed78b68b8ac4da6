"""The sample's custom fields hold what people leave there: numbers as text, removed options, odd formulas."""

from __future__ import annotations

from streak_dagster.sandbox import sample_workspace
from streak_dagster_tests.support.field_values import Known, decoded

WORKSPACE = sample_workspace()


def read(box_name: str) -> dict[str, dict[str, object]]:
    """The values of one sales box by the name of their field, decoded."""
    sales = WORKSPACE.pipelines()[0]["key"]
    fields = {each["key"]: each for each in WORKSPACE.fields(sales)}
    (box,) = [each for each in WORKSPACE.boxes(sales) if each["name"].startswith(box_name)]
    found = {key: decoded(fields[key], value, Known()) for key, value in box["fields"].items()}
    return {fields[key]["name"]: each for key, each in found.items()}


def test_numbers_are_typed_in_every_way() -> None:
    amounts = {name: read(name)["Yearly value (€)"] for name in ("Seagull", "Fjordhus – rollout", "木漏れ日")}  # noqa: RUF001
    assert {each["valueText"]: each["valueNumber"] for each in amounts.values()} == {
        "7,200?": 7200,
        "€ 48.600,00": 48600,
        "3.1k": 3100,
    }


def test_a_box_has_an_option_that_was_removed_and_a_formula_that_is_no_number() -> None:
    seagull = read("Seagull")
    assert seagull["Source"]["valueLabels"] == ["9000 (removed)"]
    assert seagull["Weighted value"]["valueText"] == "not a number"
    assert read("Fjordhus – rollout")["Weighted value"]["valueNumber"] == 19440  # noqa: RUF001


def test_most_fields_of_most_boxes_are_unset() -> None:
    assert read("Dunes").keys() == {"Yearly value (€)", "Expected close", "Weighted value"}
