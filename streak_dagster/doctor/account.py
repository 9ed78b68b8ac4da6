"""What Streak says: whose key it is, what there is to copy, in which shapes it answers, and its clock."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from streak_dagster.api.client import StoppedError
from streak_dagster.api.envelopes import read_page
from streak_dagster.doctor.cost import cost_of, told_cost
from streak_dagster.doctor.findings import Finding, Mark, failed
from streak_dagster.doctor.shapes import people_in, shape_of
from streak_dagster.errors import (
    ABOUT_ONE_OBJECT,
    ApiError,
    EndpointRetiredError,
    KeyRefusedError,
    ObjectUnavailableError,
    TransientError,
    UnexpectedAnswerError,
)
from streak_dagster.exclusion import chosen_tables
from streak_dagster.onboarding.key import USER, told_user, user_of
from streak_dagster.sync.selection import means
from streak_dagster.tables import BOX_TASKS, CONTACTS, PIPELINE_BOXES, PIPELINES, TEAMS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from streak_dagster.api.client import StreakClient
    from streak_dagster.api.envelopes import Record
    from streak_dagster.settings import Settings
    from streak_dagster.tables import Table

T = TypeVar("T")

MAX_CALLS = 8
"""Calls of one look, retries aside. It makes six."""
_MAX_SKEW = 30.0
"""Seconds. What is compared with Streak's times is compared with more room than that."""
_FEW_BOXES = 10
_SHOWN = 5
_REFUSED = (ObjectUnavailableError, EndpointRetiredError, UnexpectedAnswerError)


