"""The README's table of settings and ``.env.example``, from the declarations.

``python -m streak_dagster.settings.docs`` writes both. A test renders them again and compares, so neither
can fall behind.
"""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

from streak_dagster.settings.declared import DECLARED
from streak_dagster.settings.setting import Setting

_CLONE = Path(__file__).resolve().parents[2]
README = _CLONE / "README.md"
ENV_EXAMPLE = _CLONE / ".env.example"

_BEGIN = "<!-- settings: written by `make docs` from streak_dagster/settings/declared.py -->"
_END = "<!-- settings end -->"
_HEADING = ["| variable | default | allowed | meaning |", "|---|---|---|---|"]

_INTRODUCTION = """\
# Copy to `.env`, which git ignores. Every line is optional, and an empty one sets nothing; what the
# environment sets comes first. (Written by `make docs` from streak_dagster/settings/declared.py.)
"""
_FILLED_IN = "STREAK_API_KEY"
"""The one line that everybody fills in who has an account, so it isn't commented out."""


def table() -> str:
    """The table of all settings as Markdown, without a newline at its end."""
    return "\n".join([*_HEADING, *map(_row, DECLARED.values())])


def with_table(page: str) -> str:
    """A page with today's table between its marks. Raises ValueError where the page lacks one of them."""
    before, begin, rest = page.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise ValueError(f"the page needs the lines {_BEGIN} and {_END} around its table of settings")
    return f"{before}{begin}\n\n{table()}\n\n{end}{after}"


def env_example() -> str:
    """The whole of ``.env.example``, ending with a newline."""
    return "\n".join([_INTRODUCTION, *map(_lines, DECLARED.values())])


def _row(setting: Setting) -> str:
    default = setting.default_told or f"`{setting.default}`"
    meaning = f"{setting.meaning} {setting.more}".rstrip()
    cells = (f"`{setting.variable}`", default, setting.kind.allowed, meaning)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _lines(setting: Setting) -> str:
    mark = "" if setting.variable == _FILLED_IN else "# "
    return "\n".join(
        [
            *textwrap.wrap(f"# {setting.plain_meaning}", 105, subsequent_indent="# ", break_on_hyphens=False),
            f"# Allowed: {setting.kind.allowed}.",
            f"{mark}{setting.variable}={setting.shown}",
            "",
        ]
    )


def main() -> None:
    """Write both, and say where they are."""
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")
    ENV_EXAMPLE.write_text(env_example(), encoding="utf-8")
    sys.stdout.write(f"{README}\n{ENV_EXAMPLE}\n")


if __name__ == "__main__":
    main()
