"""What happens in a box: for each kind one walk over the boxes, one call a box that is asked."""

from streak_dagster.assets.base import streak_asset
from streak_dagster.assets.fetching import fetch_planned
from streak_dagster.assets.step import Step
from streak_dagster.sync.fetched import Fetched
from streak_dagster.tables import BOX_COMMENTS, BOX_FILES, BOX_MEETINGS, BOX_TASKS, BOX_THREADS


@streak_asset(BOX_COMMENTS)
def box_comments(step: Step) -> Fetched:
    return fetch_planned(BOX_COMMENTS, step)


@streak_asset(BOX_MEETINGS)
def box_meetings(step: Step) -> Fetched:
    return fetch_planned(BOX_MEETINGS, step)


@streak_asset(BOX_TASKS)
def box_tasks(step: Step) -> Fetched:
    return fetch_planned(BOX_TASKS, step)


@streak_asset(BOX_THREADS)
def box_threads(step: Step) -> Fetched:
    return fetch_planned(BOX_THREADS, step)


@streak_asset(BOX_FILES)
def box_files(step: Step) -> Fetched:
    return fetch_planned(BOX_FILES, step)
