"""Kinds of values that a variable's text may say, each with what is allowed in the words of its error.

A kind's bounds are written once: from them come the check, the error, the README and ``.env.example``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar
from zoneinfo import ZoneInfo

from streak_dagster.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")


@dataclass(frozen=True)
class Kind(Generic[T]):
    """What a text may be (``allowed`` goes on after "must be") and the value that it says.

    ``parse`` raises ValueError for what isn't allowed, or a SettingsError of its own where that says more.
    ``fold`` makes texts alike that mean the same.
    """

    allowed: str
    parse: Callable[[str], T]
    fold: Callable[[str], str] = str

    def read(self, variable: str, text: str) -> T:
        """The value that a text says. Raises SettingsError, which names the variable."""
        text = self.fold(text)
        try:
            return self.parse(text)
        except ValueError:
            raise SettingsError(f"{variable} must be {self.allowed}, not {text!r}.") from None


def bounded(value: float, minimum: float, maximum: float) -> float:
    """The value itself. Raises ValueError where it isn't within its bounds, which are allowed."""
    if not minimum <= value <= maximum:  # nan, too, is within no bounds
        raise ValueError(value)
    return value


def number(minimum: float, maximum: float) -> Kind[float]:
    """A number within bounds, both of which are allowed."""

    def parse(text: str) -> float:
        return bounded(float(text), minimum, maximum)

    return Kind(f"a number from {minimum:g} to {maximum:g}", parse)


def whole_number(minimum: int, maximum: int) -> Kind[int]:
    """A whole number within bounds, both of which are allowed."""

    def parse(text: str) -> int:
        return int(bounded(int(text), minimum, maximum))

    return Kind(f"a whole number from {minimum} to {maximum}", parse)


def choice(*names: str) -> Kind[str]:
    """One of some words."""
    values = {name: name for name in names}
    return Kind(" or ".join(names), lambda text: _looked_up(values, text))


def switch(values: Mapping[str, bool]) -> Kind[bool]:
    """Yes or no in one of some spellings, in upper or lower case; errors name the first two."""
    return Kind(" or ".join(list(values)[:2]), lambda text: _looked_up(values, text), fold=str.lower)


ON_OR_OFF = switch({"on": True, "off": False})
YES_OR_NO = switch({"1": True, "0": False, "true": True, "false": False, "on": True, "off": False})


def names_of(things: str) -> Kind[tuple[str, ...]]:
    """Names separated by commas, as they are written. Whether they exist isn't checked here."""

    def parse(text: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in text.split(",") if part.strip())

    return Kind(f"{things}, separated by commas", parse)


def _known_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (LookupError, OSError) as error:  # no such zone, or no name of one
        raise ValueError(text) from error
    return text


TIMEZONE = Kind("the name of a time zone such as Europe/Berlin or UTC", _known_zone)


def _looked_up(values: Mapping[str, T], text: str) -> T:
    if text not in values:
        raise ValueError(text)
    return values[text]
