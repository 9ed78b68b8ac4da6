"""The figures of the page are those that SQL finds, or that follow from how the account was made."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from streak_dagster.report import Page, page, words
from streak_dagster.report.copy import WEEKS
from streak_dagster.report.origin import Origin, freshness
from streak_dagster.report.pipelines import DRAWN
from streak_dagster.report.waiting import LISTED
from streak_dagster.warehouse.session import Session
from streak_dagster_tests.report.account import BOXES_OF, EVIL, EVIL_PIPELINE, EVIL_STAGE
from streak_dagster_tests.report.reading import Parsed
from streak_dagster_tests.views.workspace import ago

SHOWN_STAGE = EVIL_STAGE.replace("\x07", "")
NOW = datetime.now(timezone.utc)


def asked(session: Session, query: str) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = session.execute(query).fetchall()
    return rows


def test_each_stage_has_its_boxes_value_and_age(session: Session, parsed: Parsed) -> None:
    truth = asked(
        session,
        "SELECT b.stage, count(*), sum(v.value_number), median(b.days_in_stage), "
        "quantile_cont(b.days_in_stage, 0.9) FROM streak_views.deals AS b "
        "JOIN streak.box_field_values AS v ON v.box_key = b.key WHERE b.pipeline = 'Sales' "
        "GROUP BY b.stage, b.stage_order ORDER BY b.stage_order",
    )
    assert parsed.rows("Sales") == [
        [
            words.plain(stage),
            str(boxes),
            words.number(value),
            words.whole(days),
            words.whole(most),
        ]
        for stage, boxes, value, days, most in truth
    ]
    assert [row[1] for row in parsed.rows("Sales")] == ["10", "10", "10", "9"]


def test_the_largest_are_drawn_and_the_others_listed(made: Page, parsed: Parsed) -> None:
    drawn = [
        heading for heading in parsed.tables if heading in {"Sales", EVIL_PIPELINE} or "Small" in heading
    ]
    assert drawn[:2] == ["Sales", EVIL_PIPELINE]
    assert len(drawn) == DRAWN
    assert len(parsed.rows("The other pipelines")) == len(BOXES_OF) + 1 - DRAWN
    assert ["Small 9", "0", "0", "0", "0"] in parsed.rows("The other pipelines")
    # Two of each, and one of the weeks.
    assert made.html.count("<svg") == 2 * DRAWN + 1


def test_the_headline_sums_all_pipelines(session: Session, parsed: Parsed) -> None:
    ((boxes, still_open),) = asked(
        session, "SELECT count(*), count(*) FILTER (outcome = 'open') FROM streak_views.deals"
    )
    ((overdue,),) = asked(session, "SELECT count(*) FROM streak_views.followups_due WHERE is_overdue")
    ((untouched,),) = asked(
        session, "SELECT count(*) FROM streak_views.last_touch WHERE outcome = 'open' AND days > 30"
    )
    assert (boxes, overdue) == (sum(BOXES_OF.values()) - 1, 28)
    assert parsed.tiles["Open boxes"] == str(still_open)
    assert parsed.tiles["Follow-ups"] == str(overdue)
    assert parsed.tiles["Untouched"] == str(untouched)
    created = sum(2 * n + 0.1 < 28 for many in BOXES_OF.values() for n in range(many))
    assert parsed.tiles["Created"] == str(created)


def week(moment: datetime) -> str:
    day = moment.date()
    return words.short_day(day - timedelta(days=day.weekday()))


def test_weeks_count_what_was_created_won_lost_and_deleted(session: Session, parsed: Parsed) -> None:
    created = Counter(week(ago(2 * n + 0.1)) for many in BOXES_OF.values() for n in range(many))
    stays = asked(
        session,
        "SELECT epoch_us(entered), key, outcome, row_number() OVER (PARTITION BY key ORDER BY entered) "
        "FROM streak_views.deal_stages",
    )
    seen: dict[str, set[tuple[str, str]]] = {"open": set(), "won": set(), "lost": set()}
    for microseconds, key, outcome, place in stays:
        entered = datetime.fromtimestamp(microseconds / 1e6, timezone.utc)
        if outcome != "open" or place > 1:
            seen[outcome].add((week(entered), key))
    counts = {outcome: Counter(each for each, _ in found) for outcome, found in seen.items()}
    rows = parsed.rows("What came in and went out, by week?")
    assert len(rows) == WEEKS
    for place, row in enumerate(rows):
        name = week(NOW - timedelta(weeks=place))
        assert row[0].removesuffix(" so far") == name
        assert row[1] == str(created[name]), name
        assert row[2:5] == [str(counts[outcome][name]) for outcome in ("open", "won", "lost")], name
        assert row[5] == ("1" if place == 0 else "0"), name
    ((still_open,),) = asked(session, "SELECT count(*) FROM streak_views.deals WHERE outcome = 'open'")
    assert [row[6] for row in rows] == [str(still_open)] + ["–"] * (WEEKS - 1)  # noqa: RUF001


def test_who_has_what_to_do_adds_up(session: Session, parsed: Parsed) -> None:
    rows = parsed.rows("Who has what to do?")
    assert {row[0] for row in rows} == {"Ada", "O'Neil & <b>Söhne</b>", "Cleo", "nobody"}
    assert sum(int(row[1]) for row in rows) == int(parsed.tiles["Open boxes"])
    assert sum(int(row[2]) for row in rows) == int(parsed.tiles["Follow-ups"])
    assert sum(int(row[4]) for row in rows) == int(parsed.tiles["Untouched"])
    worst = dict(
        asked(
            session,
            "SELECT coalesce(assigned_to, 'nobody'), max(days_overdue) FROM streak_views.followups_due "
            "WHERE is_overdue GROUP BY 1",
        )
    )
    assert {row[0]: int(row[3]) for row in rows} == worst


def test_the_worst_come_first_with_links_and_how_many_more(session: Session, parsed: Parsed) -> None:
    heading = "Which follow-ups are overdue?"
    rows = parsed.rows(heading)
    assert len(rows) == LISTED
    assert [int(row[4]) for row in rows] == list(range(27, 27 - LISTED, -1))
    assert rows[0] == [EVIL, "Call <i>38</i>", "Sales, Won", "Cleo", "27"]
    assert "And 8 more." in parsed.sections[heading]
    links = {name for tag, attrs in parsed.elements if tag == "a" for name in [attrs["href"]]}
    assert asked(session, "SELECT link FROM streak_views.deals WHERE key = 'p0-38'")[0][0] in links


def test_the_changes_that_copies_saw_are_told(parsed: Parsed) -> None:
    rows = parsed.rows("What changed lately?")
    assert ["Box removed", "Company 7 of p0 Sales", ""] in [row[:3] for row in rows]
    assert any("name: Company 1 of p0 -> Renamed & Söhne" in row[2] for row in rows)


@pytest.mark.parametrize(
    ("hours", "age", "state", "told"),
    [
        (6, 9, "good", "Every table was copied within the last 9 hours; a refresh is due every 6 hours. "),
        (6, 9.1, "late", "The oldest table, boxes, is 9 hours old, but a refresh is due every 6 hours."),
        (1, 2.6, "late", "The oldest table, boxes, is 2 hours old, but a refresh is due every hour."),
        (None, 50, "none", "The oldest table, boxes, is 2 days old."),
    ],
)
def test_late_data_is_called_late(hours: float | None, age: float, state: str, told: str) -> None:
    then = NOW - timedelta(hours=age)
    found = Origin((), is_sample=False, latest=NOW, oldest=then, oldest_table="boxes")
    said = freshness(found, NOW, None if hours is None else timedelta(hours=hours))
    ends = f"After {words.moment(NOW)} this page is out of date." if state == "good" else ""
    assert (said.state, said.sentence) == (state, f"{told}{ends}")


def test_the_page_says_how_old_the_oldest_table_is(made: Page, parsed: Parsed) -> None:
    assert '<span class="state good">up to date</span>' in made.html
    assert (
        "Every table was copied within the last 1 hour; a refresh is due every 6 hours."
        in parsed.sections[""]
    )


def test_the_same_data_at_the_same_moment_make_the_same_page(session: Session, made: Page) -> None:
    """Also in another time zone, but for its moments."""
    assert made.data_of is not None
    zoned = made.data_of + timedelta(hours=5.5)
    one, other = (
        page(session, zone="Asia/Kolkata", moment=datetime(2026, 11, 27, 20, 0, tzinfo=timezone.utc))
        for _ in range(2)
    )
    assert one == other
    assert "Written 28 Nov 2026, 01:30 IST" in one.html
    assert f"{words.day(zoned)}, {zoned:%H:%M} IST" in one.html
