"""Names of sheets that Excel takes, each once."""

from __future__ import annotations

import re

_LONGEST = 31
"""Letters, in UTF-16."""
_REFUSED = re.compile(r"[\x00-\x1f\x7f\ufffe\uffff\[\]:*?/\\]+")
_EXCELS_OWN = "history"


class SheetNames:
    """The names that were given in a workbook, which tells no case of letters apart."""

    def __init__(self) -> None:
        self._used = {_EXCELS_OWN}

    def give(self, label: str, otherwise: str = "Sheet") -> str:
        """A name like the label, or like ``otherwise`` where no letter of that is left."""
        return self._free(_safe(label) or _safe(otherwise), "")

    def go_on(self, name: str, number: int) -> str:
        """The name of the sheet on which a sheet goes on: ``Sales (2)``."""
        return self._free(name, f" ({number})")

    def _free(self, name: str, end: str) -> str:
        found, number = _cut(name, end), 1
        while found.casefold() in self._used:
            number += 1
            found = _cut(name, f" {number}{end}")
        self._used.add(found.casefold())
        return found


def _safe(label: str) -> str:
    # An apostrophe may stand inside, a space at an end is one that nobody sees.
    return " ".join(_REFUSED.sub(" ", label).split()).strip("' ")


def _cut(name: str, end: str) -> str:
    while _units(name) + _units(end) > _LONGEST:
        name = name[:-1]
    return name.rstrip("' ") + end


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
