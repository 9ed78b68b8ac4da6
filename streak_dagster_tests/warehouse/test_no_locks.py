"""A file system that knows no locks, as some shares: said before Streak is asked, and nothing is left."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from streak_dagster.api.shared_state import SharedStateFile
from streak_dagster.errors import SettingsError
from streak_dagster.sync.refresh_lock import refreshing
from streak_dagster.sync.spool import Manifest
from streak_dagster.sync.spool_folders import open_spool
from streak_dagster_tests.support.loading import Load, failures
from streak_dagster_tests.support.sandboxes import sandbox_of

ERRORS = [errno.EOPNOTSUPP, errno.ENOLCK, errno.ENOSYS, errno.EINVAL]


@pytest.fixture(params=ERRORS, ids=errno.errorcode.get)
def share(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose files can't be locked; the kernel's own call decides for all others."""
    folder = tmp_path / "share"
    folder.mkdir()
    lock: Callable[[int, int], None] = fcntl.flock

    def flock(descriptor: int, operation: int) -> None:
        mine = os.fstat(descriptor)
        if mine.st_nlink == 0 or any(os.path.samestat(mine, each.stat()) for each in folder.rglob("*")):
            raise OSError(request.param, os.strerror(request.param))
        lock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", flock)
    return folder


def test_a_load_says_so_before_any_call(share: Path, load: Load) -> None:
    with sandbox_of() as sandbox:
        result = load(sandbox, share / "crm.duckdb", select=["teams"])
        assert not sandbox.journal.arrivals
    assert f"The file system of {share} knows no locks" in failures(result)["teams"]
    assert not list(share.iterdir())


def test_a_spool_leaves_nothing(share: Path) -> None:
    with pytest.raises(OSError) as raised:  # noqa: PT011 - which one is asked below
        open_spool(share / "spool", Manifest("a", "teams", "d"), resume_within=0)
    assert raised.value.errno in ERRORS
    assert not list((share / "spool").iterdir())


def test_a_budget_names_its_place(share: Path) -> None:
    file = SharedStateFile(share / "a.budget")
    with pytest.raises(SettingsError, match="knows no locks"), file.update():
        pytest.fail("the budget has to be locked")
    file.close()


def test_nobody_is_seen_and_nobody_is_kept_from_refreshing(share: Path) -> None:
    with refreshing("a", directory=share):
        pass
