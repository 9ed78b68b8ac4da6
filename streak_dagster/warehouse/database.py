"""Opening the database: only for as long as needed, waiting politely while another process holds it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import re
import shutil
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from streak_dagster.errors import DatabaseLockedError, DatabaseUnusableError, WarehouseError
from streak_dagster.locks import try_lock
from streak_dagster.warehouse import instances, opening, sharing, storage
from streak_dagster.warehouse.ddl import literal
from streak_dagster.warehouse.session import Session
from streak_dagster.warehouse.turns import turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FIRST_WAIT = 0.05
_MAX_WAIT = 2.0
_ANOTHER_RUN = "another run of streak-dagster"
_THIS_PROCESS = "another connection of this process"
_MOTHERDUCK_TAKES = {("1", "4"), ("1", "5")}
"""Minor versions of DuckDB; as the extra ``motherduck`` of pyproject.toml."""


@dataclass(frozen=True)
class Database:
    """A DuckDB file, or a MotherDuck database (``md:…``).

    ``lock_wait`` is how many seconds another process's lock is waited for. ``memory_limit`` is
    DuckDB's, while publishing; what exceeds it goes to a temporary folder beside the file.
    """

    location: str
    lock_wait: float = 60.0
    memory_limit: str = "96MB"

    @property
    def is_file(self) -> bool:
        return not self.location.startswith(("md:", "motherduck:"))

    @property
    def path(self) -> Path:
        return Path(self.location).expanduser().absolute()

    @property
    def catalog(self) -> str:
        """The name that DuckDB gives the database where nobody gives it another.

        ``Session.catalog`` is the one that it has in a connection of ours, which may be another; see
        ``warehouse.opening``.
        """
        if not self.is_file:
            return self.location.partition(":")[2].partition("?")[0]
        name = next(filter(None, self.path.name.split(".")), "")
        return f"{name}_db" if name in {"main", "system", "temp"} else name

    @property
    def naming_advice(self) -> str:
        """What other programs have to know of the database's name, in one sentence; empty where nothing."""
        if not opening.is_ambiguous(self.catalog):
            return ""
        if not self.is_file:
            return (
                f"Views can't be made or read in a MotherDuck database called {self.catalog}, because a "
                "schema has that name, too, and MotherDuck opens a database under no other: name another one "
                "in STREAK_DUCKDB_PATH, such as md:crm."
            )
        return (
            f"Views of {self.path.name} can't be read by other programs that open it by that name, because a "
            f"schema is called {self.catalog}, too: open it there as ATTACH {literal(str(self.path))} AS "
            f"{opening.ALIAS}, or give the file another name, such as crm.duckdb."
        )

    @property
    def spool_root(self) -> Path:
        """The folder where refreshes of this database wait to be published."""
        if self.is_file:
            return self.path.with_name(f"{self.path.name}.spool")
        name = re.sub(r"[^A-Za-z0-9_-]+", "_", self.location.partition("?")[0])
        return Path("data").absolute() / f"{name}.spool"

    @property
    def hash_key_path(self) -> Path:
        """The file that keeps the key of the hashes, where no setting says it."""
        if self.is_file:
            return self.path.with_name(f"{self.path.stem}.hash_key")
        return self.spool_root.with_suffix(".hash_key")

    @property
    def served_path(self) -> Path:
        """The copy for readers, beside the file; see ``warehouse.readers_file``."""
        return self.path.with_name(f"{self.path.stem}_serve.duckdb")

    def check(self, report: Callable[[str], None] | None = None) -> None:
        """Make sure that the database can be written, and locked, before anything is asked of Streak.

        Raises DatabaseUnusableError. Makes the folder, not the file. ``report`` gets a line where MotherDuck
        may refuse the DuckDB that is installed. That is no error: MotherDuck may take it by now.
        """
        minor = tuple(duckdb.__version__.split(".")[:2])
        if report is not None and not self.is_file and minor not in _MOTHERDUCK_TAKES:
            report(
                f"MotherDuck takes DuckDB 1.4 and 1.5, and DuckDB {duckdb.__version__} is installed here: "
                "if it is refused, `pip install 'streak_dagster[motherduck]'` installs one that it takes."
            )
        folder = self.path.parent if self.is_file else self.spool_root.parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - its failure has words of its own
        except OSError as error:
            raise DatabaseUnusableError(
                f"The folder {folder} of the database can't be written ({error.strerror}). "
                "Set STREAK_DUCKDB_PATH to a file in a folder that you may write."
            ) from error
        with probe:
            try:
                try_lock(probe.fileno())
            except OSError as error:
                raise DatabaseUnusableError(
                    f"The file system of {folder} knows no locks ({error.strerror}), by which runs take "
                    "turns. Set STREAK_DUCKDB_PATH to a file on a disk of this machine."
                ) from error
        if self.is_file and self.path.exists():
            with sharing.shared(self.path, 0.0, alone=True) as is_possible:
                if is_possible:  # else another thread found out
                    instances.let_go(self.path)
                    self._check_file()

    def _check_file(self) -> None:
        try:
            with self.path.open("r+b") as file:
                head = file.read(storage.MAGIC_AT + len(storage.MAGIC))
        except OSError as error:
            raise DatabaseUnusableError(
                f"The database {self.path} can't be opened for writing ({error.strerror}). "
                "Give yourself the right to write it, or set STREAK_DUCKDB_PATH to another file."
            ) from error
        if head and head[storage.MAGIC_AT :] != storage.MAGIC:
            raise DatabaseUnusableError(
                f"{self.path} isn't a DuckDB database; it was left as it is. "
                "Set STREAK_DUCKDB_PATH to another file."
            )

    def exists(self) -> bool:
        return not self.is_file or (self.path.exists() and self.path.stat().st_size > 0)

    @contextlib.contextmanager
    def connect(
        self,
        *,
        read_only: bool = False,
        report: Callable[[str], None] | None = None,
        soon_again: bool = False,
    ) -> Iterator[Session]:
        """An open session, in UTC. Raises DatabaseLockedError or DatabaseUnusableError.

        Where another one is likely to read ``soon_again``, a run may have the file open until then, for a
        moment (``warehouse.instances``): not before anything is asked of Streak.
        """
        deadline = time.monotonic() + self.lock_wait
        with contextlib.ExitStack() as stack:
            if self.is_file and not read_only:
                told = partial(self._tell, report, _ANOTHER_RUN)
                stack.enter_context(turn(self.path.parent, deadline, told))
            if self.is_file:
                stack.enter_context(sharing.shared(self.path, deadline, alone=not read_only))
            connection = self._open(report, deadline, read_only=read_only and self.is_file)
            stack.callback(opening.close, connection, soon_again=soon_again)
            if self.is_file and not read_only and storage.wants_rewriting(connection, self.path):
                opening.close(connection)
                storage.rewrite(self.path, report)
                connection = self._open(report, deadline, read_only=False)
                stack.callback(opening.close, connection)
            # DuckDB 2 draws a progress bar into the output of what takes long, also where that is a file.
            connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
            yield Session(connection, {} if read_only else instances.take_known(connection))

    @contextlib.contextmanager
    def transaction(self, *, report: Callable[[str], None] | None = None) -> Iterator[Session]:
        """A session in a transaction that is committed at the end of the block, or never was."""
        with self.connect(report=report) as session:
            session.execute(f"SET memory_limit = '{self.memory_limit}'")
            session.execute("SET threads = 1")  # every further one takes buffers of its own
            session.execute("SET preserve_insertion_order = false")
            session.execute("BEGIN TRANSACTION")
            yield session
            session.execute("COMMIT")
            instances.leave_known(session.connection, session.leaves)

    @contextlib.contextmanager
    def still(self, *, report: Callable[[str], None] | None = None) -> Iterator[Path]:
        """The file's path, while nobody writes it; all of the database is in the file, and none in a log.

        Other processes may read it. In this one nobody else can have it open, so that the block may open and
        close the file itself. Raises DatabaseLockedError or DatabaseUnusableError.
        """
        deadline = time.monotonic() + self.lock_wait
        told = partial(self._tell, report, _ANOTHER_RUN)
        with (
            turn(self.path.parent, deadline, told),
            sharing.shared(self.path, deadline, alone=True),
            contextlib.ExitStack() as stack,
        ):
            connection = self._open(report, deadline, read_only=True, alone=True)
            while storage.has_log(self.path):  # of whoever was killed, or of another program
                connection.close()
                with self.connect(report=report) as session:
                    session.execute("FORCE CHECKPOINT")
                connection = self._open(report, deadline, read_only=True, alone=True)
                if time.monotonic() >= deadline and storage.has_log(self.path):
                    connection.close()
                    raise DatabaseUnusableError(f"The log of {self.path} can't be emptied.")
            stack.callback(connection.close)
            yield self.path

    def renew(self, report: Callable[[str], None] | None = None) -> None:
        """Rewrite the file, so that nothing of it holds what was deleted; nothing to do for MotherDuck.

        Nobody in this process may have it open. Raises DatabaseLockedError and DatabaseUnusableError.
        """
        if not self.is_file:
            return
        deadline = time.monotonic() + self.lock_wait
        told = partial(self._tell, report, _ANOTHER_RUN)
        with turn(self.path.parent, deadline, told), sharing.shared(self.path, deadline, alone=True):
            while True:
                opening.close(self._open(report, deadline, read_only=False))  # waits for whoever holds it
                try:
                    storage.renew(self.path)
                except duckdb.Error as error:  # a reader was faster
                    if time.monotonic() >= deadline:
                        raise _unusable(self.location, error) from error
                    time.sleep(_FIRST_WAIT)
                else:
                    break
            shutil.rmtree(self.path.with_name(f"{self.path.name}.tmp"), ignore_errors=True)

    def _remove_empty_file(self) -> bool:
        """Whether there was an empty file, which DuckDB refuses, and nobody was about to fill it.

        A first publication that is killed as it begins leaves one.
        """
        if not self.is_file or not self.path.is_file() or self.path.stat().st_size:
            return False
        with contextlib.suppress(OSError), self.path.open("r+b") as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # DuckDB's own kind of lock
            mine = os.fstat(file.fileno())
            if mine.st_size == 0 and os.path.samestat(mine, self.path.stat()):
                self.path.unlink()
                return True
        return False

    def _tell(self, report: Callable[[str], None] | None, holder: str) -> None:
        if report is not None:
            advice = f" ({told})" if (told := self._advice_for(holder)) else ""
            held = f"{self.path.name} is held by {holder}"
            report(f"{held}; waiting up to {self.lock_wait:.0f} s for it{advice}")

    def _advice_for(self, holder: str) -> str:
        """What another program had better open; empty where that is no choice, or there is no copy."""
        if holder in (_THIS_PROCESS, _ANOTHER_RUN) or not self.served_path.exists():
            return ""
        return f"let it read {self.served_path} instead, which is never locked"

    def _open(
        self,
        report: Callable[[str], None] | None,
        deadline: float,
        *,
        read_only: bool,
        alone: bool = False,
    ) -> duckdb.DuckDBPyConnection:
        wait, told = _FIRST_WAIT, False
        while True:
            try:
                if not self.is_file:
                    return duckdb.connect(self.location, read_only=read_only)
                if not read_only and not self.exists():
                    storage.make(str(self.path))
                if alone:
                    instances.let_go(self.path)
                    return storage.open_alone(self.path)
                return opening.open_file(self.path, self.catalog, read_only=read_only)
            except duckdb.Error as error:
                holder = _holder(str(error))
                if holder is None and self._remove_empty_file():
                    continue
                if holder is None:
                    raise _unusable(self.location, error) from error
                if time.monotonic() >= deadline:
                    advice = self._advice_for(holder)
                    raise DatabaseLockedError(
                        f"{self.path} is held by {holder}; waited {self.lock_wait:.0f} s. Close it there"
                        f"{f', or {advice},' if advice else ''} and materialize again; what Streak has "
                        "answered is kept."
                    ) from error
            if not told:
                told = True
                self._tell(report, holder)
            time.sleep(min(wait * random.uniform(0.5, 1.5), max(0.0, deadline - time.monotonic())))  # noqa: S311
            wait = min(wait * 2, _MAX_WAIT)


