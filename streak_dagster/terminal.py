"""Words for terminals that don't know every letter, and for readers that go before the end."""

from __future__ import annotations

import io
import os
import sys

_LINES = str.maketrans("─│┌┐└┘├┤┬┴┼·", "-|+++++++++.")


def open_what_is_closed() -> None:
    """Where a stream was closed before the start, as by ``>&-``, Python has None: it leads nowhere now."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):  # each gets its own number so
        if getattr(sys, name) is None:
            stream = open(os.devnull, mode, encoding="utf-8")  # noqa: SIM115, PTH123 - until the end
            os.set_inheritable(stream.fileno(), True)  # noqa: FBT003 - takes no names
            setattr(sys, name, stream)


def speak_any_encoding() -> None:
    """From now on, a letter that the terminal doesn't know is written as its number."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def typed(argument: str) -> str:
    """An argument as it was typed, where the locale knows fewer letters than the terminal."""
    # Python makes letters of this range of bytes that it can't read.
    if any("\udc80" <= letter <= "\udcff" for letter in argument):
        return os.fsencode(argument).decode("utf-8", "replace")
    return argument


def drawn(table: str) -> str:
    """A table of DuckDB's, drawn in ASCII where the terminal doesn't know its lines."""
    try:
        "─".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return table.translate(_LINES)
    return table


def forget_output() -> None:
    """Nobody reads any more: what is left to be written, also as Python ends, goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
