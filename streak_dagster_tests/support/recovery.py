"""What has to hold after a run was killed, wherever it was."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streak_dagster.sandbox import Sandbox, Variants
from streak_dagster_tests.support.asked import IN_FLIGHT, Ask, asks, spooled
from streak_dagster_tests.support.contents import Content, contents
from streak_dagster_tests.support.loading import Load
from streak_dagster_tests.support.runs import running
from streak_dagster_tests.support.told import sentences
from streak_dagster_tests.support.truth import differences


@dataclass
class Aftermath:
    """What a killed run left: what it had asked, which answers wait on disk, and the tables.

    ``twice`` is how many of its calls the next run makes again for the table that was cut short.
    """

    asked: Counter[Ask]
    kept: dict[str, set[Ask]]
    tables: dict[str, Content]
    twice: int = 0

    @property
    def in_flight(self) -> set[Ask]:
        """What was asked for the table that was cut short, and isn't answered on disk."""
        return {ask for ask in self.asked if ask.table in self.kept and ask not in self.kept[ask.table]}


def assert_recovers(
    sandbox: Sandbox,
    database: Path,
    values: dict[str, Any],
    before: dict[str, Content],
    load: Load | None = None,
) -> Aftermath:
    """The tables are whole, and another run ends true without asking again what was answered.

    ``before`` are the tables before the killed run. The other run is the same command again, or with
    ``load`` the same in this process, which doesn't start Python and Dagster anew.
    """
    left = Aftermath(asks(sandbox.journal.arrivals), spooled(database), contents(database))
    sandbox.journal.clear()
    sandbox.latency = 0
    if load is None:
        with running(values, database.parent) as again:
            assert again.ends() == 0, again.output
    else:
        result = load(sandbox, database, **values)
        assert result.success, sentences(result)
    assert differences(database, sandbox.workspace, Variants()) == []
    now = contents(database)
    assert left.tables.keys() >= before.keys()
    for table, content in left.tables.items():
        assert content in (before.get(table), now[table]), f"{table} was neither the old nor the new one"
    asked_again = asks(sandbox.journal.arrivals).keys()
    for answers in left.kept.values():
        assert not answers & asked_again, "what Streak had answered was asked again"
    assert len(left.in_flight) <= IN_FLIGHT, "answers were lost"
    assert not database.with_name(f"{database.name}.spool").exists()
    left.twice = len(left.in_flight & asked_again)
    return left
