"""The page's pictures, drawn by matplotlib as SVG: bars of stages, days in them, and weeks.

They are drawn as wide as a phone, so that their letters can be read there. What a picture shows also stands
in the table beside it: its words for a screen reader say only what it is of.
"""

from __future__ import annotations

import io
import unicodedata
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

from markupsafe import Markup

from streak_dagster.report import words
from streak_dagster.report.svg import cleaned

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from streak_dagster.report.pipelines import Pipeline, Stage
    from streak_dagster.report.weeks import Week

MAX_STAGES = 20
"""Stages that one picture shows; the table beside it has them all."""
OPEN, WON, LOST, AGES, DELETED = "#4c78c8", "#3f9c6b", "#a3a9b5", "#d98032", "#b4495a"
"""The colours of ``views.picture``, and three more; all can be told apart on white and on black."""
_COLOURS = {"open": OPEN, "won": WON, "lost": LOST}
_WIDTH, _ROW, _EDGE = 360, 26, 12
_NAMES = 124
"""Points for the names of stages."""
_LETTERS = 17
"""Half-widths that fit there: a Chinese letter takes two."""
_LETTER = 6.6
"""Points of a letter, or a digit, in the widest of the usual fonts."""
_POINT = 1 / 72


def boxes_by_stage(pipeline: Pipeline) -> Markup:
    """How many boxes each stage has, and what they are worth."""
    stages = pipeline.stages[:MAX_STAGES]
    told = [
        words.number(each.boxes) + (f" · {words.compact(each.value)}" if each.value else "")
        for each in stages
    ]
    colours = [_COLOURS[each.outcome] for each in stages]
    label = f"{pipeline.name}: boxes by stage"
    sizes = [each.boxes for each in stages]
    return _bars(label, stages, sizes=sizes, told=told, colours=colours)


def days_by_stage(pipeline: Pipeline) -> Markup | None:
    """For how long open boxes have been in their stage, as bars of the median; None without any."""
    stages = pipeline.stages[:MAX_STAGES]
    shown = [each.days if each.outcome == "open" else None for each in stages]
    if not any(each is not None for each in shown):
        return None
    told = [
        "" if days is None else f"{words.whole(days)} · {words.whole(each.most_days)}"
        for each, days in zip(stages, shown, strict=True)
    ]
    marks = [None if days is None else each.most_days for each, days in zip(stages, shown, strict=True)]
    label = f"{pipeline.name}: days in the stage"
    sizes, colours = [each or 0 for each in shown], [AGES] * len(stages)
    return _bars(label, stages, sizes=sizes, told=told, colours=colours, marks=marks)


def by_week(found: Sequence[Week]) -> Markup:
    """What came in above the line, and what went out below it."""
    height = 190
    with _figure(height) as figure:
        axes = figure.add_axes((34 / _WIDTH, 24 / height, 1 - 40 / _WIDTH, 1 - 34 / height))
        places = list(range(len(found)))
        axes.bar(places, [each.created for each in found], width=0.7, color=OPEN)
        below = [0] * len(found)
        for name, colour in (("won", WON), ("lost", LOST), ("deleted", DELETED)):
            values = [getattr(each, name) for each in found]
            axes.bar(
                places, [-each for each in values], bottom=[-each for each in below], width=0.7, color=colour
            )
            below = [one + other for one, other in zip(below, values, strict=True)]
        axes.axhline(0, color=LOST, linewidth=1)
        axes.set_xlim(-0.6, len(found) - 0.4)
        highest, lowest = max([each.created for each in found] + [1]), max(below)
        room = 0.08 * (highest + lowest)
        axes.set_ylim(-lowest - room, highest + room)
        ticks = [-lowest, 0, highest] if lowest > room else [0, highest]
        axes.set_yticks(ticks, [words.compact(abs(each)) for each in ticks])
        last = len(found) - 1
        shown = [place for place in places if (last - place) % 3 == 0]
        axes.set_xticks(shown, [words.short_day(found[place].week) for place in shown])
        _bare(axes)
        return _drawn(figure, "Boxes created, and boxes won, lost and deleted, by week")


def _bars(
    label: str,
    stages: Sequence[Stage],
    *,
    sizes: Sequence[float],
    told: Sequence[str],
    colours: Sequence[str],
    marks: Sequence[float | None] = (),
) -> Markup:
    height = _ROW * len(stages) + 8
    with _figure(height) as figure:
        axes = figure.add_axes((_NAMES / _WIDTH, 4 / height, 1 - (_NAMES + _EDGE) / _WIDTH, 1 - 8 / height))
        places = list(range(len(stages)))
        axes.barh(places, sizes, height=0.62, color=colours)
        ends = [max(size, mark or 0) for size, mark in zip(sizes, marks or sizes, strict=True)]
        longest = max([*ends, 1])
        room = (max(map(len, told)) + 1) * _LETTER / (_WIDTH - _NAMES - _EDGE)
        axes.set_xlim(0, longest / (1 - min(room, 0.7)))  # for the numbers at the end of the longest bar
        for place, mark in enumerate(marks):
            if mark is not None:
                axes.plot([mark, mark], [place - 0.31, place + 0.31], color=LOST, linewidth=2)
        for place, (end, text) in enumerate(zip(ends, told, strict=True)):
            axes.text(end + longest * 0.025, place, text, va="center_baseline")
        axes.set_yticks(places, [_fitting(each.stage) for each in stages])
        axes.set_xticks([])
        axes.set_ylim(len(stages) - 0.5, -0.5)
        _bare(axes)
        return _drawn(figure, label)


@contextmanager
def _figure(height: float) -> Iterator[Figure]:
    """A figure without a window and without global state, so many points high."""
    import matplotlib as mpl  # noqa: PLC0415 - takes a second, and only pictures need it
    from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    with mpl.rc_context(
        {
            "text.parse_math": False,  # people's "$" is no formula
            "font.family": ["DejaVu Sans"],
            "font.size": 11,
            "svg.fonttype": "none",
            "svg.hashsalt": "streak",
        }
    ):
        figure = Figure(figsize=(_WIDTH * _POINT, height * _POINT), dpi=72)
        FigureCanvasSVG(figure)
        figure.patch.set_visible(False)
        yield figure


def _bare(axes: Axes) -> None:
    """Nothing but what is drawn: no frame and no ticks."""
    axes.set_frame_on(False)
    axes.tick_params(length=0, pad=6)


def _drawn(figure: Figure, label: str) -> Markup:
    drawn = io.StringIO()
    with warnings.catch_warnings():
        # The reader's fonts draw the letters, not those of this machine.
        warnings.filterwarnings("ignore", message=".*[Gg]lyph")
        figure.savefig(drawn, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    return Markup(cleaned(drawn.getvalue(), label))  # noqa: S704 - made by matplotlib, and written anew


def _fitting(name: str) -> str:
    """A stage's name as far as there is room for it."""
    room, kept = _LETTERS, ""
    for letter in name:
        room -= 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if room < 0:
            return f"{kept[:-1].rstrip()}…"
        kept += letter
    return kept
