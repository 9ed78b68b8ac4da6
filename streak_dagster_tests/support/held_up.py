"""A publication that takes as long as something else needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from streak_dagster.tables import Table
from streak_dagster.warehouse.session import Session
from streak_dagster.warehouse.shape import say_what_it_is
from streak_dagster_tests.support.waiting import eventually

LONGEST = 120.0
"""Seconds that what never comes is waited for."""


@contextmanager
def held_up(table: str, comes: Callable[[], object], then: Exception | None = None) -> Iterator[None]:
    """Meanwhile the publication of a table waits, with all of it written and nothing committed.

    Where what it waits for doesn't come, it fails, and ``then`` also where it comes.
    """

    def once_it_came(session: Session, published: Table) -> None:
        if published.name == table:
            eventually(comes, longest=LONGEST)
            if then is not None:
                raise then
        say_what_it_is(session, published)

    with pytest.MonkeyPatch.context() as patches:
        patches.setattr("streak_dagster.warehouse.publish.say_what_it_is", once_it_came)
        yield
