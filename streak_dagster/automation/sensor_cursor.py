"""What the sensor remembers from one look to the next: its cursor, and a key that was refused.

How the cursor goes on, where a look is made at 12:00 each time::

    look                            the cursor then holds               and that means
    failed                          failures 1, look_after 12:01        no look for a minute
    failed again, a 2nd, 3rd time   look_after 12:02, 12:04             the wait doubles
    failed a 7th time, or more      look_after 13:00                    never longer than an hour
    answered                        failures 0, look_after 0            the next tick looks
    saw a change (digest d)         asked d, times 1, ask_after 12:05   a refresh is asked for
    saw d again before 12:05        the same                            nothing: the refresh may still come
    saw d again after that          times 2, ask_after 10 min later     a refresh is asked for again
    saw another change (digest e)   asked e, times 1, ask_after 12:05   a refresh is asked for at once

The wait for the same change doubles up to an hour, too: 5, 10, 20, 40 and 60 minutes.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from streak_dagster.sync.probe import Position

if TYPE_CHECKING:
    from dagster import DagsterInstance

_FIRST_WAIT = 60.0
_MAX_WAIT = 3600.0
_PATIENCE = 300.0
"""Seconds until a refresh is asked for again that didn't bring in what was seen."""


@dataclass(frozen=True)
class SensorCursor:
    """The cursor; its times are epoch seconds.

    ``failures`` are looks that failed in a row, after which none is made before ``look_after``. ``asked``
    is the digest of what a refresh was asked for last, ``times`` in a row, and the same isn't asked for again
    before ``ask_after``. ``asks`` counts all that were ever asked for.
    """

    position: Position = field(default_factory=Position)
    failures: int = 0
    look_after: float = 0.0
    asked: str = ""
    times: int = 0
    ask_after: float = 0.0
    asks: int = 0

    @staticmethod
    def of(cursor: str | None) -> SensorCursor:
        """What a cursor holds; one that can't be read is begun anew."""
        try:
            known = json.loads(cursor or "{}")
            return SensorCursor(**{**known, "position": Position(**known.get("position", {}))})
        except (ValueError, TypeError, AttributeError):
            return SensorCursor()

    def as_cursor(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))

    def failed(self) -> SensorCursor:
        """After a look that failed: the wait doubles each time, up to an hour."""
        wait = min(_FIRST_WAIT * 2 ** min(self.failures, 10), _MAX_WAIT)
        return replace(self, failures=self.failures + 1, look_after=time.time() + wait)

    def looked(self, position: Position) -> SensorCursor:
        """After a look that Streak answered."""
        return replace(self, position=position, failures=0, look_after=0.0)

    def may_request(self, digest: str) -> bool:
        """Whether a refresh may be asked for; the same one only after a while."""
        return digest != self.asked or not _lies_ahead(self.ask_after)

    def waits(self) -> bool:
        """Whether it is too early for another look."""
        return _lies_ahead(self.look_after)

    def requested(self, digest: str) -> SensorCursor:
        """When a refresh is asked for: if it doesn't bring in what was seen, each further one comes later."""
        times = self.times + 1 if digest == self.asked else 1
        wait = min(_PATIENCE * 2 ** min(times - 1, 10), _MAX_WAIT)
        return replace(self, asked=digest, times=times, ask_after=time.time() + wait, asks=self.asks + 1)


def _lies_ahead(moment: float) -> bool:
    """Whether a wait has still to end. One longer than any was begun before the clock was put right."""
    return 0 < moment - time.time() <= _MAX_WAIT


def clock(moment: float) -> str:
    """A time of day as a person reads it; ``moment`` in epoch seconds."""
    return f"{datetime.fromtimestamp(moment, timezone.utc):%H:%M:%S} UTC"


def refused_at(instance: DagsterInstance, account: str) -> float | None:
    """When Streak refused this account's key, in epoch seconds; None where it hasn't since it last worked.

    Kept in the instance, because a tick that raises an error leaves its cursor as it was.
    """
    name = _name(account)
    known = instance.daemon_cursor_storage.get_cursor_values({name}).get(name)
    return float(known) if known else None


def remember_refused(instance: DagsterInstance, account: str) -> None:
    instance.daemon_cursor_storage.set_cursor_values({_name(account): str(int(time.time()))})


def forget_refused(instance: DagsterInstance, account: str) -> None:
    """The key works: should it be refused again, that is news."""
    if refused_at(instance, account) is not None:
        instance.daemon_cursor_storage.set_cursor_values({_name(account): ""})


def _name(account: str) -> str:
    return f"streak_change_sensor/refused/{account}"
