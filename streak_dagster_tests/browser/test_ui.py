"""A new user's first quarter of an hour in Dagster's UI: copy everything, then look at what came."""

from __future__ import annotations

import json
import re

import pytest
from dagster import AssetKey
from playwright.sync_api import expect

from streak_dagster import labels
from streak_dagster.assets.step import RefreshConfig
from streak_dagster.definitions import defs
from streak_dagster.sandbox import Variants
from streak_dagster.tables import ALL_TABLES, PIPELINE_BOXES
from streak_dagster_tests.browser import pages
from streak_dagster_tests.support.browser import Window
from streak_dagster_tests.support.dagster_dev import Serving, graphql
from streak_dagster_tests.support.loading import environment
from streak_dagster_tests.support.runs import command
from streak_dagster_tests.support.truth import differences, stored

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]


def test_materialize_all_copies_the_account(shown: Window, ui: Serving) -> None:
    assert differences(ui.database, ui.sandbox.workspace, Variants()) == []


def test_the_lineage_shows_no_asset_that_was_never_materialized(shown: Window, ui: Serving) -> None:
    """All of them fit no window in which they can be read: the UI draws those in view, and knows the rest."""
    pages.open_lineage(shown)
    expect(pages.nodes(shown).first).to_be_visible()
    expect(shown.page.get_by_text("Never materialized")).to_have_count(0)
    known = graphql(ui.url, "{ assetNodes { assetKey { path } assetMaterializations(limit: 1) { runId } } }")
    made = {"/".join(each["assetKey"]["path"]): each["assetMaterializations"] for each in known["assetNodes"]}
    assert {f"streak/{table.name}" for table in ALL_TABLES} <= made.keys()
    assert [name for name, runs in made.items() if not runs] == []


def test_the_assets_page_describes_the_table_and_every_column(shown: Window, ui: Serving) -> None:
    pages.open_asset(shown, "pipeline_boxes")
    first_paragraph = PIPELINE_BOXES.description.split("\n\n")[0]
    expect(shown.page.get_by_text(" ".join(first_paragraph.split()))).to_be_visible()
    expect(pages.row_count(shown)).to_have_text(f"{len(stored(ui.database, 'pipeline_boxes'))}")
    told = pages.columns(shown, last="_extra")
    assert {column.name: column.description for column in PIPELINE_BOXES.columns}.items() <= told.items()
    assert {"_synced_at", "_extra"} == told.keys() - PIPELINE_BOXES.by_name.keys()


def test_a_materialization_shows_a_preview(shown: Window, ui: Serving) -> None:
    pages.open_asset(shown, "pipeline_boxes", "events")
    expect(shown.page.get_by_text("preview", exact=True)).to_be_visible()
    keys = "|".join(re.escape(row["key"]) for row in stored(ui.database, "pipeline_boxes"))
    one_of_them = shown.page.locator("table table td", has_text=re.compile(f"^({keys})$"))
    expect(one_of_them.first).to_be_visible()


def test_the_pipelines_are_drawn(shown: Window, ui: Serving) -> None:
    pages.open_asset(shown, "pipelines", "events", schema="streak_views")
    widths = pages.pictures(shown, "funnels")
    assert len(widths) == len(stored(ui.database, "pipelines"))
    assert all(width > 0 for width in widths)


def test_the_numbers_are_plotted(shown: Window) -> None:
    pages.open_asset(shown, "pipeline_boxes")
    for label in (labels.CALLS, labels.ROWS, labels.INSERTED):
        expect(pages.plot(shown, label)).to_be_visible()


@pytest.mark.parametrize("asset", ["pipeline_boxes", "box_tasks"])
def test_every_check_of_the_asset_that_has_something_to_judge_succeeded(shown: Window, asset: str) -> None:
    graph = defs.resolve_asset_graph()
    names = {key.name for key in graph.asset_check_keys if key.asset_key == AssetKey(["streak", asset])}
    assert asset != "box_tasks" or "counters_agree" in names
    pages.open_asset(shown, asset, "checks")
    if not names:
        expect(shown.page.get_by_text("No checks defined for this asset")).to_be_visible()
    for name in names:
        # A first load has no earlier one to compare with, and what isn't judged isn't shown as a success.
        expected = "Skipped" if name == "changed_would_be_true" else "Succeeded"
        expect(pages.check(shown, name)).to_have_text(expected)


def test_the_automation_page_lists_every_schedule_and_sensor(shown: Window) -> None:
    shown.open("/automation")
    repository = defs.get_repository_def()
    names = [each.name for each in repository.schedule_defs]
    names += [each.name for each in repository.sensor_defs]
    if not names:
        expect(shown.page.get_by_text("No automations", exact=True)).to_be_visible()
    for name in names:
        expect(shown.page.get_by_text(name, exact=True).first).to_be_visible()


def test_the_launchpad_describes_the_refresh_and_launches_it(shown: Window, ui: Serving) -> None:
    described = RefreshConfig.model_fields["refresh"].description
    assert described is not None
    pages.open_launchpad(shown, "streak_changed")
    shown.page.locator(".CodeMirror-line", has_text="refresh: changed").first.click()
    expect(pages.config_help(shown)).to_contain_text(described)
    ui.sandbox.journal.clear()
    shown.page.get_by_role("button", name="Launch Run").click()
    assert pages.ended(shown.page) == "Success", ui.run.output
    assert differences(ui.database, ui.sandbox.workspace, Variants()) == []
    kinds = re.compile("/(comments|meetings|tasks|threads)$")
    assert ui.sandbox.journal.calls() != []
    assert ui.sandbox.journal.calls(kinds) == []


def test_a_run_of_the_command_line_is_executed_again_from_its_page(shown: Window, ui: Serving) -> None:
    """It has a target, a log and a way to be executed again, as one that was launched there."""
    home = ui.database.parent / "home"
    values = {**environment(ui.sandbox, ui.database), "DAGSTER_HOME": str(home)}
    done = command(["streak-dagster", "run", "--select", "teams", "--json"], values, ui.database.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    run_id = json.loads(done.stdout)["run_id"]
    shown.open("/runs")
    expect(shown.page.get_by_text(run_id[:8])).to_be_visible()
    expect(shown.page.get_by_text("streak / teams", exact=True).first).to_be_visible()
    shown.open(f"/runs/{run_id}")
    assert pages.ended(shown.page) == "Success"
    pages.execute_again(shown.page, run_id)
    assert pages.ended(shown.page) == "Success", ui.run.output
    assert differences(ui.database, ui.sandbox.workspace, Variants()) == []
