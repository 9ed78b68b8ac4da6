"""One person is forgotten: nothing of the database's folder names them, and no refresh brings them back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dagster import DagsterInstance, ExecuteInProcessResult

from streak_dagster.definitions import build_definitions
from streak_dagster.errors import DatabaseLockedError, SettingsError, TableMissingError
from streak_dagster.forgetting import Forgotten, forget
from streak_dagster.sandbox import Sandbox
from streak_dagster.settings import load_settings
from streak_dagster.sync.hashing import Hasher
from streak_dagster.views.publish import refresh_views
from streak_dagster.warehouse.database import Database
from streak_dagster_tests.support.contents import contents
from streak_dagster_tests.support.loading import Load, changed_rows, environment, failures
from streak_dagster_tests.support.runs import command
from streak_dagster_tests.support.secrets_in_files import found
from streak_dagster_tests.support.ticks import Sensor
from streak_dagster_tests.support.truth import stored

pytestmark = pytest.mark.slow

OWNER = "maren@ternandtiller.example.com"
GUEST = "ingrid@fjordhus.example.org"
NOBODY = "nobody.at.all@example.net"


@pytest.fixture(params=[OWNER, GUEST])
def address(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def named(database: Path, address: str) -> list[str]:
    """What tells the person, as the tables have it before."""
    texts = {address}
    for table, key, columns in (
        ("users", "key", ("email", "display_name")),
        ("contacts", "key", ("email_addresses", "given_name", "family_name")),
    ):
        for row in stored(database, table):
            if address in str(row[columns[0]]):
                texts |= {row[key], " ".join(str(row[each]) for each in columns[1:])}
    return sorted(texts)


def of_folder(database: Path) -> Path:
    """The folder that holds the database and nothing of the test's own."""
    folder = database.parent / "alone"
    folder.mkdir(exist_ok=True)
    return database.rename(folder / database.name)


def moved(result: ExecuteInProcessResult) -> dict[str, tuple[int, int, int]]:
    """Rows that each materialization inserted, updated and deleted, where it did any."""
    shown: dict[str, tuple[int, int, int]] = {}
    for event in result.get_asset_materialization_events():
        figures = changed_rows(event.materialization.metadata)
        if any(figures):
            shown[event.materialization.asset_key.path[-1]] = figures
    return shown


def test_nothing_names_them_any_more_and_a_refresh_changes_no_row(
    load: Load, sandbox: Sandbox, database: Path, address: str
) -> None:
    database = of_folder(database)
    texts = named(database, address)
    assert len(texts) == 3
    assert found(texts, database.parent)
    would = forget(Database(str(database)), address.upper(), dry_run=True)
    assert found(texts, database.parent)
    done = forget(Database(str(database)), address.upper())
    assert done.removed == would.removed
    assert sum(each.rows for each in done.removed) > 0
    assert not done.elsewhere
    assert [each.name for each in database.parent.iterdir()] == [database.name]
    assert found(texts, database.parent) == []
    before, versions = contents(database), past_versions(database)
    for mode in ("complete", "changed") if address == GUEST else ("complete",):
        result = load(sandbox, database, STREAK_REFRESH=mode)
        assert result.success, failures(result)
        assert moved(result) == {}
        assert contents(database) == before
        assert past_versions(database) == versions
        assert found(texts, database.parent) == []
    assert remembered(database) == 1


def past_versions(database: Path) -> dict[str, int]:
    """How many versions that ended each table has."""
    tables = asked(
        database, "SELECT table_name FROM duckdb_tables() WHERE table_name LIKE 'past\\_%' ESCAPE '\\'"
    )
    return {name: len(asked(database, f"FROM streak_meta.{name}")) for (name,) in tables}


def test_by_their_key_it_is_the_same(database: Path, tmp_path: Path) -> None:
    (user,) = (row for row in stored(database, "users") if row["email"] == OWNER)
    other = Path(tmp_path / "other.duckdb")
    other.write_bytes(database.read_bytes())
    by_key, by_address = forget(Database(str(database)), user["key"]), forget(Database(str(other)), OWNER)
    assert by_key == by_address
    assert contents(database) == contents(other)


