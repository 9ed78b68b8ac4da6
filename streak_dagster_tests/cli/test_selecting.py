"""``--select``: plain globs over the names of tables and answers."""

from __future__ import annotations

import pytest

from streak_dagster.errors import SettingsError
from streak_dagster.selecting import selected

NAMES = [
    "streak/pipelines",
    "streak/pipeline_boxes",
    "streak/box_tasks",
    "streak/box_threads",
    "streak_views/pipelines",
    "streak_views/deals",
    "streak_views/deal_stages",
]
BOXES = ["streak/box_tasks", "streak/box_threads"]
VIEWS = NAMES[4:]


@pytest.mark.parametrize(
    ("patterns", "meant"),
    [
        ([], NAMES),
        (["*"], NAMES),
        (["streak/*"], NAMES[:4]),
        (["box_*"], BOXES),
        (["STREAK/Box_*"], BOXES),
        (["box_threads,box_tasks"], BOXES),
        (["box_threads", " box_tasks ", "box_t*,"], BOXES),
        (["key:streak/box_*"], BOXES),
        (['key:"streak/box_*"'], BOXES),
        (["pipelines"], ["streak/pipelines"]),
        (["streak_views/pipelines"], ["streak_views/pipelines"]),
        (["streak_views/*"], VIEWS),
        (["deals"], ["streak_views/deals"]),
        (["deal*", "pipelines"], ["streak/pipelines", "streak_views/deals", "streak_views/deal_stages"]),
    ],
)
def test_a_pattern_means_the_names_that_it_fits(patterns: list[str], meant: list[str]) -> None:
    assert selected(patterns, NAMES) == meant


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("box_taks", "--select names 'box_taks'.*Did you mean streak/box_tasks"),
        ("box_tasks,streak_view/deals", "'streak_view/deals'.*Did you mean streak_views/deals"),
        ("xyzzy*", "'xyzzy\\*'.*There are streak/pipelines, "),
        ("snippets", "streak/snippets isn't copied: STREAK_EXCLUDE leaves it out"),
        (" , ", "--select names nothing"),
    ],
)
def test_a_pattern_that_means_nothing_is_refused_with_what_may_have_been_meant(
    pattern: str, said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        selected([pattern], NAMES)
