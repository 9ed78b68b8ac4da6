"""What every folder's tests may ask for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import hypothesis
import pytest
from dagster import DagsterInstance

from streak_dagster.api.retries import RetryLimits
from streak_dagster_tests.support.copies import Copies
from streak_dagster_tests.support.fewer import core_tables_alone
from streak_dagster_tests.support.loading import Load
from streak_dagster_tests.support.waiting import MAX_WAIT

pytest_plugins = ["streak_dagster_tests.support.progress"]

# A slow machine is no counterexample. The examples are the same in every run, so that a test fails of a
# change and not of chance; HYPOTHESIS_PROFILE=explore draws others.
hypothesis.settings.register_profile(
    "steady",
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile(
    "explore", hypothesis.settings.get_profile("steady"), derandomize=False, print_blob=True
)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


def pytest_xdist_auto_num_workers() -> int:
    """Two more than there are cores: whoever waits for a daemon or a browser leaves its core to others."""
    return (os.cpu_count() or 1) + 2


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that measure come one after the other, even where nobody chose them by their mark."""
    for item in items:
        if item.get_closest_marker("alone"):
            item.add_marker(pytest.mark.xdist_group("alone"))


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the developer's own reaches a test, and relative paths end in its folder."""
    for name in list(os.environ):
        if name.startswith(("STREAK_", "DAGSTER_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("DAGSTER_DISABLE_TELEMETRY", "1")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DagsterInstance]:
    """An instance on disk, as ``DAGSTER_HOME`` names it."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    with DagsterInstance.get() as instance:
        yield instance


@pytest.fixture(scope="session")
def in_memory() -> Iterator[DagsterInstance]:
    """An instance that forgets. One for all loads: to make its databases takes as long as to load a table."""
    with DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture
def prompt_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """An asset that is run again doesn't wait before."""
    monkeypatch.setattr("streak_dagster.assets.fetching.RETRY_AFTER", 0.05)


@pytest.fixture
def core_alone() -> Iterator[None]:
    """The test copies the core tables alone, in half the time; asked for with ``usefixtures``."""
    with core_tables_alone():
        yield


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, in_memory: DagsterInstance, prompt_retries: None) -> Load:
    """Loads in this process."""
    return Load(monkeypatch, in_memory)


@pytest.fixture(scope="session")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Copies:
    """True copies of accounts, each loaded once."""
    return Copies(tmp_path_factory.mktemp("copies"))


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch, prompt_retries: None) -> Callable[..., None]:
    """Shorten every wait: of the client, of the budget and of Dagster. Says how long a call may be tried."""

    def hurry(*, attempts: int = 6, seconds: float = 60.0, read_seconds: float = MAX_WAIT) -> None:
        retry_limits = partial(
            RetryLimits, attempts=attempts, seconds=seconds, first_wait=0.01, longest_wait=0.05
        )
        monkeypatch.setattr("streak_dagster.api.client.RetryLimits", retry_limits)
        monkeypatch.setattr("streak_dagster.api.client.READ_SECONDS", read_seconds)
        monkeypatch.setattr("streak_dagster.api.client.PAUSE_WITHOUT_ADVICE", 0.02)
        monkeypatch.setattr("streak_dagster.api.rate_limiter.MAX_PAUSE", 0.1)

    return hurry
