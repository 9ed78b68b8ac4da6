"""A setting is declared once: all that is said of it elsewhere comes from there."""

from __future__ import annotations

import dataclasses
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from streak_dagster.assets.step import RefreshConfig
from streak_dagster.automation.housekeeping import HousekeepingConfig
from streak_dagster.definitions import build_definitions
from streak_dagster.errors import SettingsError
from streak_dagster.resources import StreakResource, WarehouseResource
from streak_dagster.settings import BY_VARIABLE, DECLARED, Setting, Settings, docs, load_settings

RESOURCES: dict[str, list[type[BaseModel]]] = {
    "streak": [StreakResource],
    "warehouse": [WarehouseResource],
}
IN_DAGSTER = {name: setting for name, setting in DECLARED.items() if setting.resource}
EVERY = pytest.mark.parametrize("setting", DECLARED.values(), ids=DECLARED)


def test_the_documents_are_what_the_declarations_give() -> None:
    written = "it is out of date: run make docs (python -m streak_dagster.settings.docs)"
    readme = docs.README.read_text(encoding="utf-8")
    assert readme == docs.with_table(readme), written
    assert docs.ENV_EXAMPLE.read_text(encoding="utf-8") == docs.env_example(), written


def test_a_page_without_its_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="the page needs the lines"):
        docs.with_table("# A page\n")


def test_every_row_of_the_table_has_as_many_cells_as_its_heading() -> None:
    lines = docs.table().splitlines()
    assert len(lines) == 2 + len(DECLARED)
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {5}


def test_the_command_writes_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = re.sub(r"`STREAK_[A-Z_]+`", "", docs.README.read_text(encoding="utf-8"))
    monkeypatch.setattr(docs, "README", tmp_path / "README.md")
    monkeypatch.setattr(docs, "ENV_EXAMPLE", tmp_path / ".env.example")
    docs.README.write_text(old, encoding="utf-8")
    docs.main()
    assert docs.table() in docs.README.read_text(encoding="utf-8")
    assert docs.ENV_EXAMPLE.read_text(encoding="utf-8") == docs.env_example()


@EVERY
def test_a_setting_is_told_to_those_who_set_it(setting: Setting) -> None:
    assert f"\n| `{setting.variable}` | " in docs.table()
    assert re.search(rf"^(# )?{setting.variable}=", docs.env_example(), re.MULTILINE)
    assert setting.meaning.endswith(".")
    assert BY_VARIABLE[setting.variable] is setting


def test_every_field_of_the_settings_is_declared_but_for_what_follows_from_others() -> None:
    following = {"missing_key", "database_notice"}
    assert {each.name for each in dataclasses.fields(Settings)} == {*DECLARED, *following}
    assert len(BY_VARIABLE) == len(DECLARED)


@EVERY
def test_what_is_shown_and_what_holds_otherwise_are_allowed(setting: Setting) -> None:
    for text in {setting.shown, setting.default} - {None}:
        setting.read({setting.variable: str(text)})


def test_the_example_as_it_is_sets_nothing() -> None:
    values = dotenv_values(stream=StringIO(docs.env_example()))
    assert values == {"STREAK_API_KEY": ""}


EXAMPLES = ("STREAK_PIPELINES", "STREAK_EXCLUDE", "STREAK_REPORT_PATH")
"""Settings of which the example shows what they might be, because they are nothing by default."""


def test_the_example_without_its_marks_is_read() -> None:
    shown = re.sub(r"^# (STREAK_)", r"\1", docs.env_example(), flags=re.MULTILINE)
    values = {name: value or "" for name, value in dotenv_values(stream=StringIO(shown)).items()}
    assert set(values) == set(BY_VARIABLE)
    found = load_settings({**values, "STREAK_API_KEY": "k", **dict.fromkeys(EXAMPLES, "")})
    assert found == load_settings({"STREAK_API_KEY": "k"}), "but for some examples, it shows the defaults"


@pytest.mark.parametrize("name", IN_DAGSTER)
def test_a_resource_has_the_field_as_it_is_declared(name: str) -> None:
    setting = IN_DAGSTER[name]
    for resource in RESOURCES[str(setting.resource)]:
        field = resource.model_fields[name]
        assert str(field.description).startswith(setting.plain_meaning)
        assert str(field.description).endswith(f"From {setting.variable}.")
        if setting.default is None:
            assert field.default is PydanticUndefined
        else:
            default = setting.read({})
            assert field.default == (list(default) if isinstance(default, tuple) else default)


@pytest.mark.parametrize(
    ("model", "name", "variable"),
    [
        (StreakResource, "api_key", "STREAK_API_KEY"),
        (RefreshConfig, "refresh", "STREAK_REFRESH"),
        (HousekeepingConfig, "keep_days", "STREAK_KEEP_RUNS"),
    ],
)
def test_fields_of_other_defaults_are_described_as_declared(
    model: type[BaseModel], name: str, variable: str
) -> None:
    told = str(model.model_fields[name].description)
    assert told.startswith(BY_VARIABLE[variable].plain_meaning)
    assert told.endswith(f"From {variable}.")


def test_every_resource_gets_what_is_set() -> None:
    usual = load_settings({"STREAK_API_KEY": "k"})
    settings = dataclasses.replace(usual, **{name: other_than(name, usual) for name in IN_DAGSTER})
    resources = build_definitions(settings).resources or {}
    for key, of in (("streak", "streak"), ("streak_warehouse", "warehouse")):
        for name in [name for name, setting in IN_DAGSTER.items() if setting.resource == of]:
            found = resources[key].data[name] if of == "warehouse" else getattr(resources[key], name)
            assert (tuple(found) if isinstance(found, list) else found) == getattr(settings, name)
    assert resources["streak_io_manager"].warehouse is resources["streak_warehouse"]


def other_than(name: str, usual: Settings) -> Any:
    """Another value of the same type; where there is none, a number of days, or a path."""
    value = getattr(usual, name)
    if value is None:
        return "/tmp/report.html" if name.endswith("_path") else 30
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return type(value)(value / 2)
    return (*value, "more") if isinstance(value, tuple) else f"{value}.more"


@pytest.mark.parametrize("variable", ["STREAK_API_KEY", "STREAK_ALERT_WEBHOOK"])
@pytest.mark.parametrize("secret", ["s3cr3t", "s3cr3t s3cr3t", "https://example.com/s3cr3t"])
def test_a_secret_is_neither_kept_nor_told(variable: str, secret: str) -> None:
    try:
        told = repr(load_settings({"STREAK_API_KEY": "k", variable: secret}))
    except SettingsError as error:
        told = str(error)
    assert "s3cr3t" not in told
