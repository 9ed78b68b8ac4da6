"""``streak-dagster init``: a key is tested and written, and shown to nobody."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from streak_dagster.sandbox import Sandbox
from streak_dagster_tests.support.ports import free_port
from streak_dagster_tests.support.pseudo_terminal import terminal
from streak_dagster_tests.support.runs import program, surroundings
from streak_dagster_tests.support.waiting import MAX_WAIT

WRONG = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
"""A key that no sandbox has, long enough to stand in no message by chance."""


def init(
    folder: Path, given: str, *arguments: str, url: str = "", **values: str
) -> subprocess.CompletedProcess[str]:
    """The command, with what comes on its standard input; no key is shown, whatever happens."""
    address = {"STREAK_API_URL": url} if url else {}
    done = subprocess.run(
        [program("streak-dagster"), "init", *arguments],
        env=surroundings({**address, **values}),
        cwd=folder,
        input=given,
        capture_output=True,
        text=True,
        timeout=MAX_WAIT,
        check=False,
    )
    assert WRONG not in done.stdout + done.stderr
    assert WRONG[:8] not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def dotenv(tmp_path: Path) -> Path:
    return tmp_path / ".env"


@pytest.mark.parametrize("pasted", ["sandbox", '  "sandbox" \n', "STREAK_API_KEY=sandbox\n", "“sandbox”\r\n"])
def test_a_key_is_written_without_what_came_along(
    account: Sandbox, dotenv: Path, tmp_path: Path, pasted: str
) -> None:
    done = init(tmp_path, pasted, url=account.url)
    assert done.returncode == 0, done.stderr
    assert dotenv.read_text("utf-8").splitlines()[-1] == f"STREAK_API_KEY={account.key}"
    assert dotenv.stat().st_mode & 0o777 == 0o600
    assert "Maren Okafor" in done.stdout
    assert "Tern & Tiller" in done.stdout
    assert "streak-dagster run" in done.stdout
    assert [each.name for each in tmp_path.iterdir()] == [".env"]


def test_it_costs_two_calls(account: Sandbox, tmp_path: Path) -> None:
    account.journal.clear()
    assert init(tmp_path, account.key, url=account.url).returncode == 0
    assert len(account.journal.calls()) == 2


def test_a_wrong_key_is_one_sentence_and_nothing_is_written(
    account: Sandbox, dotenv: Path, tmp_path: Path
) -> None:
    account.journal.clear()
    done = init(tmp_path, WRONG, url=account.url)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("streak-dagster: Streak doesn't accept this key")
    assert "Integrations" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert len(account.journal.calls()) == 1
    assert not list(tmp_path.iterdir())


def test_without_a_network_nothing_is_written_but_on_request(dotenv: Path, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}/api"
    done = init(tmp_path, WRONG, url=url)
    assert (done.returncode, done.stdout) == (1, "")
    assert "The connection to Streak failed" in done.stderr
    assert "--no-check" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not dotenv.exists()
    untested = init(tmp_path, WRONG, "--no-check", url=url)
    assert untested.returncode == 0
    assert "untested" in untested.stdout
    assert f"STREAK_API_KEY={WRONG}" in dotenv.read_text("utf-8")


@pytest.mark.parametrize("given", ["", "\n"])
def test_nobody_to_ask_and_nothing_given_is_said(given: str, tmp_path: Path) -> None:
    done = init(tmp_path, given)
    assert (done.returncode, done.stdout) == (2, "")
    assert "No key was given" in done.stderr
    assert "streak-dagster init < " in done.stderr


@pytest.mark.parametrize("given", ["two words", "schlüssel", '"'])
def test_what_no_key_holds_is_refused(given: str, tmp_path: Path) -> None:
    done = init(tmp_path, given)
    assert done.returncode == 2
    assert "key" in done.stderr
    assert not list(tmp_path.iterdir())


def test_another_key_is_replaced_only_on_request(account: Sandbox, dotenv: Path, tmp_path: Path) -> None:
    before = f"# ours\nSTREAK_API_KEY={WRONG} # of 2024\nSTREAK_PAGE_SIZE=50\n"
    dotenv.write_text(before, encoding="utf-8")
    account.journal.clear()
    done = init(tmp_path, account.key, url=account.url)
    assert done.returncode == 1
    assert "--yes replaces it" in done.stderr
    assert dotenv.read_text("utf-8") == before
    assert not account.journal.calls()
    assert init(tmp_path, account.key, "--force", url=account.url).returncode == 0
    assert dotenv.read_text("utf-8") == before.replace(WRONG, account.key)


def test_a_former_key_that_cannot_be_read_is_no_obstacle(
    account: Sandbox, dotenv: Path, tmp_path: Path
) -> None:
    dotenv.write_text("STREAK_API_KEY='two words'\n", encoding="utf-8")
    assert init(tmp_path, account.key, "--yes", url=account.url).returncode == 0
    assert dotenv.read_text("utf-8") == f"STREAK_API_KEY={account.key}\n"


def test_the_environment_that_wins_is_named(account: Sandbox, tmp_path: Path) -> None:
    done = init(tmp_path, account.key, url=account.url, STREAK_API_KEY=WRONG)
    assert done.returncode == 0
    assert "that one wins: unset STREAK_API_KEY" in done.stderr


def test_a_file_that_git_would_take_along_is_named(account: Sandbox, tmp_path: Path) -> None:
    try:
        subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    except FileNotFoundError:
        pytest.skip("there is no git here")
    assert "git doesn't ignore" in init(tmp_path, account.key, url=account.url).stderr
    (tmp_path / ".gitignore").write_text(".env\n", encoding="utf-8")
    assert not init(tmp_path, account.key, url=account.url).stderr


def test_a_wrong_setting_beside_it_is_said_first(account: Sandbox, dotenv: Path, tmp_path: Path) -> None:
    account.journal.clear()
    dotenv.write_text("STREAK_PAGE_SIZE=many\n", encoding="utf-8")
    done = init(tmp_path, account.key, url=account.url)
    assert done.returncode == 2
    assert "STREAK_PAGE_SIZE must be" in done.stderr
    assert not account.journal.calls()


def test_on_a_terminal_the_key_is_asked_for_and_not_shown(
    account: Sandbox, dotenv: Path, tmp_path: Path
) -> None:
    dotenv.write_text(f"STREAK_API_KEY={WRONG}\n", encoding="utf-8")
    with terminal(["streak-dagster", "init"], {"STREAK_API_URL": account.url}, tmp_path) as person:
        person.awaits("Paste it here")
        person.awaits_hidden()
        person.types(f" {account.key} ")
        person.awaits("Replace it? [y/N]")
        assert "Integrations" in person.shown
        told_whose, _, _ = person.shown.partition("has another key")
        assert "It is the key of Maren Okafor" in told_whose
        person.types("y")
        assert person.ends() == 0
    assert account.key not in person.shown
    assert WRONG[:8] not in person.shown
    assert dotenv.read_text("utf-8") == f"STREAK_API_KEY={account.key}\n"


def test_who_says_no_or_goes_changes_nothing(account: Sandbox, dotenv: Path, tmp_path: Path) -> None:
    before = f"STREAK_API_KEY={WRONG}\n"
    dotenv.write_text(before, encoding="utf-8")
    for answer in ("n", None):
        with terminal(["streak-dagster", "init"], {"STREAK_API_URL": account.url}, tmp_path) as person:
            person.awaits("Paste it here")
            person.awaits_hidden()
            person.types(account.key)
            person.awaits("Replace it? [y/N]")
            if answer is None:
                assert person.interrupted() == 130, person.shown
            else:
                person.types(answer)
                assert person.ends() == 1, person.shown
        assert "Traceback" not in person.shown
        assert dotenv.read_text("utf-8") == before
