"""The page, put together from its sections."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cache, partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from streak_dagster.errors import ReportError
from streak_dagster.report import changes, charts, words
from streak_dagster.report.copy import LATELY, UNTOUCHED, WEEKS, Copy, Unknown
from streak_dagster.report.origin import Origin, freshness, origin
from streak_dagster.report.pipelines import STAGES, pipelines
from streak_dagster.report.waiting import followups, people, untouched
from streak_dagster.report.weeks import weeks

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import timedelta, tzinfo

    import jinja2

    from streak_dagster.warehouse.session import Session


@dataclass(frozen=True)
class Page:
    """The page as text, and of when the data in it is; None where there is none."""

    html: str
    data_of: datetime | None


def page(
    session: Session,
    *,
    title: str | None = None,
    zone: str = "UTC",
    interval: timedelta | None = None,
    excluded: Collection[str] = (),
    moment: datetime | None = None,
) -> Page:
    """The page about an open database, as ``write_report`` describes it; ``moment`` is when it is made.

    Raises ReportError for an unknown time zone. What can't be read is told in its place.
    """
    shown_in = _zone(zone)
    copy = Copy(session, excluded)
    found = origin(copy, shown_in)
    boxes: dict[str, Any] = {
        "views": ("deals", "stages", "deal_stages", "pipeline_daily"),
        "tables": ("pipeline_boxes",),
    }
    followed: dict[str, Any] = {"views": ("followups_due",), "tables": ("box_tasks",)}
    sections = {
        "pipelines": copy.section(pipelines, **boxes),
        "weeks": copy.section(weeks, **boxes),
        "people": copy.section(people, views=("deals", "followups_due"), tables=("pipeline_boxes",)),
        "followups": copy.section(followups, **followed),
        "untouched": copy.section(untouched, views=("last_touch",), tables=("pipeline_boxes",)),
        "changes": copy.section(partial(changes.changes, zone=shown_in), views=("recent_changes",)),
        "lacks": copy.section(changes.lacks, views=()),
    }
    return _rendered(found, sections, title=title, zone=shown_in, interval=interval, moment=moment)


def empty_page(*, title: str | None, zone: str, moment: datetime | None = None) -> Page:
    """The page where there is no database yet."""
    nothing = Unknown("Nothing was copied yet. The first refresh fills this page.")
    names = ("pipelines", "weeks", "people", "followups", "untouched", "changes")
    sections: dict[str, Any] = {**dict.fromkeys(names, nothing), "lacks": []}
    nobody = Origin((), is_sample=False, latest=None, oldest=None, oldest_table=None, has_tables=False)
    return _rendered(nobody, sections, title=title, zone=_zone(zone), interval=None, moment=moment)


def _rendered(
    found: Origin,
    sections: dict[str, Any],
    *,
    title: str | None,
    zone: tzinfo,
    interval: timedelta | None,
    moment: datetime | None,
) -> Page:
    now = (moment or datetime.now(timezone.utc)).astimezone(zone)
    html = _template().render(
        title=words.short(words.plain(title or found.whose)),
        origin=found,
        freshness=freshness(found, now, interval),
        now=now,
        charts=charts,
        lately=LATELY,
        days_untouched=UNTOUCHED,
        number_of_weeks=WEEKS,
        most_stages=STAGES,
        **sections,
    )
    return Page(html, found.latest)


@cache
def _template() -> jinja2.Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - only pages need it

    environment = Environment(
        loader=PackageLoader("streak_dagster.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = (
        *(words.number, words.whole, words.counted, words.short),
        *(words.day, words.short_day, words.moment),
    )
    environment.filters |= {each.__name__: each for each in filters}
    environment.tests["unknown"] = lambda section: isinstance(section, Unknown)
    return environment.get_template("page.html")


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ReportError(f"There is no time zone called {name}: name one such as Europe/Berlin.") from error
