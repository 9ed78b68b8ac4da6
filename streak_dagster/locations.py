"""Where ``STREAK_DUCKDB_PATH`` points to: a file of this machine, or a database at MotherDuck."""

from __future__ import annotations

import os
import re
from pathlib import Path

from streak_dagster.errors import SettingsError

DEFAULT_DATABASE = "data/crm.duckdb"
FORMER_DATABASE = "data/streak.duckdb"
"""The default of earlier versions. DuckDB takes the file's name for that of the schema."""
SAMPLE_DATABASE = "data/sandbox.duckdb"
"""The sandbox's own file: the only one that the sample is copied into."""

_NAME = "STREAK_DUCKDB_PATH"
_REPORT = "STREAK_REPORT_PATH"
_MOTHERDUCK = ("md:", "motherduck:")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


def resolved(text: str) -> str:
    """The absolute path of the file that ``text`` names, or ``text`` itself for MotherDuck.

    ``~``, ``$NAME`` and ``${NAME}`` are expanded. Raises SettingsError for what is neither, with what to
    write in its place.
    """
    if text.startswith(_MOTHERDUCK):
        return _motherduck(text)
    if text.startswith(":"):
        raise SettingsError(f"{_NAME} is {text!r}, which would be gone with the run. Name a file.")
    scheme = _SCHEME.match(text)
    if scheme is not None:
        written = scheme.group()
        hint = "Write the path alone" if written == "file:" else "Name a file"
        raise SettingsError(
            f"{_NAME} begins with {written!r}, but the tables go to a DuckDB file of this machine, or to "
            f"MotherDuck (md:name). {hint}, such as /srv/crm/crm.duckdb."
        )
    path = Path(expanded(_NAME, text)).absolute()
    if text.endswith("/") or path.is_dir():
        raise SettingsError(f"{_NAME} names a folder. Name a file in it: {path / 'crm.duckdb'}")
    return str(path)


def default_database() -> tuple[str, str]:
    """Where an account's tables go by default, and what there is to say of that, in one sentence or none.

    A copy of an earlier version is found under its name, which is used as long as there is no other one.
    """
    present, former = _holds_something(DEFAULT_DATABASE), _holds_something(FORMER_DATABASE)
    if present and former:
        return DEFAULT_DATABASE, f"{DEFAULT_DATABASE} is used, and {FORMER_DATABASE} is left alone."
    if not former:
        return DEFAULT_DATABASE, ""
    return FORMER_DATABASE, (
        f"{FORMER_DATABASE} is used, the default of earlier versions; to give it the name of today, while "
        f"nothing runs: {_renaming()}"
    )


def _holds_something(location: str) -> bool:
    """A first publication that is killed as it begins leaves an empty file."""
    path = Path(location)
    return path.is_file() and path.stat().st_size > 0


def _renaming() -> str:
    """The shell's command that renames the file with all that lies beside it: log, spools, moved memory.

    A copy for readers is removed.
    """
    old, new = Path(FORMER_DATABASE), Path(DEFAULT_DATABASE)
    ends = sorted(each.name[len(old.name) :] for each in old.parent.glob(f"{old.name}*"))
    kept = [end for end in ends if end == "" or end.startswith(".")]
    moves = [f"mv {old}{end} {new}{end}" for end in kept]
    # The copy for readers under the former name would be nobody's; the next refresh makes another.
    copies = sorted(str(each) for each in old.parent.glob(f"{old.stem}_serve.duckdb*"))
    return " && ".join([*moves, *([f"rm {' '.join(copies)}"] if copies else [])])


def is_sample_database(location: str) -> bool:
    """Whether a database is the sandbox's own file, by whatever path."""
    own, given = (os.path.realpath(resolved(each)) for each in (SAMPLE_DATABASE, location))
    return own == given


def _motherduck(text: str) -> str:
    """Never shows what stands behind the name: people put their token there."""
    name, _, options = text.partition(":")[2].partition("?")
    if options:
        raise SettingsError(
            f"{_NAME} has options behind the database's name, where a token would be seen in Dagster's UI. "
            f"Write md:{name or 'name'} alone, and put the token into the variable motherduck_token."
        )
    if not name:
        raise SettingsError(
            f"{_NAME} names no database at MotherDuck. Write md: and its name, such as md:crm."
        )
    return text


def report_file(text: str) -> str | None:
    """The absolute path of the report that ``text`` names; None for nothing. Makes nothing.

    Raises SettingsError for what is no HTML file, or in a folder that can't be made or written.
    """
    if not text:
        return None
    path = Path(expanded(_REPORT, text)).absolute()
    if path.is_dir():
        raise SettingsError(f"{_REPORT} names a folder. Name a file in it: {path / 'report.html'}")
    if path.suffix.lower() not in (".html", ".htm"):
        raise SettingsError(
            f"{_REPORT} must name an .html file, not {path.name!r}, which each refresh would write over. "
            "Name one such as data/report.html."
        )
    present = next(each for each in path.parents if each.exists())
    if not present.is_dir() or not os.access(present, os.W_OK | os.X_OK):
        what = "can't be written" if present.is_dir() else "is no folder"
        raise SettingsError(
            f"{_REPORT} is {path}, but {present} {what}. Name a file in a folder that you may write."
        )
    return str(path)


def expanded(name: str, text: str) -> str:
    """A path with ``~`` and variables in their places. Raises SettingsError for those that aren't there.

    ``name`` is the setting that holds it.
    """
    missing = [each for pair in _VARIABLE.findall(text) for each in pair if each and each not in os.environ]
    if missing:
        raise SettingsError(f"{name} holds ${missing[0]}, and no such variable is set in the environment.")
    path = os.path.expanduser(os.path.expandvars(text))  # noqa: PTH111 - what is no user stays as it is
    if path.startswith("~"):
        raise SettingsError(f"{name} begins with {path.partition('/')[0]!r}, and there is no such user.")
    return path
