"""A walk over a list that is read by cursor: every record once, and no call twice however often it is cut."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streak_dagster.api.client import StreakClient
from streak_dagster.api.usage import Answer
from streak_dagster.errors import KeyRefusedError, TooManyUnreadableError
from streak_dagster.sandbox import generated_workspace
from streak_dagster.sync.spool import Manifest, Spool
from streak_dagster.sync.spool_folders import open_spool
from streak_dagster.sync.walk import Parent, Walk
from streak_dagster.tables import TEAMS, Endpoint, Kind, Paging, Table
from streak_dagster.tables.columns import text
from streak_dagster_tests.support.answers import Connect, asked, rows
from streak_dagster_tests.support.sandboxes import sandbox_of

REFUSED = {"status": 401, "body": b'{"success": false, "error": "invalid api key"}'}
CUT = KeyRefusedError("cut short", status=401)


def contacts(page_size: int = 1000) -> Table:
    return Table(
        name="contacts",
        description="Contacts.",
        columns=(text("key", "Key."), text("teamKey", "Team.")),
        primary_key=("key",),
        group="test",
        kind=Kind.TEAM_LIST,
        endpoint=Endpoint("v2/teams/{parent}/contacts", Paging.CURSOR, page_size=page_size),
        parent=TEAMS,
        parent_column="team_key",
    )


@dataclass
class CursorServer:
    """Stands for a client and Streak: pages of these sizes, each behind the cursor of the one before it.

    It answers ``left`` calls and then none. ``word`` is how ``hasNextPage`` is sent, and ``end`` what the
    last page holds in place of a cursor.
    """

    sizes: list[int]
    word: str
    end: dict[str, Any]
    left: int = 0
    answered: list[str] = field(default_factory=list)
    in_flight: int = 4
    usage: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(calls=0))
    usage_of_all: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(calls=0))
    trouble: str = ""

    def get(
        self, path: str, params: dict[str, Any], *, subject: str, read: Callable[[Any], Any]
    ) -> Answer[Any]:
        assert (path, params["limit"], subject) == ("v2/teams/T/contacts", 1000, "contacts of team T")
        if not self.left:
            raise CUT
        self.left -= 1
        cursor = params.get("cursor", "c0")
        self.answered.append(cursor)
        return Answer(read(self.body(int(cursor[1:]))), 1)

    def body(self, page: int) -> dict[str, Any]:
        is_last = page + 1 >= len(self.sizes)
        word: dict[str, Any] = {}
        if self.word == "present" or (self.word == "false_omitted" and not is_last):
            word = {"hasNextPage": not is_last}
        first = sum(self.sizes[:page])
        results = [{"key": f"k{first + place}"} for place in range(sum(self.sizes[page : page + 1]))]
        return {"results": results} | word | (self.end if is_last else {"cursor": f"c{page + 1}"})

    def resume(self) -> None: ...
    def stop(self) -> None: ...
    def abort(self) -> None: ...


def spool_in(folder: Path) -> Spool:
    return open_spool(folder, Manifest("account", "contacts", "declaration"), resume_within=3600)


def walk_once(server: CursorServer, folder: Path) -> Spool | None:
    """The spool of a walk that came to its end; None where it was cut short."""
    spool = spool_in(folder)
    client = cast("StreakClient", server)
    walk = Walk(contacts(), client, spool, page_size=100, report=lambda _: None)
    try:
        walk.run([Parent("T")])
    except KeyRefusedError:
        spool.close()
        return None
    return spool


@given(
    # A second empty page in a row may be one that was filtered; a third one is the end.
    sizes=st.lists(st.sampled_from([1, 2, 7, 0]), max_size=12).filter(
        lambda sizes: "0, 0, 0" not in str(sizes)
    ),
    word=st.sampled_from(["absent", "present", "false_omitted"]),
    end=st.sampled_from([{}, {"cursor": None}, {"cursor": ""}]),
    cuts=st.lists(st.integers(0, 4), max_size=6),
)
def test_every_record_is_read_once_and_no_call_made_twice(
    sizes: list[int], word: str, end: dict[str, Any], cuts: list[int]
) -> None:
    server = CursorServer(sizes, word, end)
    with tempfile.TemporaryDirectory() as folder:
        for left in [*cuts, 99]:
            server.left = left
            if spool := walk_once(server, Path(folder)):
                break
        assert spool is not None
        assert [row["key"] for row in spool.rows()] == [f"k{place}" for place in range(sum(sizes))]
        spool.discard()
    assert server.answered == [f"c{page}" for page in range(max(1, len(sizes)))]


def test_a_list_that_cant_be_read_to_its_end_fails_and_keeps_what_came(tmp_path: Path) -> None:
    server = CursorServer([3, 3], "present", {"hasNextPage": True}, left=99)
    spool = spool_in(tmp_path)
    walk = Walk(
        contacts(),
        cast("StreakClient", server),
        spool,
        page_size=100,
        report=lambda _: None,
    )
    with pytest.raises(TooManyUnreadableError, match=r"contacts .*without the cursor of the next one"):
        walk.run([Parent("T")])
    spool.close()
    server.end = {}
    done = walk_once(server, tmp_path)
    assert done is not None
    assert len(list(done.rows())) == 6
    assert Counter(server.answered) == {"c0": 1, "c1": 2}, "the page that couldn't be relied on comes again"
    done.discard()


@pytest.mark.parametrize("skip", [0, 1, 2])
@pytest.mark.parametrize("page_size", [7, 20, 1000])
def test_contacts_of_a_team_are_taken_up_where_they_were_cut_short(
    connect: Connect, page_size: int, skip: int
) -> None:
    workspace = generated_workspace(60, seed=3)
    (team, *_) = workspace.teams()
    expected = [contact["key"] for contact in workspace.contacts(team["key"])]
    table, teams = contacts(page_size), [Parent(team["key"])]
    with sandbox_of(workspace) as sandbox:
        sandbox.faults.add("/contacts$", skip=skip, times=None, **REFUSED)
        if skip * page_size <= len(expected):
            with pytest.raises(KeyRefusedError):
                connect(sandbox.url).fetch(table, teams)
        sandbox.faults.clear()
        refresh = connect(sandbox.url).fetch(table, teams)
        answered = asked(sandbox, answered=True)
    assert set(answered.values()) == {1}
    assert len(answered) == len(expected) // page_size + 1
    assert sorted(row["key"] for row in rows(refresh)) == sorted(expected) != []
    refresh.spool.discard()
