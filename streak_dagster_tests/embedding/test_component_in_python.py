"""The component without ``dg``: as YAML becomes one, as a subclass changes it, and what its schema tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import fields
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pytest
from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetSpec,
    Component,
    ComponentTree,
    ConfigurableResource,
    DagsterInstance,
    Definitions,
    EnvVar,
    ResolutionContext,
)

from streak_dagster import StreakAccount, StreakComponent
from streak_dagster.component import _name_of
from streak_dagster.sandbox import Sandbox, Workspace
from streak_dagster.sync.fetched import Fetched
from streak_dagster_tests.embedding.conftest import AccountOf
from streak_dagster_tests.support.loading import failures, log_level

KEY = "the-key-that-nobody-may-see"
TABLES = ["pipelines", "pipeline_stages"]
T = TypeVar("T", bound=StreakComponent)


class Counting(StreakComponent):
    """A project's own: other keys, one group, and something done before each step."""

    @cached_property
    def executed(self) -> Counter[str]:
        """How often each asset's step was made."""
        return Counter()

    def get_asset_spec(self, spec: AssetSpec) -> AssetSpec:
        return spec.replace_attributes(key=AssetKey(["sales", spec.key.path[-1]]), group_name="sales")

    def execute(self, context: AssetExecutionContext, fetch: Callable[[], Fetched]) -> Fetched:
        self.executed[context.asset_key.to_user_string()] += 1
        return fetch()


def built(component: Component) -> Definitions:
    """The definitions, as Dagster makes them of a component."""
    return component.build_defs(ComponentTree.for_test().load_context)


def of_yaml(kind: type[T], attributes: dict[str, Any]) -> T:
    """The component that Dagster makes of a file with these attributes."""
    model = kind.get_model_cls()
    assert model is not None
    made: T = kind.resolve_from_model(ResolutionContext.default(), model.model_validate(attributes))
    return made


def stages_of(workspace: Workspace) -> set[tuple[str, str, str]]:
    return {
        (pipeline["key"], stage["key"], stage["name"])
        for pipeline in workspace.pipelines()
        for stage in workspace.stages(pipeline["key"])
    }