def remembered(database: Path) -> int:
    with duckdb.connect(str(database), read_only=True) as connection:
        ((count,),) = connection.execute("SELECT count(DISTINCT id) FROM streak_meta.erasures").fetchall()
    return int(count)


def test_the_erasure_is_dropped_once_every_list_was_read_and_met_nobody(
    load: Load, sandbox: Sandbox, database: Path
) -> None:
    done = forget(Database(str(database)), NOBODY)
    assert not done.found
    assert "Nobody is known here by that." in done.lines()
    assert remembered(database) == 1
    assert forget(Database(str(database)), NOBODY).known
    assert load(sandbox, database, select=["users", "contacts"]).success
    assert remembered(database) == 1
    assert load(sandbox, database).success
    assert remembered(database) == 0


def test_they_come_back_only_after_streak_had_forgotten_them(
    load: Load, sandbox: Sandbox, tmp_path: Path
) -> None:
    database, select = tmp_path / "people.duckdb", ["teams", "users", "contacts"]
    edits = sandbox.workspace

    def contacts() -> int:
        assert load(sandbox, database, select=select).success
        return sum(
            "quill@example.net" in str(row["email_addresses"]).lower() for row in stored(database, "contacts")
        )

    def add() -> str:
        return str(edits.add_contact("Quill", "Quint", emailAddresses=["Quill@example.net"])["key"])

    key = add()
    assert contacts() == 1
    assert forget(Database(str(database)), "quill@example.net").removed
    assert contacts() == 0
    edits.delete_contact(key)
    again = add()
    assert contacts() == 0, "another row of the same person"
    edits.update_contact(again, emailAddresses=[], other="was Quint, Quill")
    assert contacts() == 0
    assert "was [erased]" in {row["other"] for row in stored(database, "contacts")}
    assert remembered(database) == 1
    edits.delete_contact(again)
    assert contacts() == 0
    assert remembered(database) == 0
    add()
    assert contacts() == 1


def test_the_sensor_finds_erased_rows_as_they_were(
    monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox, in_memory: DagsterInstance, database: Path
) -> None:
    values = environment(sandbox, database)
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    sensor = Sensor(build_definitions(load_settings(values)), in_memory)
    assert sensor.tick().skip_message.endswith("nothing moved.")
    forget(Database(str(database)), OWNER)
    tick = sensor.tick()
    assert [request.tags["streak/because"] for request in tick.run_requests or []] == []
    assert tick.skip_message.endswith("nothing moved.")


