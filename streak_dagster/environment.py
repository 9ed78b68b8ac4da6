"""What ``.env`` adds to this process's environment, in whatever encoding an editor or a shell wrote it.

PowerShell's ``>`` writes UTF-16, and editors on Windows put a byte order mark first. What can't be read
surely is refused with the file's whole path; nothing of its content is ever shown, since keys stand there.
"""

from __future__ import annotations

import codecs
import os
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values, load_dotenv

from streak_dagster.errors import SettingsError

_MARKS = (  # the longer first: UTF-16's begins as UTF-32's does
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)


def fill_environment(folder: Path) -> None:
    """Set what ``.env`` of ``folder`` says in ``os.environ``, where nothing is said yet.

    A variable of this project, or ``DAGSTER_HOME``, that is there but empty says nothing. Raises
    SettingsError where there is a ``.env`` that can't be read.
    """
    text = read_dotenv(folder / ".env")
    if text is None:
        return
    empty = {name: value for name, value in os.environ.items() if _is_ours(name) and not value.strip()}
    for name in empty:
        del os.environ[name]
    try:
        load_dotenv(stream=StringIO(text))
    finally:
        for name, value in empty.items():
            os.environ.setdefault(name, value)


def read_dotenv(path: Path) -> str | None:
    """The text of the file; None where there is none. Raises SettingsError where it can't be read."""
    try:
        if path.is_dir():
            _check_folder(path)
            return None
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise SettingsError(
            f"The settings in {path} can't be read: {error.strerror}. Let the user who runs this read it "
            "(chmod, chown), or remove it and set the variables in the environment."
        ) from None
    try:
        text = data.decode(_encoding(data))
    except UnicodeDecodeError as error:
        raise _undecodable(path, data[: error.start].count(b"\n")) from None
    before, zero, _ = text.partition("\0")
    if zero:
        raise _undecodable(path, before.count("\n"))
    return text


def refuse_for_dagster(folder: Path) -> None:
    """Raises SettingsError for a ``.env`` at which Dagster's own commands end in a stack of calls.

    They read it themselves, before they load the project, and know UTF-8 only.
    """
    path = folder / ".env"
    try:
        path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise SettingsError(f"Dagster reads {path}, too, and only as UTF-8. Save it as UTF-8.") from None
    except OSError:
        return  # there is none, or what is wrong with it was said before


def _check_folder(folder: Path) -> None:
    """A folder of that name: a virtual environment is passed over, anything else is a mistake."""
    if not (folder / "pyvenv.cfg").exists():
        raise SettingsError(
            f"{folder} is a folder; the settings are read from a file of that name. Docker makes a folder "
            "where the file to mount isn't there. Put the file in its place, or remove it."
        )


def _encoding(data: bytes) -> str:
    """By the byte order mark; without one, the zero byte of its first letter tells UTF-16."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    if data[1:2] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if data[:1] == b"\0" else "utf-8"


def _undecodable(path: Path, lines_before: int) -> SettingsError:
    return SettingsError(
        f"Line {lines_before + 1} of {path} is neither UTF-8 nor UTF-16. Save it as UTF-8: editors have that "
        'under "Save with encoding", and PowerShell\'s Set-Content under -Encoding utf8.'
    )


def _is_ours(name: str) -> bool:
    return name.startswith("STREAK_") or name == "DAGSTER_HOME"


def only_in_the_shell(folder: Path) -> list[str]:
    """The names of this project's settings that the environment has and ``.env`` of ``folder`` doesn't."""
    text = read_dotenv(folder / ".env") or ""
    written = dotenv_values(stream=StringIO(text))
    return sorted(
        name
        for name, value in os.environ.items()
        if _is_ours(name) and value.strip() and not (written.get(name) or "").strip()
    )