class AccountLook:
    """One look at an account, and what others need to know of it: ``teams`` and ``pipelines``, once seen."""

    def __init__(self, settings: Settings, *, is_sample: bool) -> None:
        self._settings = settings
        self._tables = chosen_tables(settings.exclude)
        self._is_sample = is_sample
        self._shapes: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._ahead: float | None = None
        self._are_uncounted = False
        self.teams: list[Record] | None = None
        self.boxes: list[int] | None = None
        """Of each pipeline that is copied; None where Streak doesn't say."""

    def look(self, client: StreakClient) -> Iterator[Finding]:
        """Ask. Ends early where nothing else can be answered."""
        try:
            yield from self._key(client)
            yield from self._teams(client)
            pipelines = yield from self._pipelines(client)
            yield from self._shapes_of_lists(client, pipelines)
        except KeyRefusedError as error:
            yield failed("key", error, "Set up another: streak-dagster init")
        except StoppedError:
            text = (
                "Streak, or its budget of calls on this machine, took too long, so it wasn't asked for more."
            )
            yield Finding("Streak", Mark.FAIL, text, "Try again in a minute.")
        except ApiError as error:
            yield failed("Streak", error, "Nothing else was asked.")
        yield from self._clock()

    def cost(self, rows: Mapping[str, int]) -> Iterator[Finding]:
        """What refreshes would cost, where that can be told. ``rows`` are those that tables have now."""
        if self._are_uncounted:
            text = "Streak doesn't count the boxes of pipelines here."
            yield Finding("cost", Mark.OK, text, "streak-dagster plan finds out.")
        if self.boxes is None or self.teams is None:
            return
        cost = cost_of(
            self._tables,
            teams=len(self.teams),
            boxes=self.boxes,
            page_size=self._settings.page_size,
            rows=rows,
        )
        yield told_cost(cost, self._settings.calls_per_second)

    def _key(self, client: StreakClient) -> Iterator[Finding]:
        try:
            user = self._get(client, USER, "the key's user", {}, user_of)
        except TransientError:
            raise
        except ABOUT_ONE_OBJECT as error:
            yield Finding("key", Mark.WARN, f"Streak doesn't say whose it is: {error}")
            return
        if self._is_sample:
            text = "None is set, so the built-in sample is copied, which a sandbox serves on this machine."
            yield Finding("key", Mark.OK, text, "For your account: streak-dagster init", {"is_sample": True})
        else:
            facts = {"is_sample": False, "user": user.get("key") or user.get("userKey")}
            yield Finding("key", Mark.OK, f"It is the key of {told_user(user)}.", facts=facts)

    def _teams(self, client: StreakClient) -> Iterator[Finding]:
        teams = self._list(client, TEAMS, "", {})
        self.teams = teams
        names = [str(team.get("name") or team.get("key")) for team in teams]
        if not teams:
            text = "The key's user is in no team, so there is nothing that belongs to one."
            yield Finding("teams", Mark.WARN, text, facts={"teams": 0})
            return
        yield Finding("teams", Mark.OK, f"{', '.join(names)}.", facts={"teams": len(teams), "names": names})

    def _pipelines(self, client: StreakClient) -> Generator[Finding, None, list[Record]]:
        listed = self._list(client, PIPELINES, "", {})
        wanted = self._settings.pipelines
        chosen = [each for each in listed if not wanted or any(_is_meant(name, each) for name in wanted)]
        missing = [name for name in wanted if not any(_is_meant(name, each) for each in listed)]
        counts = [_boxes_of(each) for each in chosen]
        known = [count for count in counts if count is not None]
        self._are_uncounted = len(known) < len(counts)
        self.boxes = None if self._are_uncounted else known
        facts = {"pipelines": len(chosen), "listed": len(listed), "boxes": sum(known)}
        largest = sorted(zip(counts, chosen, strict=True), key=lambda each: -(each[0] or 0))
        shown = ", ".join(_named(each, count) for count, each in largest[:_SHOWN])
        more = f", and {len(chosen) - _SHOWN} more" if len(chosen) > _SHOWN else ""
        of = f" of {len(listed)}" if wanted else ""
        boxes = f"{sum(known):,} boxes" if self.boxes is not None else "boxes that Streak doesn't count"
        text = (
            f"{len(chosen)}{of} with {boxes}: {shown}{more}." if chosen else "Streak shows none to this key."
        )
        if missing:
            text = (
                f"STREAK_PIPELINES names {', '.join(map(repr, missing))}, which this key doesn't see. {text}"
            )
            yield Finding("pipelines", Mark.FAIL, text, "Correct STREAK_PIPELINES.", facts)
        else:
            yield Finding("pipelines", Mark.OK if chosen else Mark.WARN, text, facts=facts)
        return [each for _, each in largest]

    def _shapes_of_lists(self, client: StreakClient, pipelines: list[Record]) -> Iterator[Finding]:
        """One list of each kind that sources disagree on."""
        people, refused = "", []
        try:
            people = self._look_into_a_box(client, pipelines)
        except _REFUSED as error:
            refused.append(str(error))
        try:
            if CONTACTS in self._tables and self.teams:
                self._list(client, CONTACTS, key_of(TEAMS, self.teams[0]), {"limit": 1})
        except _REFUSED as error:
            refused.append(f"{error} STREAK_EXCLUDE={CONTACTS.name} copies without them.")
        shapes = [
            f"{version} {', '.join(names)} as {shape}" for (version, shape), names in self._shapes.items()
        ]
        facts = {name: shape for (_, shape), names in self._shapes.items() for name in names}
        told = f"{'; '.join(shapes)}{f'; people in tasks as {people}' if people else ''}."
        yield Finding("API", Mark.FAIL if refused else Mark.OK, " ".join([*refused, told]), facts=facts)

    def _look_into_a_box(self, client: StreakClient, pipelines: list[Record]) -> str:
        """How the tasks of a box name people; empty where none is seen."""
        if PIPELINE_BOXES not in self._tables or not pipelines:
            return ""
        newest: dict[str, str | int] = {"limit": _FEW_BOXES, "page": 0, "sortBy": "lastUpdatedTimestamp"}
        boxes = self._list(client, PIPELINE_BOXES, key_of(PIPELINES, pipelines[0]), newest)
        if BOX_TASKS not in self._tables or not boxes:
            return ""
        box = max(boxes, key=lambda each: _count(each, "taskTotal") or 0)
        return people_in(
            self._list(client, BOX_TASKS, key_of(PIPELINE_BOXES, box), {"limit": _FEW_BOXES, "page": 0})
        )

    def _clock(self) -> Iterator[Finding]:
        if self._ahead is None:
            return
        facts = {"seconds_ahead": round(self._ahead, 1)}
        if abs(self._ahead) <= _MAX_SKEW:
            yield Finding("clock", Mark.OK, "It agrees with Streak's.", facts=facts)
            return
        which = "behind" if self._ahead > 0 else "ahead of"
        text = (
            f"This machine's clock is {abs(self._ahead):,.0f} s {which} Streak's, and so are times of rows."
        )
        yield Finding("clock", Mark.WARN, text, "Let the machine set its clock (NTP).", facts)

    def _list(
        self, client: StreakClient, table: Table, parent: str, params: Mapping[str, str | int]
    ) -> list[Record]:
        """The records of one answer, whose shape is noted."""
        assert table.endpoint is not None, "only what is listed is asked for"
        path = table.endpoint.path.format(parent=quote(parent, safe=""))
        subject = f"{table.name} of {table.parent_row.one} {parent}" if parent else table.name

        def read(body: Any) -> list[Record]:
            records = read_page(body, subject, keys=table.key_names).records
            version = path.partition("/")[0]
            self._shapes[version, shape_of(body)].append(table.name)
            return records

        return self._get(client, path, subject, params, read)

    def _get(
        self,
        client: StreakClient,
        path: str,
        subject: str,
        params: Mapping[str, str | int],
        read: Callable[[Any], T],
    ) -> T:
        answer = client.get(path, params, subject=subject, read=read)
        if answer.clock_ahead is not None:
            self._ahead = answer.clock_ahead
        return answer.content


def _is_meant(name: str, pipeline: Record) -> bool:
    return means(name, key_of(PIPELINES, pipeline), pipeline.get("name"))


def key_of(table: Table, record: Record) -> str:
    """A record's own key, under whichever name it came; ``read_page`` has seen to it that there is one."""
    return next(str(record[name]) for name in table.key_names if record.get(name))


def _boxes_of(pipeline: Record) -> int | None:
    """How many boxes a pipeline has, where Streak counts them."""
    count = _count(pipeline, "boxCount")
    return _count(pipeline, "boxCountHint") if count is None else count


def _count(record: Record, name: str) -> int | None:
    count = record.get(name)
    return count if isinstance(count, int) else None


def _named(pipeline: Record, boxes: int | None) -> str:
    name = str(pipeline.get("name") or key_of(PIPELINES, pipeline))
    return name if boxes is None else f"{name} {boxes:,}"
