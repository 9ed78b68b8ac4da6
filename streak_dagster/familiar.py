"""``dagster asset materialize --select streak/*``, as people have typed it for years.

To Dagster 1.12 and 1.13 a ``*`` behind a name means "and all below it", so that selects the asset
``streak/``, which nobody has, and fails. Dagster's spelling of what is meant is ``key:"streak/*"``. Such a
command loads this project first, and reads its selection then: so a process whose own command line asks for
``streak/*`` reads it as it is meant. Nothing else is changed, in no other process, and nothing of it is kept:
the run gets the keys. Where Dagster has no such function any more, its own answer stands.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from dagster import AssetSelection

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MEANT = {f"{schema}/*": f'key:"{schema}/*"' for schema in ("streak", "streak_views")}
_COMMANDS = {"materialize": "--select", "list": "--select", "launch": "--assets"}
"""Of ``dagster asset`` and of ``dg``, with the option that has the selection."""


def understand_familiar_selections(arguments: Sequence[str] | None = None) -> bool:
    """Read ``streak/*`` as it is meant, where the process's ``arguments`` ask for it. Says if they do."""
    asked = set(_selections(sys.argv if arguments is None else arguments))
    dagsters_own = getattr(AssetSelection, "from_string", None)
    if not asked & MEANT.keys() or dagsters_own is None:
        return False

    def from_string(string: str, *more: Any, **named: Any) -> AssetSelection:
        selection: AssetSelection = dagsters_own(MEANT.get(string.strip(), string), *more, **named)
        return selection

    AssetSelection.from_string = staticmethod(from_string)  # type: ignore[method-assign]
    return True


def _selections(arguments: Sequence[str]) -> Iterator[str]:
    """The parts of the selection that a command line has."""
    option = next((_COMMANDS[each] for each in arguments if each in _COMMANDS), None)
    if option is None:
        return
    for argument, following in zip(arguments, [*arguments[1:], ""], strict=True):
        if argument == option or argument.startswith(f"{option}="):
            value = following if argument == option else argument.partition("=")[2]
            yield from (part.strip() for part in value.split(","))
