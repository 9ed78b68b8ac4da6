"""A changed refresh asks for the contacts that were saved since the last one, and a complete one for all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import duckdb
import pytest

from streak_dagster import labels
from streak_dagster.sandbox import Sandbox, Variants, Workspace, generated_workspace
from streak_dagster.sync.plan import OVERLAP
from streak_dagster_tests.product.test_changed import entries
from streak_dagster_tests.support.loading import Load, changed_rows, failures
from streak_dagster_tests.support.sandboxes import sandbox_of
from streak_dagster_tests.support.truth import sent, stored

pytestmark = pytest.mark.slow


@pytest.fixture
def workspace() -> Workspace:
    return generated_workspace(0, seed=21, contacts=1200)


@pytest.fixture
def sandbox(workspace: Workspace) -> Iterator[Sandbox]:
    with sandbox_of(workspace) as running:
        yield running


@pytest.fixture
def database(load: Load, sandbox: Sandbox, tmp_path: Path) -> Path:
    """A copy that is complete."""
    refresh(load, sandbox, tmp_path / "copy.duckdb", "complete", select=["teams", "contacts"])
    return tmp_path / "copy.duckdb"


def refresh(load: Load, sandbox: Sandbox, database: Path, mode: str, **more: Any) -> dict[str, Any]:
    """What the materialization of contacts says. The journal then holds its calls alone."""
    sandbox.journal.clear()
    result = load(sandbox, database, **{"select": ["contacts"], "STREAK_REFRESH": mode, **more})
    assert result.success, failures(result)
    return entries(result)["contacts"]


def asked(sandbox: Sandbox) -> list[dict[str, list[str]]]:
    return [parse_qs(each.query) for each in sandbox.journal.arrivals if each.path.endswith("/contacts")]


def keys(workspace: Workspace) -> list[str]:
    return [each["key"] for each in workspace.contacts(workspace.teams()[0]["key"])]


def of_stored(database: Path) -> dict[str, Any]:
    """What can be compared with what was sent, by key."""
    return {
        row["key"]: (row["given_name"], row["title"], row["email_addresses"], row["last_saved_timestamp"])
        for row in stored(database, "contacts")
    }


def of_sent(workspace: Workspace) -> dict[str, Any]:
    return {
        each["key"]: tuple(
            each.get(name) for name in ("givenName", "title", "emailAddresses", "lastSavedTimestamp")
        )
        for each in sent(workspace, Variants())["contacts"]
    }


def change_three(workspace: Workspace) -> str:
    """One contact is changed, one is new, and the one whose key is returned is deleted."""
    first, second, *_ = keys(workspace)
    workspace.update_contact(first, title="Head of everything")
    workspace.add_contact("Nova", "Newcomer", emailAddresses=["nova@example.org"])
    workspace.delete_contact(second)
    return second


def test_what_was_saved_since_costs_one_call_a_team_and_nothing_is_deleted(
    load: Load, sandbox: Sandbox, workspace: Workspace, database: Path
) -> None:
    with duckdb.connect(str(database)) as connection:
        ((until,),) = connection.execute(
            "SELECT epoch_ms(saved_until) FROM streak_meta.saved_until"
        ).fetchall()
    deleted = change_three(workspace)
    before = {row["key"]: row["_synced_at"] for row in stored(database, "contacts")}
    told = refresh(load, sandbox, database, "changed")
    assert asked(sandbox) == [{"limit": ["1000"], "after": [str(until // 1000 - OVERLAP)]}]
    assert (told[labels.REFRESH], told[labels.asked_since("teams")], told[labels.CALLS]) == ("changed", 1, 1)
    assert changed_rows(told) == (1, 1, 0)
    found = of_stored(database)
    assert found.keys() - of_sent(workspace).keys() == {deleted}
    assert {key: found[key] for key in of_sent(workspace)} == of_sent(workspace)
    kept = [row for row in stored(database, "contacts") if before.get(row["key"]) == row["_synced_at"]]
    assert len(kept) > 1100, "what wasn't asked for is as it was"

    told = refresh(load, sandbox, database, "complete")
    assert (told[labels.REFRESH], changed_rows(told)) == ("complete", (0, 0, 1))
    assert told[labels.WOULD_MISS_ROWS] == 1, "the one that is gone"
    assert of_stored(database) == of_sent(workspace)
    assert all("after" not in each for each in asked(sandbox))


def test_a_complete_refresh_measures_what_moved_no_time(
    load: Load, sandbox: Sandbox, workspace: Workspace, database: Path
) -> None:
    first, second, *_ = keys(workspace)
    unmoved = workspace.contact(first)["lastSavedTimestamp"]
    workspace.update_contact(first, title="In silence", lastSavedTimestamp=unmoved)
    workspace.update_contact(second, title="Without a time", lastSavedTimestamp=None)
    workspace.update_contact(keys(workspace)[2], title="With its time")
    told = refresh(load, sandbox, database, "complete")
    assert told[labels.UPDATED] == 3
    assert (told[labels.would_keep("teams")], told[labels.would_miss("teams")]) == (1, 1)
    assert told[labels.WOULD_MISS_ROWS] == 2
    again = refresh(load, sandbox, database, "changed")
    assert changed_rows(again) == (0, 0, 0)
    assert of_stored(database) == of_sent(workspace)


def test_where_streak_ignores_the_moment_all_is_right(
    load: Load, sandbox: Sandbox, workspace: Workspace, database: Path
) -> None:
    sandbox.variants = Variants(contacts_after="ignored")
    deleted = change_three(workspace)
    told = refresh(load, sandbox, database, "changed")
    assert (told[labels.CALLS], changed_rows(told)) == (2, (1, 1, 0))
    assert of_stored(database).keys() - of_sent(workspace).keys() == {deleted}


@pytest.mark.parametrize(
    "why",
    [
        "UPDATE streak_meta.refreshes SET started_at = started_at - INTERVAL 25 HOUR",
        "UPDATE streak_meta.saved_until SET declaration = 'older'",
        "DROP TABLE streak_meta.saved_until",
        "UPDATE streak_meta.account SET fingerprint = 'sandbox'",
        "DROP TABLE streak.contacts",
    ],
)
def test_it_is_complete_where_nothing_can_be_built_upon(
    load: Load, sandbox: Sandbox, workspace: Workspace, database: Path, why: str
) -> None:
    change_three(workspace)
    with duckdb.connect(str(database)) as connection:
        connection.execute(why)
    assert refresh(load, sandbox, database, "changed")[labels.REFRESH] == "complete"
    assert all("after" not in each for each in asked(sandbox))
    assert of_stored(database) == of_sent(workspace)
    with duckdb.connect(str(database)) as connection:
        modes = connection.execute("SELECT mode FROM streak_meta.refreshes WHERE table_name = 'contacts'")
        assert {mode for (mode,) in modes.fetchall()} == {"complete"}
    assert refresh(load, sandbox, database, "changed")[labels.REFRESH] == "changed"
