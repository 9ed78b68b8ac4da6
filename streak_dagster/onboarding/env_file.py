"""One variable of a ``.env`` is set; every other line and comment of it stays as it is.

The lines are told apart by python-dotenv's own parser, which reads the file later, and the outcome is read
back by it before anything is written.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from io import StringIO
from pathlib import Path

from dotenv.parser import Binding, parse_stream

from streak_dagster.environment import read_dotenv
from streak_dagster.errors import SettingsError

_NEW = "# Settings of streak-dagster; .env.example has all of them. Keep this file to yourself.\n"
_LINE = re.compile(
    r"""(?P<before>\s*(?:export[^\S\r\n]+)?(?:'[^']+'|[^=\#\s]+))[^\S\r\n]*
        (?:=(?P<space>[^\S\r\n]*)(?P<value>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^\r\n]*))?
        (?P<rest>[^\r\n]*)(?P<end>[\r\n]*)""",
    re.DOTALL | re.VERBOSE,
)
_COMMENT = re.compile(r"(?:^|\s+)(?P<comment>#.*)$")


def value_in(text: str, name: str) -> str:
    """What a ``.env`` says of a variable, as it is written there; empty where it says nothing."""
    said = [each.value for each in parse_stream(StringIO(text)) if each.key == name]
    return (said[-1] or "").strip() if said else ""


def with_value(text: str, name: str, value: str) -> str:
    """The text of a ``.env`` in which a variable has another value.

    The line that counts, which is the last one that sets it, is changed where it stands, and keeps its
    comment; others that set it go, for they may hold an old secret. Without one, it is added at the end.
    Raises SettingsError where a ``.env`` can't say that value.
    """
    bindings = list(parse_stream(StringIO(text)))
    places = [index for index, each in enumerate(bindings) if each.key == name]
    parts = [each.original.string for each in bindings]
    for index in places[:-1]:
        parts[index] = _blank_lines_of(parts[index])
    if places:
        parts[places[-1]] = _changed(parts[places[-1]], value)
    else:
        parts.append(_added(text, f"{name}={value}"))
    changed = "".join(parts)
    read_back = list(parse_stream(StringIO(changed)))
    is_kept = _others(read_back, name) == _others(bindings, name)
    # In a .env, ${…} is the value of a variable.
    if not is_kept or value_in(changed, name) != value or "${" in value:
        raise SettingsError(
            f"{name} can't be set in this .env without a change to what else it says, or holds what a .env "
            "can't say. Write it into the file by hand, or set it in the environment."
        )
    return changed


def write_dotenv(path: Path, text: str) -> str:
    """Put a text in the place of a ``.env``, whole or not at all, readable and writable by its owner alone.

    It is written in UTF-8, the only encoding in which Dagster's own commands read it. Returns a sentence
    about that where the file had another one. A link stays a link. Raises SettingsError where it can't be
    written.
    """
    place = Path(os.path.realpath(path))
    told = _encoding_told(place, path)
    new = place.with_name(f"{place.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                _keep_owner(place, file.fileno())
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
            new.replace(place)
        except BaseException:
            with contextlib.suppress(OSError):
                new.unlink()
            raise
    except OSError as error:
        raise SettingsError(
            f"{path} can't be written ({error.strerror}), and is as it was. Go to a folder that you may "
            "write, or set the variable in the environment."
        ) from None
    return told


def text_of(path: Path) -> str:
    """The text of a ``.env`` that is to be changed; empty where there is none. Raises SettingsError."""
    if path.is_dir():
        raise SettingsError(
            f"{path} is a folder, so no settings can be written into a file of that name. Go to another "
            "folder, or set the variable in the environment."
        )
    return read_dotenv(path) or ""


def _keep_owner(place: Path, descriptor: int) -> None:
    """The file stays its owner's where root changes it."""
    with contextlib.suppress(OSError):
        was = place.stat()
        if was.st_uid != os.getuid():
            os.fchown(descriptor, was.st_uid, was.st_gid)


def _encoding_told(place: Path, path: Path) -> str:
    try:
        data = place.read_bytes()
    except OSError:
        return ""
    if data.startswith(b"\xef\xbb\xbf"):
        return f"{path} began with a byte order mark, which is gone: Dagster's own commands stumble over it."
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        is_utf_8 = False
    else:
        is_utf_8 = b"\0" not in data
    return "" if is_utf_8 else f"{path} is in UTF-8 now, the only encoding that Dagster's own commands read."


def _others(bindings: list[Binding], name: str) -> list[tuple[str | None, str | None]]:
    return [(each.key, each.value) for each in bindings if each.key not in (name, None)]


def _blank_lines_of(part: str) -> str:
    """What stands before a line that goes."""
    return part[: len(part) - len(part.lstrip())]


def _changed(part: str, value: str) -> str:
    """A line that sets a variable, with the blank lines before it, setting another value."""
    found = _LINE.fullmatch(part)
    if found is None:
        return part  # which is noticed by whoever reads it back
    tail = found["rest"] or ""
    old = found["value"] or ""
    if not old.startswith(("'", '"')):
        # Behind "=" alone, a number sign belongs to the value.
        tail = old if found["space"] or not old.startswith("#") else ""
    comment = _COMMENT.search(tail)
    told = f" {comment['comment']}" if comment else ""
    return f"{found['before']}={value}{told}{found['end']}"


def _added(text: str, line: str) -> str:
    if not text:
        return f"{_NEW}{line}\n"
    end = "\r\n" if "\r\n" in text else "\n"
    begin = "" if text.endswith(("\r", "\n")) else end
    return f"{begin}{line}{end}"