def described(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The properties of the component and of its account, by dotted names."""
    account = schema["$defs"]["StreakAccountModel"]["properties"]
    return {**schema["properties"], **{f"account.{name}": each for name, each in account.items()}}


def test_a_subclass_has_its_own_keys_and_does_something_in_each_step(
    acme: Sandbox, account_of: AccountOf, in_memory: DagsterInstance, tmp_path: Path
) -> None:
    component = Counting(account=account_of(acme, "acme"), tables=TABLES, views=False)
    definitions = built(component)
    wanted = {AssetKey(["sales", name]) for name in TABLES}
    assert set(definitions.resolve_all_asset_keys()) == wanted
    assert {each.group_name for each in definitions.resolve_all_asset_specs()} == {"sales"}
    assert not component.executed, "making the definitions is no step"
    result = definitions.resolve_implicit_global_asset_job_def().execute_in_process(
        instance=in_memory, raise_on_error=False, run_config=log_level("CRITICAL")
    )
    assert result.success, failures(result)
    assert component.executed == dict.fromkeys((key.to_user_string() for key in wanted), 1)
    with duckdb.connect(str(tmp_path / "acme.duckdb"), read_only=True) as connection:
        rows = connection.execute("SELECT pipeline_key, key, name FROM streak.pipeline_stages").fetchall()
    assert set(rows) == stages_of(acme.workspace)
    assert len(rows) == len(stages_of(acme.workspace))


def test_a_subclass_is_made_of_yaml_as_ours_is() -> None:
    component = of_yaml(Counting, {"account": {"name": "acme"}, "views": False, "tables": TABLES})
    assert isinstance(component, Counting)
    assert set(built(component).resolve_all_asset_keys()) == {AssetKey(["sales", name]) for name in TABLES}


def test_the_schema_describes_every_property_of_the_component_and_of_the_account() -> None:
    model = StreakComponent.get_model_cls()
    assert model is not None
    properties = described(model.model_json_schema())
    wanted = {each.name for each in fields(StreakComponent)}
    wanted |= {f"account.{each.name}" for each in fields(StreakAccount)}
    assert set(properties) == wanted
    texts = {name: str(each.get("description", "")) for name, each in properties.items()}
    assert not [name for name, text in texts.items() if not text.endswith(".")]
    assert len(set(texts.values())) == len(texts), "two are described by the same sentence"
    assert not [name for name, text in texts.items() if "STREAK_" in text], "they are fields here"


def test_every_attribute_of_yaml_reaches_the_component() -> None:
    told: dict[str, Any] = {
        "account": {
            "name": "acme",
            "database": "data/other.duckdb",
            "api_url": "http://127.0.0.1:1/api",
            "exclude": ["snippets", "pipeline_boxes.notes"],
            "pipelines": ["Sales, EU"],
            "interval": "2h",
            "timezone": "Europe/Berlin",
            "history": False,
            "calls_per_second": 5.5,
        },
        "key_prefix": ["acme", "streak"],
        "group_name": "crm",
        "owners": ["team:sales"],
        "tags": {"domain": "crm"},
        "tables": TABLES,
        "views": False,
        "checks": False,
        "schedule": False,
        "sensor": False,
    }
    component = of_yaml(StreakComponent, told)
    assert {name: getattr(component, name) for name in told if name != "account"} == {
        name: value for name, value in told.items() if name != "account"
    }
    account = component.account
    given = {name: getattr(account, name) for name in told["account"]}
    assert given == told["account"]
    assert (account.settings.refresh_minutes, account.settings.pipelines) == (120, ("Sales, EU",))
    definitions = built(component)
    specs = definitions.resolve_all_asset_specs()
    assert {each.key.to_user_string() for each in specs} == {f"acme/streak/{name}" for name in TABLES}
    assert {(each.group_name, tuple(each.owners)) for each in specs} == {("crm", ("team:sales",))}
    assert {each.tags["domain"] for each in specs} == {"crm"}
    assert not definitions.schedules
    assert not definitions.sensors
    assert not definitions.asset_checks


@pytest.mark.parametrize("template", ["{{ env.ACME_KEY }}", "{{env.ACME_KEY}}", "{{ env('ACME_KEY') }}"])
@pytest.mark.parametrize("secret", ["api_key", "hash_key", "alert_webhook"])
def test_a_secret_of_the_environment_stays_a_name(
    template: str, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_KEY", KEY)
    usual = {"name": "acme", "api_key": "{{ env.OTHER_KEY }}", "hash_personal_data": True}
    component = of_yaml(StreakComponent, {"account": {**usual, secret: template}})
    value = getattr(component.account, secret)
    assert isinstance(value, EnvVar)
    assert value == EnvVar("ACME_KEY")
    definitions = built(component)
    streak = (definitions.resources or {})["acme"]
    assert isinstance(streak, ConfigurableResource)
    if secret != "alert_webhook":
        assert dict(streak)[secret] == "ACME_KEY"
    repository = definitions.get_repository_def()
    shown = [
        repr(component),
        repr(component.account),
        repr(component.account.settings),
        repr(component.account.secrets),
        repr(definitions.resources),
        *(repr(each.config_schema.default_value) for each in _resources(repository) if each.config_schema),
    ]
    assert "ACME_KEY" in "".join(shown) or secret == "alert_webhook"
    assert KEY not in "".join(shown)


def _resources(repository: Any) -> list[Any]:
    """The resources as Dagster's UI shows them, with their config."""
    found = list(repository.get_top_level_resources().values())
    assert found
    return found


def test_a_variable_that_is_no_secret_is_read_when_the_definitions_are_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ACME_URL", "http://127.0.0.1:1/api")
    monkeypatch.setenv("ACME_EVERY", "3h")
    told = {"name": "acme", "api_url": "{{ env.ACME_URL }}", "interval": "{{ env.ACME_EVERY }}"}
    account = of_yaml(StreakComponent, {"account": told}).account
    assert (account.api_url, account.settings.refresh_minutes) == ("http://127.0.0.1:1/api", 180)


@pytest.mark.parametrize(
    ("field", "value", "wanted"),
    [
        ("interval", "7m", "interval must be 30m or a whole number of hours"),
        ("refresh", "sometimes", "refresh "),
        ("exclude", ["no_such_table"], "no_such_table"),
        ("timezone", "Mars/Olympus", "Mars/Olympus"),
    ],
)
def test_a_value_that_cannot_be_is_named_as_the_field_that_it_is_in(
    field: str, value: object, wanted: str
) -> None:
    with pytest.raises(Exception, match=wanted) as raised:
        of_yaml(StreakComponent, {"account": {"name": "acme", field: value}})
    told = str(raised.value)
    assert f"field '{field}'" in told
    assert "SettingsError" in told
    assert "STREAK_" not in told


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("src/p/defs/acme", "acme"),
        ("src/p/defs/eu/crm", "eu_crm"),
        ("src/p/defs/4eu", "account_4eu"),
        ("src/p/defs/büro-nord", "b_ro_nord"),
        ("src/p/defs/io_manager", "account_io_manager"),
        ("elsewhere/acme", "acme"),
    ],
)
def test_a_scaffolded_account_has_a_name_that_holds(folder: str, name: str) -> None:
    assert _name_of(Path(folder)) == name
    assert StreakAccount(name=name, api_key=EnvVar("K"), database="a.duckdb").name == name
