"""The picture of a pipeline: how many boxes are in each stage, their value, and their days in it.

Drawn by matplotlib without a display, and without its global state, so that it may be drawn anywhere. It
shows stages and numbers; no box and no person is named.
"""

from __future__ import annotations

import base64
import io
import warnings
from functools import cache
from typing import TYPE_CHECKING

from anyascii import anyascii

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from streak_dagster.views.summary import Funnel

DPI = 80
MAX_STAGES = 20
"""Stages that one picture shows; the others are left out, and the title says so."""
_MAX_LETTERS = 28
_BARS, _AGES, _INK = "#4c78c8", "#d98032", "#3d4451"


def png(funnel: Funnel, *, dpi: int = DPI) -> bytes:
    """The funnel as a PNG, below 60 kB."""
    import matplotlib as mpl  # noqa: PLC0415 - takes a second, and only pictures need it
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    shown = funnel.stages[:MAX_STAGES]
    # People's "$" is no formula.
    with mpl.rc_context({"text.parse_math": False, "font.size": 9, "text.color": _INK}):
        figure = Figure(figsize=(8, 1.1 + 0.32 * max(len(shown), 1)), dpi=dpi, layout="constrained")
        FigureCanvasAgg(figure)  # no window, whatever the machine has
        boxes, ages = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
        places = range(len(shown))
        _bars(
            boxes, places, [each.boxes for each in shown], [_told(each.boxes, each.value) for each in shown]
        )
        boxes.set_title("boxes" + (f", and their {_short(funnel.money)}" if funnel.money else ""), fontsize=9)
        boxes.set_yticks(list(places), [_short(each.stage) for each in shown])
        boxes.invert_yaxis()
        # What has no box has no age, and draws nothing.
        ages.barh(
            list(places),
            [each.days or 0 for each in shown],
            height=0.62,
            color=_AGES,
            label="half of the boxes",
        )
        ages.plot([each.most_days for each in shown], list(places), "|", color=_INK, ms=9)
        ages.set_title("days in the stage: median, | 9 of 10", fontsize=9)
        for each in (boxes, ages):
            each.spines[["top", "right", "left"]].set_visible(False)
            each.tick_params(left=False)
            each.margins(x=0.25)
        left_out = len(funnel.stages) - len(shown)
        more = f" (first {len(shown)} of {len(funnel.stages)} stages)" if left_out else ""
        figure.suptitle(f"{_short(funnel.pipeline)}{more}", fontsize=11, fontweight="bold")
        drawn = io.BytesIO()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*[Gg]lyph")  # another font may be configured
            figure.savefig(drawn, format="png", metadata={"Software": None})
    return drawn.getvalue()


def markdown(funnel: Funnel) -> str:
    """The picture inside a line of Markdown, as Dagster's UI shows it."""
    title = _short(funnel.pipeline).translate(str.maketrans("[]()", "    "))
    return f"![{title}](data:image/png;base64,{base64.b64encode(png(funnel)).decode()})"


def _bars(axes: Axes, places: range, sizes: list[int], told: list[str]) -> None:
    drawn = axes.barh(list(places), sizes, height=0.62, color=_BARS)
    axes.bar_label(drawn, told, padding=3, fontsize=8)


def _told(boxes: int, value: float | None) -> str:
    return f"{boxes:,}" if value is None else f"{boxes:,}  ({compact(value)})"


@cache
def _letters() -> frozenset[int]:
    """What matplotlib's own font can draw. Other scripts are written in Latin letters, emoji left out."""
    from matplotlib.font_manager import findfont, get_font  # noqa: PLC0415 - see png

    return frozenset(get_font(findfont("DejaVu Sans")).get_charmap())


def compact(value: float) -> str:
    """A sum in few letters: ``950``, ``48.6k``, ``1.2M``."""
    for size, unit in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:,.1f}{unit}"
    return f"{value:,.0f}"


def _short(text: str | None) -> str:
    letters = _letters()
    drawable = (
        c if ord(c) in letters or c.isspace() else anyascii(c) if c.isalnum() else "" for c in text or ""
    )
    said = " ".join("".join(drawable).split())
    return said if len(said) <= _MAX_LETTERS else f"{said[: _MAX_LETTERS - 1]}…"


def main(database: str, path: str) -> None:
    """Draw the funnel of the largest pipeline of a database, for the README."""
    from pathlib import Path  # noqa: PLC0415 - nobody else needs them here

    from streak_dagster.views.summary import funnel, typed_views  # noqa: PLC0415
    from streak_dagster.warehouse.database import Database  # noqa: PLC0415

    with Database(database).connect(read_only=True) as session:
        drawn = png(funnel(session, typed_views(session)[0]), dpi=round(DPI * 1.4))
    Path(path).write_bytes(drawn)


if __name__ == "__main__":
    import sys

    main(*sys.argv[1:])
