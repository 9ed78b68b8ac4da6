"""A disk that is full, or that can't be written: a sentence that says so, and the tables as they were."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streak_dagster.sandbox import Sandbox, Variants
from streak_dagster.warehouse.database import Database
from streak_dagster_tests.support.accounts import BOXES, move_on
from streak_dagster_tests.support.asked import asks, spooled
from streak_dagster_tests.support.contents import contents
from streak_dagster_tests.support.loading import Load, failures
from streak_dagster_tests.support.small_disk import fill, read_only, small_disk
from streak_dagster_tests.support.truth import differences

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("core_alone")]

KIB = 1024


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", mib=24) as folder:
        yield folder


@pytest.fixture
def copied(disk: Path, database: Path, sandbox: Sandbox) -> Path:
    """The true copy on the small disk, and an account that has moved on."""
    sandbox.latency = 0
    move_on(sandbox.workspace, "second")
    return Path(shutil.copy(database, disk / database.name))


def test_a_disk_that_fills_while_answers_come(load: Load, sandbox: Sandbox, copied: Path) -> None:
    before = contents(copied)
    ballast = fill(copied.parent, leave=40 * KIB)
    told = failures(load(sandbox, copied, select=["pipeline_boxes"]))
    assert "No space left on device" in told["pipeline_boxes"]
    assert "what Streak answered is kept" in told["pipeline_boxes"]
    assert contents(copied) == before
    ballast.unlink()
    assert load(sandbox, copied).success
    assert differences(copied, sandbox.workspace, Variants()) == []


def test_a_disk_that_is_full_when_a_table_is_published(
    load: Load, sandbox: Sandbox, copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(copied)
    ballast: list[Path] = []
    transaction = Database.transaction

    def on_a_full_disk(*arguments: Any, **options: Any) -> Any:
        ballast.append(fill(copied.parent, leave=32 * KIB))
        return transaction(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Database, "transaction", on_a_full_disk)
        told = failures(load(sandbox, copied, select=["box_comments"]))
    assert "the table was left as it was" in told["box_comments"], told
    assert contents(copied) == before
    kept = spooled(copied)["box_comments"]
    assert len(kept) == BOXES
    sandbox.journal.clear()
    ballast[0].unlink()
    assert load(sandbox, copied, select=["box_comments"]).success
    assert not asks(sandbox.journal.arrivals).keys() & kept
    assert load(sandbox, copied).success
    assert differences(copied, sandbox.workspace, Variants()) == []


@pytest.mark.parametrize("what", ["folder", "file"])
def test_what_cannot_be_written_is_named_before_any_call(
    what: str, load: Load, sandbox: Sandbox, database: Path
) -> None:
    before = contents(database)
    place, told_as = {
        "folder": (database.parent, f"The folder {database.parent} of the database can't be written"),
        "file": (database, f"The database {database} can't be opened for writing"),
    }[what]
    with read_only(place):
        told = failures(load(sandbox, database))
        assert contents(database) == before
    assert set(told) == {"pipelines", "teams", "snippets"}
    assert all(told_as in each for each in told.values()), told
    assert len(sandbox.journal) == 0
    sandbox.latency = 0
    assert load(sandbox, database).success
