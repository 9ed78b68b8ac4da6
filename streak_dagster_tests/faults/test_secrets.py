"""Whatever a command leaves behind, for good or bad loads, has no key and no secret of a user in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from streak_dagster.sandbox import Sandbox, Workspace, generated_workspace, sample_workspace
from streak_dagster_tests.support.loading import Load
from streak_dagster_tests.support.runs import command
from streak_dagster_tests.support.sandboxes import account_file
from streak_dagster_tests.support.scripted_server import ScriptedServer, said
from streak_dagster_tests.support.secrets_in_files import found, secrets_of
from streak_dagster_tests.support.truth import stored

pytestmark = pytest.mark.slow

KEY = "k3y-0f-a-test-7c1d9e5b2a8f4460"
OTHER_KEY = "k3y-0f-another-account-19ab77c2"
OWN = ["streak-dagster", "run"]
DAGSTER = ["dagster", "asset", "materialize", "-m", "streak_dagster", "--select", 'key:"streak/*"']
HTTP_LOG = "HTTP/1.1"
"""In each line that urllib3 writes about an answer."""
EVERYTHING_LOGGED = """\
telemetry:
  enabled: false
python_logs:
  managed_python_loggers: [root]
  python_log_level: DEBUG
"""


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """The folder in which a command runs and leaves everything: home of Dagster, database, spool, output."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "dagster.yaml").write_text(EVERYTHING_LOGGED, encoding="utf-8")
    return tmp_path


@pytest.fixture
def workspace() -> Workspace:
    """The sample, with a box that shows whole users, secrets and all."""
    workspace = sample_workspace()
    box = workspace.boxes(workspace.pipelines()[0]["key"])[0]
    workspace.update_box(box["key"], watchers=workspace.users())
    return workspace


@pytest.fixture
def sandbox(workspace: Workspace) -> Iterator[Sandbox]:
    with Sandbox(
        workspace, key=KEY, rate=0, strict=True, accounts={OTHER_KEY: generated_workspace(3, seed=77)}
    ) as running:
        yield running


def run(arguments: list[str], left: Path, url: str, key: str = KEY) -> str:
    """What the command says; it is also left in a file, to be searched with the rest."""
    values = {
        "STREAK_API_KEY": key,
        "STREAK_API_URL": url,
        "STREAK_DUCKDB_PATH": str(left / "copy.duckdb"),
        "STREAK_CALLS_PER_SECOND": "900",
        "DAGSTER_HOME": str(left / "home"),
        "TMPDIR": str(left / "tmp"),
    }
    (left / "tmp").mkdir(exist_ok=True)
    try:
        done = command(arguments, values, left)
    finally:
        budget = account_file(url, key)
        if budget.exists():
            budget.rename(left / f"{budget.name}.{key == KEY}")
    said_by_it = done.stdout + done.stderr
    (left / f"output.{key == KEY}.txt").write_text(said_by_it, encoding="utf-8")
    return said_by_it


def logged(left: Path, text: str) -> list[str]:
    """Files of Dagster's home with the text: that the logs were really there to be searched."""
    return found([text], left / "home")


def test_a_good_load_leaves_no_secret_and_a_planted_one_is_found(
    left: Path, sandbox: Sandbox, workspace: Workspace
) -> None:
    said_by_it = run(OWN, left, sandbox.url)
    secrets = secrets_of(KEY, workspace)
    assert found(secrets, left) == []
    assert "failed" not in said_by_it
    assert logged(left, HTTP_LOG), "the log of HTTP was captured"
    email = workspace.users()[0]["email"]
    assert any(email in str(row["_extra"]) for row in stored(left / "copy.duckdb", "pipeline_boxes"))

    (left / "home" / "planted.log").write_text(f"Basic {secrets[2]}==", encoding="utf-8")
    with duckdb.connect(str(left / "copy.duckdb")) as connection:
        connection.execute(
            'UPDATE "copy".streak.pipeline_boxes SET _extra = json_object(?, [?])', ["a", secrets[3]]
        )
    places = " ".join(found(secrets, left))
    assert "planted.log" in places
    assert "streak.pipeline_boxes._extra" in places


def revoked(sandbox: Sandbox) -> None:
    sandbox.faults.when("/comments$", lambda _: sandbox.revoke(), skip=3)


def echoed(sandbox: Sandbox) -> None:
    key, encoded = secrets_of(KEY, sandbox.workspace)[0], secrets_of(KEY, sandbox.workspace)[2]
    body = f'{{"error":"bad: {key} as Basic {encoded}=="}}'.encode()
    sandbox.faults.add("/comments$", status=400, body=body, times=None)
    sandbox.faults.add("/v1/boxes/", status=403, body=body, times=None)
    sandbox.faults.add("/snippets$", status=410, body=body, times=None)
    there = {"Location": f"{sandbox.url}/v1/snippets?key={KEY}"}
    sandbox.faults.add("/tasks$", status=302, headers=there, times=None)


@pytest.mark.parametrize(
    ("arguments", "spoil", "said_of_it"),
    [
        (OWN, revoked, ["It is wrong or was revoked"]),
        (DAGSTER, echoed, ["bad: ***", "redirected box_tasks", "to an address with the API key in it"]),
    ],
    ids=["revoked in the middle", "repeated in errors and redirects"],
)
def test_a_failing_load_leaves_no_secret(
    arguments: list[str],
    spoil: Callable[[Sandbox], None],
    said_of_it: list[str],
    left: Path,
    sandbox: Sandbox,
    workspace: Workspace,
) -> None:
    spoil(sandbox)
    said_by_it = run(arguments, left, sandbox.url)
    assert [each for each in said_of_it if each not in said_by_it] == []
    assert logged(left, HTTP_LOG)
    assert found(secrets_of(KEY, workspace), left) == []


def test_a_wrong_key_that_the_server_repeats_is_nowhere(left: Path) -> None:
    secrets = secrets_of(KEY, sample_workspace())
    server = ScriptedServer(said(f"no such key: {KEY}, sent as {secrets[2]}", 401))
    try:
        assert "no such key: ***" in run(DAGSTER, left, server.url)
    finally:
        server.close()
    assert found(secrets, left) == []


def test_an_account_that_is_refused_leaves_no_key(
    load: Load, left: Path, sandbox: Sandbox, workspace: Workspace
) -> None:
    assert load(sandbox, left / "copy.duckdb").success
    assert "another Streak account" in run(OWN, left, sandbox.url, OTHER_KEY)
    assert found([*secrets_of(KEY, workspace), *secrets_of(OTHER_KEY, workspace)], left) == []
