"""The picture of a pipeline: how many boxes are in each stage, their value, and their days in it.

Drawn by matplotlib without a display, and without its global state, so that it may be drawn anywhere. It
shows stages and numbers; no box and no person is named.
"""

from __future__ import annotations

import base64
import io
import math
import warnings
from functools import cache
from typing import TYPE_CHECKING

from anyascii import anyascii

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from streak_dagster.views.summary import Funnel

DPI = 80
MAX_STAGES = 20
"""Stages that one picture shows; the others are left out, and the title says so."""
_MAX_LETTERS = 28
_WIDTH = 8.0
"""Inches; heights and places are, too."""
_BARS, _AGES, _INK = "#4c78c8", "#d98032", "#3d4451"


def prepare() -> None:
    """Import what draws: half a second that a run has while it waits for answers."""
    from matplotlib.backends import backend_agg  # noqa: PLC0415, F401 - see png


def png(funnel: Funnel, *, dpi: int = DPI) -> bytes:
    """The funnel as a PNG, below 60 kB.

    Its few rectangles and words are placed here: axes, with their ticks and layout, take five times as long.
    """
    import matplotlib as mpl  # noqa: PLC0415 - takes a second, and only pictures need it
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    shown = funnel.stages[:MAX_STAGES]
    height = 1.1 + 0.32 * max(len(shown), 1)
    # People's "$" is no formula.
    with mpl.rc_context({"text.parse_math": False, "font.size": 9, "text.color": _INK}):
        figure = Figure(figsize=(_WIDTH, height), dpi=dpi)
        FigureCanvasAgg(figure)  # no window, whatever the machine has
        left_out = len(funnel.stages) - len(shown)
        more = f" (first {len(shown)} of {len(funnel.stages)} stages)" if left_out else ""
        middle = _WIDTH / 2
        paper = _Paper(figure, height)
        paper.write(middle, 0.2, f"{_short(funnel.pipeline)}{more}", size=11, weight="bold", align="center")
        names = [_short(each.stage) for each in shown]
        left = 0.15 + max(map(_inches, names), default=0.0)
        boxes = _Scale(left, left + (_WIDTH - left) * 0.58, [each.boxes for each in shown])
        ages = _Scale(
            boxes.right + 0.15,
            _WIDTH - 0.1,
            [days for each in shown for days in (each.days, each.most_days) if days is not None],
        )
        value = f"boxes, and their {_short(funnel.money)}" if funnel.money else "boxes"
        paper.write((boxes.left + boxes.right) / 2, 0.5, value, align="center")
        paper.write(ages.right, 0.5, "days in the stage: median, | 9 of 10", align="right")
        for place, (name, each) in enumerate(zip(names, shown, strict=True)):
            y = 0.83 + 0.32 * place
            paper.write(left - 0.06, y, name, align="right")
            paper.bar(boxes, y, each.boxes, _BARS)
            paper.write(boxes.at(each.boxes) + 0.04, y, _told(each.boxes, each.value), size=8)
            if each.days is not None:
                paper.bar(ages, y, each.days, _AGES)
            if each.most_days is not None:
                paper.mark(ages.at(each.most_days), y)
        for scale in (boxes, ages):
            paper.axis(scale, 0.83 + 0.32 * max(len(shown), 1) - 0.12)
        drawn = io.BytesIO()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*[Gg]lyph")  # another font may be configured
            figure.savefig(drawn, format="png", metadata={"Software": None})
    return drawn.getvalue()


class _Scale:
    """Where numbers are between two places, in inches from the left; a quarter is left for what is said."""

    def __init__(self, left: float, right: float, numbers: Sequence[float]) -> None:
        self.left, self.right = left, right
        self.most = 1.3 * max(numbers, default=0) or 1.0

    def at(self, number: float) -> float:
        return self.left + (self.right - self.left) * number / self.most

    def steps(self) -> list[float]:
        """Round numbers to say below, at most six."""
        size = 10.0 ** math.floor(math.log10(self.most / 5))
        step = next(each * size for each in (1, 2, 5, 10) if self.most / (each * size) <= 6)
        return [step * place for place in range(int(self.most / step) + 1)]


class _Paper:
    """A figure on which things are placed in inches, from its upper left corner."""

    def __init__(self, figure: Figure, height: float) -> None:
        self._figure, self._height = figure, height

    def write(
        self, x: float, y: float, text: str, *, size: float = 9, weight: str = "normal", align: str = "left"
    ) -> None:
        self._figure.text(
            x / _WIDTH, 1 - y / self._height, text, fontsize=size, fontweight=weight, ha=align, va="center"
        )

    def bar(self, scale: _Scale, y: float, number: float, color: str) -> None:
        self._rectangle(scale.left, y - 0.1, scale.at(number) - scale.left, 0.2, color)

    def mark(self, x: float, y: float) -> None:
        self._rectangle(x - 0.006, y - 0.06, 0.012, 0.12, _INK)

    def axis(self, scale: _Scale, y: float) -> None:
        self._rectangle(scale.left, y, scale.right - scale.left, 0.01, _INK)
        for number in scale.steps():
            self._rectangle(scale.at(number) - 0.005, y, 0.01, 0.045, _INK)
            self.write(scale.at(number), y + 0.13, f"{number:,g}", size=8, align="center")

    def _rectangle(self, x: float, y: float, width: float, height: float, color: str) -> None:
        from matplotlib.patches import Rectangle  # noqa: PLC0415 - see png

        corner = (x / _WIDTH, 1 - (y + height) / self._height)
        self._figure.add_artist(
            Rectangle(
                corner,
                width / _WIDTH,
                height / self._height,
                facecolor=color,
                edgecolor="none",
                transform=self._figure.transFigure,
            )
        )


def markdown(funnel: Funnel) -> str:
    """The picture inside a line of Markdown, as Dagster's UI shows it."""
    title = _short(funnel.pipeline).translate(str.maketrans("[]()", "    "))
    return f"![{title}](data:image/png;base64,{base64.b64encode(png(funnel)).decode()})"


def _told(boxes: int, value: float | None) -> str:
    return f"{boxes:,}" if value is None else f"{boxes:,}  ({compact(value)})"


def _inches(text: str) -> float:
    """The width of a text at the size of the stages' names."""
    from matplotlib.font_manager import findfont, get_font  # noqa: PLC0415 - see png

    font = get_font(findfont("DejaVu Sans"))
    font.set_size(9, 72)
    font.set_text(text)
    return float(font.get_width_height()[0]) / 64 / 72


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
