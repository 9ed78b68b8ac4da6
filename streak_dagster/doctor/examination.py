"""All questions at once, and what they come to."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from streak_dagster.accounts import account_of, budget_of
from streak_dagster.api.asking import asking
from streak_dagster.doctor.account import AccountLook, key_of
from streak_dagster.doctor.budget import shared_budget
from streak_dagster.doctor.database import DatabaseLook, whose_data
from streak_dagster.doctor.findings import Finding, Mark, Probing
from streak_dagster.doctor.locking import locks_work
from streak_dagster.doctor.machine import dagsters_home, installed
from streak_dagster.sample import served_sample
from streak_dagster.tables import TEAMS
from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.meta import SAMPLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streak_dagster.api.client import StreakClient
    from streak_dagster.settings import Settings

ASKING_SECONDS = 18.0
"""After which nothing more is asked of Streak, whatever it waits for."""
SECONDS = 25.0
"""After which a probe that hasn't ended is left behind."""
_HERE_SECONDS = 12.0


@dataclass(frozen=True)
class Examination:
    """What was found, in the order of a refresh; the HTTP ``calls`` and the seconds it took.

    ``status`` is the exit status: 0 where a refresh would get along, 1 where it wouldn't, 2 where a setting
    keeps it from starting. ``next_step`` is one sentence: what to do now.
    """

    findings: tuple[Finding, ...]
    calls: int
    seconds: float
    status: int
    next_step: str


def examine(settings: Settings, key: str) -> Examination:
    """Examine an account, or without a ``key`` the sample, and all that a refresh of it needs.

    Costs at most ``account.MAX_CALLS`` calls of the shared budget, retries aside, and takes at most
    ``SECONDS``. What goes wrong is a finding.
    """
    began = time.monotonic()
    account = account_of(key)
    look = AccountLook(settings, is_sample=not key)
    data = DatabaseLook(settings)
    counted: list[StreakClient] = []

    def ask() -> Iterator[Finding]:
        with _client(settings, key) as (client, budget):
            counted.append(client)
            yield shared_budget(client.rate_limiter, budget)
            yield from look.look(client)

    if settings.missing_key:
        asked: list[Finding] = [Finding("key", Mark.FAIL, settings.missing_key)]
        of_streak = None
    else:
        asked, of_streak = [], Probing("Streak", ask)
    here = [
        Probing("database", data.look),
        Probing("locks", lambda: locks_work(_folder(settings))),
        Probing("versions", installed),
        Probing("Dagster's home", lambda: dagsters_home(settings.database)),
    ]
    of_database, *of_machine = (each.findings(_HERE_SECONDS) for each in here)
    if of_streak is not None:
        asked = of_streak.findings(SECONDS)
    budget = [each for each in asked if each.question == "budget"]
    findings = [each for each in asked if each.question != "budget"]
    findings += look.cost(data.rows)
    for each in of_database:
        findings.append(each)
        if each.question == "copy" and data.account is not None and not settings.missing_key:
            teams = None if look.teams is None else {key_of(TEAMS, team) for team in look.teams}
            findings.append(whose_data(data, account, teams, allowed=settings.allow_account_change))
    findings += [*budget, *(each for group in of_machine for each in group)]
    return Examination(
        tuple(findings),
        sum(client.usage.calls for client in counted),
        round(time.monotonic() - began, 1),
        _status(findings, settings),
        _next_step(findings, is_there=data.is_there, has_key=bool(key)),
    )


@contextmanager
def _client(settings: Settings, key: str) -> Iterator[tuple[StreakClient, str]]:
    """A client of the account, or of a sandbox that serves the sample; and what its budget is called."""
    if key:
        budget = budget_of(settings.api_url, key)
        with asking(key, settings.api_url, settings.calls_per_second, seconds=ASKING_SECONDS) as client:
            yield client, budget
        return
    with (
        served_sample(SAMPLE) as served,
        asking(
            SAMPLE,
            served.url,
            settings.calls_per_second,
            seconds=ASKING_SECONDS,
            directory=served.budget_folder,
        ) as client,
    ):
        yield client, SAMPLE


def _folder(settings: Settings) -> Path | None:
    """The database's folder, where there is one that locks can be tried in."""
    database = Database(settings.database)
    folder = database.path.parent
    return folder if database.is_file and folder.is_dir() else None


def _status(findings: list[Finding], settings: Settings) -> int:
    if settings.missing_key:
        return 2
    return 1 if any(each.mark is Mark.FAIL for each in findings) else 0


def _next_step(findings: list[Finding], *, is_there: bool, has_key: bool) -> str:
    """The one thing to do now: what fails first, then what warns, then what comes by itself."""
    for mark in (Mark.FAIL, Mark.WARN):
        for each in findings:
            if each.mark is mark:
                return f"First see to: {each.question}. {each.advice}".strip()
    if not has_key:
        return "streak-dagster run copies the sample; streak-dagster init sets up your account."
    if not is_there:
        return "streak-dagster run copies the account; streak-dagster plan says first what that costs."
    return "All is well. streak-dagster run refreshes the copy; streak-dagster status says how old it is."
