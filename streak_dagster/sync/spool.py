"""What Streak answered, on disk, before it is published.

A spool is a folder of one refresh of one table::

    manifest.json    what the spool belongs to; only an equal one is taken up again
    rows.jsonl       one projected row a line, as DuckDB reads it, in UTF-8
    answers.jsonl    one line an answer: what was asked, and where its rows end

Both files are only ever appended to, the rows of an answer first. So a process may die at any
moment: a torn last line is cut off, and so are rows that belong to no whole answer.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import orjson

from streak_dagster.api.paginators import PageSummary
from streak_dagster.sync.spool_lock import remove_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from streak_dagster.sync.projection import Row

_MAX_OBJECT = 1024 * 1024
"""Bytes of a line that any reader is ready for; its buffers grow with what it must be ready for."""


@dataclass(frozen=True)
class Manifest:
    """What a spool belongs to. ``account`` names the account without holding its key.

    ``page_size`` is that of a list that is asked for by pages: with another one, the numbers of its
    pages mean other rows. ``since`` are the moments by which parents were asked, as text; with others, the
    answers hold other rows, and those to a complete refresh hold all of them. ``erased`` names the people who
    were kept out of the answers.
    """

    account: str
    table: str
    declaration: str
    page_size: int | None = None
    format: int = 2
    since: str | None = None
    erased: str | None = None

    def content(self) -> dict[str, str | int | None]:
        """As it is written; what earlier versions didn't know is only there where it says something."""
        later = ("since", "erased")
        return {k: v for k, v in asdict(self).items() if v is not None or k not in later}


@dataclass(frozen=True)
class SpooledAnswer:
    """One answer.

    ``token`` names the page of the list (see ``api.paginators``); None where the answer is no page, but
    what asking by key brought, or what another table's rows held. ``cursor`` is what Streak gave to ask for
    the next page; a list that was cut short goes on from there. ``repeated`` records were sent twice in the
    page and count once. ``gone`` says that Streak no longer has the parent, in Streak's words.
    ``confirmed_gone`` are the keys that weren't there when asked for; of those, ``refused`` may also only be
    hidden from the API key. ``fingerprint`` is the parent's as it was known when the answer came (see
    ``warehouse.planning``). ``saved_until`` is when, of its rows, the one was saved that was saved last (ms);
    see ``SincePlan``. ``at`` is when the answer came (ms); earlier versions didn't spool it. By the erasures
    in ``met`` somebody was found in the answer, and kept out of its rows.
    """

    parent: str
    token: str | None
    count: int
    more: bool | None
    digest: str
    end: int = 0
    gone: str | None = None
    confirmed_gone: tuple[str, ...] = ()
    fingerprint: str | None = None
    repeated: int = 0
    refused: tuple[str, ...] = ()
    cursor: str | None = None
    saved_until: int | None = None
    at: int | None = None
    met: tuple[str, ...] = ()

    @property
    def summary(self) -> PageSummary:
        """What its paginator took in of it."""
        return PageSummary(self.count, self.more, self.digest, self.repeated, self.cursor)


