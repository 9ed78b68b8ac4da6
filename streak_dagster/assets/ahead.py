"""Reading ahead: while one table drains, is published and checked, the next ones of its run are asked for.

Alone, each step of a run would begin to ask when the one before has published, and the budget would idle
meanwhile. So a thread begins the reading of each table of the run as soon as what it is asked by is read
and the calls of those before leave room; each fills its own spool, under the same rules as in its step, which
then finds it done. Where what it is asked by isn't published yet, that is a first pass, and the step makes a
second one, which mostly has nothing left to ask. What a step doesn't come for, because the run failed or was
stopped, is left as by a killed run: the next refresh takes it up.
"""

from __future__ import annotations

import queue
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streak_dagster.assets.foresight import Foresight
from streak_dagster.assets.reading import read
from streak_dagster.assets.session import begun
from streak_dagster.errors import DatabaseLockedError
from streak_dagster.sync.lanes import Lanes
from streak_dagster.sync.walk import STOPPING_SECONDS
from streak_dagster.tables import PIPELINE_BOXES, PIPELINES, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from dagster import DagsterLogManager

    from streak_dagster.api.client import StreakClient
    from streak_dagster.resources import StreakResource, WarehouseResource
    from streak_dagster.sync.fetched import Fetched
    from streak_dagster.sync.first_pass import FirstPass
    from streak_dagster.sync.spool import Spool
    from streak_dagster.tables import Table

LOOK_SECONDS = 0.5
"""How often a step that waits for its table says what is told of it."""
BEGIN_SECONDS = 1.0
"""For how long a reading that gets ready keeps those after it from asking.

It looks into the database first, and another table's publication keeps it waiting there.
"""
STOP_SECONDS = 6.0
"""For how long the end of a run waits for all its readings; they need ``walk.STOPPING_SECONDS``."""
_ASKED_FIRST = (PIPELINES, PIPELINE_BOXES)
"""What most calls of a run wait for."""


@dataclass
class _Reading:
    """A table that is read ahead: what is told of it, and what came of it."""

    table: Table
    client: StreakClient
    is_first_pass: bool
    told: queue.SimpleQueue[tuple[str, str]] = field(default_factory=queue.SimpleQueue)
    done: threading.Event = field(default_factory=threading.Event)
    first: FirstPass | None = None
    fetched: Fetched | None = None
    error: BaseException | None = None

    def report(self, line: str) -> None:
        self.told.put(("info", line))

    def warn(self, line: str) -> None:
        self.told.put(("warning", line))

    def tell(self, log: DagsterLogManager) -> None:
        """What was told until now, in the log of the step that waits."""
        while not self.told.empty():
            level, line = self.told.get()
            (log.warning if level == "warning" else log.info)("%s", line)

    def close(self) -> None:
        """Leave what came of it on disk."""
        spool = self.first.spool if self.first else self.fetched.spooled if self.fetched else None
        if spool is not None:
            spool.close()