def _holder(message: str) -> str | None:
    """Who holds the lock, by DuckDB's message; None where the message is about something else."""
    if re.search(r"(?i)different configuration|unique file handle conflict", message):
        return _THIS_PROCESS
    if re.search(r"(?i)(conflicting|set) lock", message) is None:
        return None
    held = re.search(r"held in (?P<program>\S+)? ?\(PID (?P<pid>\d+)\)", message)
    if held is None:
        return "another process"
    program = os.path.basename(held["program"] or "").rstrip(".,")  # noqa: PTH119 - a word of a message
    return f"process {held['pid']} ({program})" if program else f"process {held['pid']}"


def _unusable(location: str, error: duckdb.Error) -> WarehouseError:
    if re.search(r"(?i)created with an? newer version of DuckDB", str(error)):
        return DatabaseUnusableError(
            f"A newer DuckDB wrote {location}, and DuckDB {duckdb.__version__} can't read it; it was left as "
            "it is. Upgrade DuckDB with `pip install -U duckdb`, or set STREAK_DUCKDB_PATH to another file."
        )
    first_line = str(error).splitlines()[0] if str(error) else type(error).__name__
    return DatabaseUnusableError(
        f"DuckDB can't open {location}: {first_line} "
        "Set STREAK_DUCKDB_PATH to another file, or repair this one."
    )