def test_a_refresh_that_began_before_is_not_published(
    load: Load, sandbox: Sandbox, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its answers name the person: they are thrown away with it."""
    database = of_folder(database)
    texts = named(database, GUEST)
    from streak_dagster.sync.walk import Walk  # noqa: PLC0415

    run = Walk.run
    held: list[Forgotten] = []

    def erased_meanwhile(self: Walk, *arguments: Any, **options: Any) -> None:
        run(self, *arguments, **options)
        if not held:
            held.append(forget(Database(str(database)), GUEST))

    monkeypatch.setattr(Walk, "run", erased_meanwhile)
    monkeypatch.setattr("streak_dagster.failures.MAX_RETRIES", 0)
    result = load(sandbox, database, select=["contacts"])
    assert held[0].held == 1
    assert "Somebody was erased" in failures(result)["contacts"]
    assert found(texts, database.parent) == []


def test_answers_that_wait_are_removed(load: Load, sandbox: Sandbox, database: Path) -> None:
    database = of_folder(database)
    texts = named(database, OWNER)
    unread = stored(database, "box_comments")[0]["box_key"]
    sandbox.faults.add(f"/{unread}/comments$", status=400, times=None)
    assert not load(sandbox, database, select=["box_comments"]).success
    assert list(Database(str(database)).spool_root.iterdir())
    done = forget(Database(str(database)), OWNER)
    assert done.spools == 1
    assert found(texts, database.parent) == []
    assert [each.name for each in database.parent.iterdir()] == [database.name]


def test_hashes_of_them_are_found_by_the_key_of_the_hashes(
    load: Load, sandbox: Sandbox, database: Path
) -> None:
    key = "the key of these hashes"
    hashed: dict[str, Any] = {"STREAK_HASH_PERSONAL_DATA": "1", "STREAK_HASH_KEY": key}
    assert load(sandbox, database, **hashed).success
    database = of_folder(database)
    hasher = Hasher(key.encode())
    texts = [hasher.text(OWNER), hasher.text("Maren Okafor")]
    assert found(texts, database)
    forget(Database(str(database)), OWNER, hasher=hasher)
    assert found(texts, database.parent) == []
    before = contents(database)
    result = load(sandbox, database, **hashed)
    assert result.success, failures(result)
    assert found(texts, database.parent) == []
    assert contents(database) == before
    assert moved(result) == {}


KILLED = """
import os, signal, sys
from streak_dagster import forgetting
from streak_dagster.warehouse import storage
from streak_dagster.views.publish import refresh_views
from streak_dagster.warehouse.database import Database

def kill(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

at, path, person = sys.argv[1:]
place, name = {
    "committed": (forgetting, "discard_all"),
    "before copying": (storage, "_rewrite"),
    "copied": (storage, "_compare"),
    "closed": (storage.shutil, "copymode"),
    "renamed": (storage, "sync_folder"),
}[at]
setattr(place, name, kill)
forgetting.forget(Database(path), person)
"""


@pytest.mark.parametrize("at", ["committed", "before copying", "copied", "closed", "renamed"])
def test_killed_at_any_moment_the_file_is_whole_and_doing_it_again_finishes(database: Path, at: str) -> None:
    database = of_folder(database)
    texts = named(database, OWNER)
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, at, str(database), OWNER], check=False, env=dict(os.environ)
    )
    assert ended.returncode == -signal.SIGKILL
    assert contents(database)["pipeline_boxes"].rows == 36
    done = forget(Database(str(database)), OWNER)
    assert done.known
    assert done.found
    assert found(texts, database.parent) == []
    assert [each.name for each in database.parent.iterdir()] == [database.name]


def test_the_past_is_erased_in_place(load: Load, sandbox: Sandbox, tmp_path: Path) -> None:
    database, select = tmp_path / "alone" / "people.duckdb", ["teams", "users", "contacts"]
    edits = sandbox.workspace
    key = edits.add_contact("Quill", "Quint", emailAddresses=["quill@example.net"])["key"]
    other = edits.add_contact("An", "Other", other="a friend of Quill Quint")["key"]
    assert load(sandbox, database, select=select).success
    edits.update_contact(key, title="Boss")
    edits.update_contact(other, other="QUILL@example.net is no friend")
    assert load(sandbox, database, select=select).success
    edits.update_contact(other, other="alone")
    edits.delete_contact(key)
    assert load(sandbox, database, select=select).success
    of_other = (
        f"SELECT other, _change, _valid_from, _valid_to FROM streak_history.contacts WHERE key = '{other}' "
        "ORDER BY _valid_from"
    )
    before = asked(database, of_other)
    assert len(before) == 3
    assert len(asked(database, f"FROM streak_history.contacts WHERE key = '{key}'")) == 3
    done = forget(Database(str(database)), "quill@example.net")
    assert [(each.table, each.rows) for each in done.removed] == [("streak_meta.past_contacts", 3)]
    assert found(["quill@example.net", "Quill Quint", key], database.parent) == []
    after = asked(database, of_other)
    assert [row[0] for row in after] == ["a friend of [erased]", "[erased] is no friend", "alone"]
    assert [row[1:] for row in after] == [row[1:] for row in before]
    assert asked(database, f"FROM streak_history.contacts WHERE key = '{key}'") == []
    result = load(sandbox, database, select=select)
    assert moved(result) == {}
    assert asked(database, of_other) == after


def asked(database: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_views_of_what_is_called_after_them_are_made_anew(database: Path) -> None:
    database = of_folder(database)
    with Database(str(database)).transaction() as session:
        session.execute("UPDATE streak.pipelines SET name = 'Maren Okafor' WHERE name = 'Sales'")
        session.execute("UPDATE streak.pipeline_fields SET name = 'by Maren Okafor' WHERE name = 'Next step'")
        assert refresh_views(session) == []
    assert found(["Maren Okafor"], database)
    assert forget(Database(str(database)), OWNER).elsewhere == ()
    assert found(["Maren Okafor"], database.parent) == []
    assert len(asked(database, "FROM streak_views.sales")) == 14


def test_what_people_made_themselves_is_named_and_left(database: Path) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute("CREATE SCHEMA own")
        connection.execute(f"CREATE TABLE own.notes AS SELECT 'about {OWNER}.' AS text")
        connection.execute(f"COMMENT ON TABLE streak.teams IS 'ask {OWNER}'")
        connection.execute("ALTER TABLE streak.pipeline_boxes ADD COLUMN mine VARCHAR")
        connection.execute("UPDATE streak.pipeline_boxes SET mine = 'Maren Okafor asked'")
    done = forget(Database(str(database)), OWNER)
    assert done.elsewhere == ("own.notes", "comment of streak.teams")
    with duckdb.connect(str(database), read_only=True) as connection:
        assert connection.execute("SELECT DISTINCT mine FROM streak.pipeline_boxes").fetchall() == [
            ("[erased] asked",)
        ]
        assert connection.execute("FROM own.notes").fetchall() == [(f"about {OWNER}.",)]


def test_an_address_that_others_have_too_stays(database: Path) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "UPDATE streak.contacts SET email_addresses = json_merge_patch(email_addresses, "
            "'[\"info@fjordhus.example.org\", \"' || given_name || '@f.org\"]') "
            "WHERE given_name IN ('Ingrid', 'Petter')"
        )
        before = connection.execute("SELECT count(*) FROM streak.contacts").fetchall()[0][0]
    done = forget(Database(str(database)), "ingrid@f.org")
    assert (done.addresses, done.keys, done.shared) == (1, 1, 1)
    assert contents(database)["contacts"].rows == before - 1
    assert [
        row["email_addresses"][0] for row in stored(database, "contacts") if row["given_name"] == "Petter"
    ] == ["info@fjordhus.example.org"]


def test_the_command_asks_and_says(sandbox: Sandbox, database: Path, tmp_path: Path) -> None:
    values = environment(sandbox, database)
    program = ["streak-dagster", "forget", GUEST]
    refused = command(program, values, tmp_path)
    assert refused.returncode == 1
    assert "streak.contacts: 1 rows would be removed" in refused.stdout
    assert "Say --yes" in refused.stderr
    assert command([*program, "--dry-run"], values, tmp_path).stdout == refused.stdout
    done = command([*program, "--yes"], values, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "streak.contacts: 1 rows removed" in done.stdout
    again = command([*program, "--yes"], values, tmp_path)
    assert again.returncode == 0
    assert "Nothing more of them was found." in again.stdout
    assert GUEST not in done.stdout + again.stdout
    assert command(["streak-dagster", "forget", NOBODY, "--yes"], values, tmp_path).returncode == 1
    assert command(["streak-dagster", "forget", "x", "--yes"], values, tmp_path).returncode == 2


def test_a_database_that_an_earlier_version_filled(database: Path) -> None:
    with duckdb.connect(str(database)) as connection:
        for name in ("erasures", "erasures_met", "option_names"):
            connection.execute(f"DROP TABLE streak_meta.{name}")
    assert forget(Database(str(database)), GUEST).removed
    assert remembered(database) == 1


def test_what_cannot_be_done_is_said(database: Path, tmp_path: Path) -> None:
    with pytest.raises(TableMissingError, match="doesn't exist"):
        forget(Database(str(tmp_path / "none.duckdb")), GUEST)
    other = tmp_path / "foreign.duckdb"
    duckdb.connect(str(other)).close()
    with pytest.raises(TableMissingError, match="holds no copy"):
        forget(Database(str(other)), GUEST)
    with pytest.raises(SettingsError, match="neither an e-mail address nor a key"):
        forget(Database(str(database)), "Ingrid Solheim")
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(1, flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(DatabaseLockedError, match="is held by process"):
            forget(Database(str(database), lock_wait=0.1), GUEST)
        holder.communicate(b"")
