"""A list that knows a moment is asked for what was saved since; what moment that may be."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streak_dagster.sandbox import Sandbox, generated_workspace
from streak_dagster.sync.plan import OVERLAP, SincePlan
from streak_dagster.sync.refresh import Refresher
from streak_dagster.tables import CONTACTS
from streak_dagster_tests.support.answers import Connect, rows
from streak_dagster_tests.support.sandboxes import sandbox_of


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with sandbox_of(generated_workspace(0, seed=5, contacts=2100)) as running:
        yield running


def team(sandbox: Sandbox) -> str:
    return str(sandbox.workspace.teams()[0]["key"])


def queries(sandbox: Sandbox) -> list[dict[str, list[str]]]:
    return [parse_qs(each.query) for each in sandbox.journal.arrivals if each.path.endswith("/contacts")]


def test_every_page_is_asked_by_the_same_moment(connect: Connect, sandbox: Sandbox) -> None:
    refresher: Refresher = connect(sandbox.url)
    saved = sorted(each["lastSavedTimestamp"] for each in sandbox.workspace.contacts(team(sandbox)))
    since = SincePlan(changed=True, saved_until={team(sandbox): saved[500] + OVERLAP * 1000})
    spool = refresher.open_spool(CONTACTS, since)
    found = refresher.fetch_since(CONTACTS, [team(sandbox)], since, spool)
    asked = queries(sandbox)
    assert len(asked) == 2
    assert {tuple(each["after"]) for each in asked} == {(str(saved[500] // 1000),)}
    assert len(rows(found)) == sum(at >= saved[500] // 1000 * 1000 for at in saved)
    assert found.mode == "changed"
    spool.discard()


def test_the_next_moment_is_that_of_the_first_answer(connect: Connect, sandbox: Sandbox) -> None:
    """What changes while the list is read may have been read before that, whatever else was saved later."""
    *_, last = sandbox.workspace.contacts(team(sandbox))
    sandbox.workspace.update_contact(last["key"], title="Changed while the list was read")
    refresher: Refresher = connect(sandbox.url)
    since = SincePlan(changed=True)
    spool = refresher.open_spool(CONTACTS, since)
    found = refresher.fetch_since(CONTACTS, [team(sandbox)], since, spool)
    saved = [each["lastSavedTimestamp"] for each in sandbox.workspace.contacts(team(sandbox))]
    assert found.saved_until == {team(sandbox): max(saved[:1000])}
    assert max(saved[:1000]) < max(saved), "or the test shows nothing"
    assert found.mode == "complete", "all of it was asked for"
    assert [sorted(each) for each in queries(sandbox)] == [["limit"], *[["cursor", "limit"]] * 2]
    spool.discard()


def test_a_refresh_goes_on_only_where_it_asks_for_the_same(connect: Connect, sandbox: Sandbox) -> None:
    refresher: Refresher = connect(sandbox.url)
    earlier = SincePlan(changed=True, saved_until={team(sandbox): 1_600_000_000_000})
    spool = refresher.open_spool(CONTACTS, earlier)
    spool.append([], parent=team(sandbox), token="", more=None, digest="", cursor="c", saved_until=7)
    spool.close()
    again = refresher.open_spool(CONTACTS, earlier)
    assert [answer.saved_until for answer in again.answers] == [7]
    again.close()
    for other in (
        SincePlan(changed=False, saved_until=earlier.saved_until),
        SincePlan(changed=True, saved_until={team(sandbox): 1_600_000_001_000}),
        SincePlan(changed=True),
    ):
        kept = refresher.open_spool(CONTACTS, earlier)
        kept.append([], parent=team(sandbox), token="", more=None, digest="")
        kept.close()
        found = refresher.open_spool(CONTACTS, other)
        assert found.answers == []
        found.discard()


def test_a_walk_that_was_cut_short_keeps_the_moment_of_its_first_answer(
    connect: Connect, sandbox: Sandbox
) -> None:
    refresher: Refresher = connect(sandbox.url)
    since = SincePlan(changed=False)
    spool = refresher.open_spool(CONTACTS, since)
    first = refresher.client.get(
        f"v2/teams/{team(sandbox)}/contacts", {"limit": 1000}, subject="x", read=lambda body: body
    )
    spool.append(
        [],
        parent=team(sandbox),
        token="",
        more=None,
        digest="x",
        cursor=first.content["cursor"],
        saved_until=5,
    )
    spool.close()
    taken_up = refresher.open_spool(CONTACTS, since)
    found = refresher.fetch_since(CONTACTS, [team(sandbox)], since, taken_up)
    assert found.saved_until == {team(sandbox): 5}
    assert len(rows(found)) == 1100
    taken_up.discard()


def test_a_row_of_the_future_moves_no_moment(connect: Connect) -> None:
    workspace = generated_workspace(0, seed=5, contacts=3)
    saved = max(each["lastSavedTimestamp"] for each in workspace.contacts(workspace.teams()[0]["key"]))
    workspace.add_contact(lastSavedTimestamp=253402300799000)
    workspace.add_contact(lastSavedTimestamp=None)
    with sandbox_of(workspace) as sandbox:
        refresher: Refresher = connect(sandbox.url)
        spool = refresher.open_spool(CONTACTS)
        found = refresher.fetch_since(CONTACTS, [team(sandbox)], SincePlan(changed=True), spool)
        assert found.saved_until == {team(sandbox): saved}
        spool.discard()


@given(until=st.integers(0, 4 * 10**12))
def test_whole_seconds_and_an_overlap_are_asked_for_again(until: int) -> None:
    since = SincePlan(changed=True, saved_until={"T": until}).asked["T"]
    assert since >= 0
    assert since == 0 or OVERLAP * 1000 <= until - since * 1000 < OVERLAP * 1000 + 1000