class Readings:
    """The readings of one run, over the ``tables`` that its steps make, in their order.

    ``modes`` says how much is read of the tables that have modes. ``refreshed`` are the tables of the whole
    run, of which another process may make some. Only one thread, the run's, calls it.
    """

    def __init__(
        self,
        streak: StreakResource,
        warehouse: WarehouseResource,
        tables: Sequence[Table],
        modes: Mapping[str, str],
        refreshed: Collection[str],
    ) -> None:
        self._streak, self._warehouse, self._modes, self._refreshed = streak, warehouse, modes, refreshed
        self._made = {table.name for table in tables}
        first = [table for table in _ASKED_FIRST if table in tables]
        self._left = first + [t for t in tables if t not in first and t.kind is not Kind.DERIVED]
        """What isn't begun yet."""
        self._places = {table.name: place for place, table in enumerate(self._left)}
        self._published: set[str] = set()
        self._readings: dict[str, _Reading] = {}
        self._threads: list[threading.Thread] = []
        self._lanes = Lanes(streak.client.in_flight)
        self._changed = threading.Condition()
        self._closed = False
        self._foresight: Foresight | None = None
        if len(tables) > 1:
            self._foresight = Foresight(streak, warehouse, tables, modes)
            self._start(self._begin_ahead, "streak-ahead")

    def read(self, table: Table, mode: str | None, log: DagsterLogManager) -> Fetched:
        """What was read of a table, or is read now. Raises what ended its reading."""
        with self._changed:
            if table in self._left:
                self._left.remove(table)
            reading = self._readings.get(table.name)
        if reading is None:
            return self._read_now(table, mode, log)
        while not reading.done.wait(LOOK_SECONDS):
            reading.tell(log)
        reading.tell(log)
        del self._readings[table.name]  # until then, it is closed with the others
        if isinstance(reading.error, DatabaseLockedError):  # that was earlier: it may be free by now
            return self._read_now(table, mode, log)
        if reading.error is not None:
            raise reading.error
        if reading.first is not None:
            return self._read_now(table, mode, log, client=reading.client, first=reading.first)
        assert reading.fetched is not None, "a reading that is done has an error, or what it read"
        return reading.fetched

    def published(self, table: str) -> None:
        """Note that a table is published, so that what is asked by its rows may begin."""
        with self._changed:
            self._published.add(table)
            self._changed.notify_all()

    def close(self) -> None:
        """End every reading that no step came for; what Streak answered stays on disk."""
        with self._changed:
            self._closed = True
            self._left.clear()
            self._changed.notify_all()
        for reading in self._readings.values():
            reading.client.stop(for_good=True)
        self._lanes.wake()
        now = time.monotonic()
        for reading in self._readings.values():  # what was sent is still answered, but by a silent Streak
            reading.done.wait(max(0.0, now + STOPPING_SECONDS - time.monotonic()))
            reading.client.abort()
        for thread in self._threads:
            thread.join(max(0.0, now + STOP_SECONDS - time.monotonic()))
        for reading in self._readings.values():
            reading.close()
        if self._foresight is not None:
            self._foresight.close()

    def _start(self, work: Callable[[], None], name: str) -> None:
        thread = threading.Thread(target=work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _begin_ahead(self) -> None:
        """Begin one reading after the other, as long as there is room for its calls.

        The first call of the run is alone: a wrong key costs no other one.
        """
        client = self._streak.client
        while not self._closed:
            if not self._lanes.wait_for_room(1.0, lambda: client.key_works):
                continue
            with self._changed:
                self._changed.wait_for(lambda: self._closed or not self._left or self._next() is not None)
                table = self._next()
                if self._closed or table is None:
                    return
                self._left.remove(table)
                reading = _Reading(table, self._streak.client.line(), not self._is_published(table))
                self._readings[table.name] = reading
            self._begin(reading)

    def _begin(self, reading: _Reading) -> None:
        """Begin a reading, and wait until it is about to ask, or takes so long that others may go first."""
        asks = threading.Event()
        self._start(lambda: self._read_ahead(reading, asks), f"streak-{reading.table.name}")
        asks.wait(BEGIN_SECONDS)

    def _next(self) -> Table | None:
        """The first table that could be asked for now."""
        return next((each for each in self._left if self._can_be_asked(each)), None)

    def _can_be_asked(self, table: Table) -> bool:
        foresight = self._foresight
        return self._is_published(table) or (foresight is not None and foresight.may_ask(table))

    def _is_published(self, table: Table) -> bool:
        """Whether all that the table needs is there, or isn't made here."""
        needed = {each.name for each in (*table.parents, *table.joined)} & self._made
        return needed <= self._published

    def _read_ahead(self, reading: _Reading, asks: threading.Event) -> None:
        table, lanes = reading.table, (self._lanes, self._places[reading.table.name])
        try:
            if reading.is_first_pass:
                assert self._foresight is not None, "a first pass is foreseen"
                ask = self._foresight.begin(table, reading.client, lanes, reading.report)
                asks.set()
                reading.first = ask()
                self._note(table, reading.first.spool)
            else:
                reading.fetched = self._read(
                    table,
                    self._modes.get(table.name),
                    client=reading.client,
                    lanes=lanes,
                    report=reading.report,
                    warn=reading.warn,
                    asks=asks,
                )
        except BaseException as error:  # noqa: BLE001 - the step of the table raises it
            reading.error = error
        finally:
            asks.set()
            reading.done.set()

    def _read_now(
        self,
        table: Table,
        mode: str | None,
        log: DagsterLogManager,
        *,
        client: StreakClient | None = None,
        first: FirstPass | None = None,
    ) -> Fetched:
        """Read in the step of the table, before all that is read ahead."""
        return self._read(
            table,
            mode,
            client=client or self._streak.client.line(),
            lanes=(self._lanes, -1),
            report=log.info,
            warn=log.warning,
            first=first,
        )

    def _read(
        self,
        table: Table,
        mode: str | None,
        *,
        client: StreakClient,
        lanes: tuple[Lanes, int],
        report: Callable[[str], None],
        warn: Callable[[str], None],
        asks: threading.Event | None = None,
        first: FirstPass | None = None,
    ) -> Fetched:
        database = self._warehouse.open()
        with begun(
            table,
            self._streak,
            self._warehouse,
            database,
            mode=mode,
            refreshed=self._refreshed,
            report=report,
            warn=warn,
            client=client,
            lanes=lanes,
            first=first,
        ) as session:
            if asks is not None:
                asks.set()
            fetched = read(session, self._streak, self._warehouse, database)
        if fetched.spooled is not None:
            self._note(table, fetched.spooled, fetched.unwanted)
        return fetched

    def _note(self, table: Table, spool: Spool, unwanted: Sequence[str] = ()) -> None:
        if self._foresight is not None:
            self._foresight.note(table, spool, unwanted)
            with self._changed:
                self._changed.notify_all()