class Spool:
    """One refresh's answers. Use ``spool_folders.open_spool``; one process at a time holds a spool."""

    def __init__(self, folder: Path, manifest: Manifest, started_at: int, lock: int) -> None:
        self.folder = folder
        self.manifest = manifest
        self.started_at = started_at
        self.rows_path = folder / "rows.jsonl"
        self.longest_line = 0
        self._lock = lock
        self.answers_path = folder / "answers.jsonl"
        self.answers = list(self._read_answers())
        self.resumed = len(self.answers)
        """The answers that an earlier refresh left."""
        self.met = {each for answer in self.answers for each in answer.met}
        """By which erasures somebody was found in an answer."""
        self._end = self.answers[-1].end if self.answers else 0
        self._is_empty = not self.answers
        # Unbuffered: what was written is in the kernel's hands, and outlives this process.
        self._rows = self.rows_path.open("ab", buffering=0)
        self._rows.truncate(self._end)
        self._answers = self.answers_path.open("ab", buffering=0)
        self._answers_end = self.answers_path.stat().st_size

    @property
    def largest_object(self) -> int:
        """Bytes that a reader must be ready to take as one line."""
        return max(_MAX_OBJECT, self.longest_line + 1)

    def append(
        self,
        rows: Sequence[Row],
        *,
        parent: str,
        token: str | None,
        more: bool | None,
        digest: str,
        gone: str | None = None,
        fingerprint: str | None = None,
        repeated: int = 0,
        cursor: str | None = None,
        saved_until: int | None = None,
        at: int | None = None,
        left_out: int = 0,
        met: Sequence[str] = (),
    ) -> SpooledAnswer:
        """Keep one answer, of which ``left_out`` records aren't among the rows.

        Raises OSError where the disk is full; the answer then never was.
        """
        answer = SpooledAnswer(
            parent,
            token,
            len(rows) + left_out,
            more,
            digest,
            gone=gone,
            fingerprint=fingerprint,
            repeated=repeated,
            cursor=cursor,
            saved_until=saved_until,
            at=at,
            met=tuple(met),
        )
        return self._append(rows, answer)

    def append_confirmation(
        self,
        rows: Sequence[Row],
        *,
        parent: str,
        gone: Sequence[str],
        refused: Sequence[str] = (),
        at: int | None = None,
        met: Sequence[str] = (),
    ) -> None:
        """Keep what asking by key brought: rows that are still there, and keys that aren't."""
        answer = SpooledAnswer(
            parent,
            None,
            len(rows),
            None,
            "",
            confirmed_gone=tuple(gone),
            refused=tuple(refused),
            at=at,
            met=tuple(met),
        )
        self._append(rows, answer)

    def _append(self, rows: Sequence[Row], answer: SpooledAnswer) -> SpooledAnswer:
        lines = [_line(row) for row in rows]
        data = b"".join(lines)
        self.longest_line = max(self.longest_line, *(len(line) - 1 for line in lines), 0)
        answer = replace(answer, end=self._end + len(data))
        line = json.dumps(asdict(answer), separators=(",", ":")).encode() + b"\n"
        try:
            _write_all(self._rows.fileno(), data)
            _write_all(self._answers.fileno(), line)
        except BaseException:
            # What a full disk or an interrupt left of it would stand before the next answer.
            self._rows.truncate(self._end)
            self._answers.truncate(self._answers_end)
            raise
        self._end = answer.end
        self._answers_end += len(line)
        self.met.update(answer.met)
        self._is_empty = False
        return answer

    def pages(self) -> dict[str, dict[str, list[PageSummary]]]:
        """The pages that are answered, by parent and token, oldest first; see ``Paginator.resume``."""
        found: dict[str, dict[str, list[PageSummary]]] = {}
        for answer in self.answers:
            if answer.token is not None:
                found.setdefault(answer.parent, {}).setdefault(answer.token, []).append(answer.summary)
        return found

    def take_stock(self) -> None:
        """Read the answers again: also those that came since it was opened count as known then."""
        self.answers = list(self._read_answers())

    def rows(self) -> Iterator[Row]:
        """Every row in the spool, for tables of few rows."""
        with self.rows_path.open("rb") as file:
            yield from map(json.loads, file)

    def close(self) -> None:
        """Leave the spool on disk, for the next run to take up; one without an answer is removed."""
        if self._is_empty:
            self.discard()
        else:
            self._release()

    def discard(self) -> None:
        """Remove the spool: it was published, or nobody will ask for it again."""
        lock, self._lock = self._lock, -1
        self._release()
        remove_folder(self.folder, lock)
        with contextlib.suppress(OSError):  # others still wait there
            self.folder.parent.rmdir()

    def _release(self) -> None:
        for file in (self._rows, self._answers):
            file.close()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _read_answers(self) -> Iterator[SpooledAnswer]:
        """The answers whose rows are all there; what follows is cut off the file."""
        if not self.answers_path.exists():
            return
        available = self.rows_path.stat().st_size if self.rows_path.exists() else 0
        whole = end = 0
        with self.answers_path.open("rb") as file:
            for line in file:
                answer = _parse_answer(line)
                if answer is None or answer.end > available:
                    break
                whole += len(line)
                self.longest_line = max(self.longest_line, answer.end - end)
                end = answer.end
                yield answer
        os.truncate(self.answers_path, whole)


def _parse_answer(line: bytes) -> SpooledAnswer | None:
    if not line.endswith(b"\n"):
        return None
    try:
        return SpooledAnswer(**json.loads(line))
    except (ValueError, TypeError):
        return None


def _line(row: Row) -> bytes:
    """The row as one line, always the same for the same row.

    orjson takes a third of the time. What it can't write (integers beyond 64 bits), or would write as
    ``null`` (infinity, which Python refuses), is left to Python. DuckDB reads both in the same way.
    """
    with contextlib.suppress(TypeError):
        line = orjson.dumps(row, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
        if b"null" not in line:
            return line
    text = json.dumps(row, ensure_ascii=True, separators=(",", ":"), sort_keys=True, allow_nan=False)
    return text.encode() + b"\n"


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
