"""One variable of a ``.env`` is set, and nothing else of it is touched."""

from __future__ import annotations

import codecs
import os
import re
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import pytest
from dotenv import dotenv_values
from hypothesis import assume, given
from hypothesis import strategies as st

from streak_dagster.environment import fill_environment
from streak_dagster.errors import SettingsError
from streak_dagster.onboarding.env_file import text_of, value_in, with_value, write_dotenv
from streak_dagster_tests.support.small_disk import read_only

NAME = "STREAK_API_KEY"
KEYS = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789-_~.#$=%\\", min_size=1, max_size=40)
PLAIN = st.text("abcÄ 0123456789_-./:,$#@=", max_size=12)
LINES = st.one_of(
    st.just(""),
    st.builds("# {}".format, PLAIN),
    st.builds("#{}=old".format, st.just(NAME)),
    st.builds("OTHER{}={}".format, st.integers(0, 3), PLAIN),
    st.builds("export OTHER{}='{}' # why".format, st.integers(0, 3), PLAIN),
    st.builds('OTHER{}="{}\n{}"'.format, st.integers(0, 3), PLAIN, PLAIN),
    st.builds("  OTHER = {}".format, PLAIN),
    st.builds("STREAK_API_KEY_2={}".format, PLAIN),
    st.sampled_from(["=nothing", "OTHER='open", 'OTHER="open', "two words", "'", "MY_STREAK_API_KEY=x"]),
)
OURS = st.one_of(
    st.just(NAME),
    st.builds("{}={}".format, st.just(NAME), PLAIN.map(str.strip)),
    st.builds("export {} = '{}' # mine".format, st.just(NAME), PLAIN),
    st.builds('{}="{}"'.format, st.just(NAME), PLAIN),
)
ENDS = st.sampled_from(["\n", "\r\n"])
IS_OURS = re.compile(rf"(export )?{NAME}( *=|$)")
TEXT = f"# Schlüssel\n{NAME}=former\nSTREAK_PIPELINES=Verkäufe\n"
ENCODED = {
    "utf-8": TEXT.encode(),
    "utf-8 with a mark": codecs.BOM_UTF8 + TEXT.encode(),
    "utf-16 of PowerShell": codecs.BOM_UTF16_LE + TEXT.replace("\n", "\r\n").encode("utf-16-le"),
    "utf-16 the other way, without a mark": TEXT.encode("utf-16-be"),
}


@given(before=st.lists(LINES), ours=st.lists(OURS, max_size=2), after=st.lists(LINES), end=ENDS, key=KEYS)
def test_the_others_stay_and_the_value_is_read_back(
    before: list[str], ours: list[str], after: list[str], end: str, key: str
) -> None:
    text = end.join([*before, *ours, *after])
    assume("${" not in key)
    try:
        changed = with_value(text, NAME, key)
    except SettingsError:
        # An open quote before our line takes it in.
        assert any("open" in line or line.count("'") % 2 or line.count('"') % 2 for line in before)
        return
    assert value_in(changed, NAME) == key
    found, was = (dotenv_values(stream=StringIO(each), interpolate=False) for each in (changed, text))
    assert found.pop(NAME) == key
    was.pop(NAME, None)
    assert found == was
    if text:  # a new file begins with a comment
        assert rest(changed) == rest(text)


def rest(text: str) -> list[str]:
    """The lines that aren't ours."""
    return [line for line in text.splitlines() if not IS_OURS.match(line)]


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("A=1", "A=1\nK=new\n"),
        ("A=1\r\nK=old # mine\r\nB=2\r\n", "A=1\r\nK=new # mine\r\nB=2\r\n"),
        ("\n\n  export K = 'a b' # mine\nB=1", "\n\n  export K=new # mine\nB=1"),
        ("K\nB=1", "K=new\nB=1"),
        ("K= # none yet\n", "K=new # none yet\n"),
        ("K=#an-old-secret\n", "K=new\n"),
        ("K=old\n# why\nK=older\n", "# why\nK=new\n"),
        ('A="x\ny"\nK="two\nlines"\nB=3', 'A="x\ny"\nK=new\nB=3'),
        ("# K=1\nK_2=3\n", "# K=1\nK_2=3\nK=new\n"),
    ],
)
def test_a_line_is_changed_where_it_stands(text: str, changed: str) -> None:
    assert with_value(text, "K", "new") == changed


def test_what_a_file_would_take_for_a_variable_is_refused() -> None:
    with pytest.raises(SettingsError, match="in the environment"):
        with_value("", NAME, "a${HOME}b")


def test_it_is_what_the_project_reads(tmp_path: Path) -> None:
    write_dotenv(tmp_path / ".env", with_value("STREAK_PAGE_SIZE=5\n", NAME, "k#1$2"))
    with patch.dict(os.environ):
        fill_environment(tmp_path)
        assert (os.environ[NAME], os.environ["STREAK_PAGE_SIZE"]) == ("k#1$2", "5")


@pytest.mark.parametrize("content", ENCODED.values(), ids=ENCODED)
def test_whatever_the_encoding_the_content_stays(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(content)
    text = text_of(path)
    told = write_dotenv(path, with_value(text, NAME, "new"))
    assert path.read_bytes().decode("utf-8") == text.replace("former", "new")
    assert bool(told) == (content != ENCODED["utf-8"])
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "settings").mkdir()
    real, link = tmp_path / "settings" / "env", tmp_path / ".env"
    real.write_text("A=1\n", encoding="utf-8")
    link.symlink_to(real)
    write_dotenv(link, "A=2\n")
    assert link.is_symlink()
    assert real.read_text("utf-8") == "A=2\n"


def test_what_cannot_be_written_is_named_and_left(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / ".env").write_text("A=1\n", encoding="utf-8")
    with read_only(folder), pytest.raises(SettingsError, match="is as it was"):
        write_dotenv(folder / ".env", "A=2\n")
    assert [(each.name, each.read_text("utf-8")) for each in folder.iterdir()] == [(".env", "A=1\n")]


def test_a_folder_of_that_name_is_no_file(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    with pytest.raises(SettingsError, match="is a folder"):
        text_of(tmp_path / ".env")
