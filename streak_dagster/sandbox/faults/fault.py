"""One planned failure: which calls, how often, and what happens to them."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..answers import Answer
from .kinds import Kind, kind_named
from .struck import Settings, StruckCall

_UNSET: Any = object()


@dataclass
class Fault:
    """One planned failure of calls whose path below `/api` contains a match of `path`.

    Of the calls that match, and that have the method if one is given, the first `skip` are answered as
    usual, the next `times` (None: all) are not; with a `probability` below 1 each is struck or spared by a
    random number from `seed`, so that the same seed strikes the same places in the order of arrival.

    `kind` is a name from `KINDS`. Without one, `status`, `body` and `headers` are sent as they are: empty and
    non-JSON bodies are among what Streak was seen to send (API notes, section 6). `status` (kind `gone`),
    `seconds` and `form` belong to single kinds, as their help says; None means the kind's own.

    `times` is 1 unless given; without end for kinds that stay (`gone`, `nothing`) and for probabilities.
    Impossible values raise `ValueError` with one sentence.
    """

    path: str = ""
    status: int | None = None
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    method: str | None = None
    skip: int = 0
    times: int | None = _UNSET
    struck: int = 0
    """How many calls it has made fail."""
    kind: str | None = None
    probability: float = 1.0
    seed: int = 0
    seconds: float | None = None
    form: str | None = None

    def __post_init__(self) -> None:
        """Check everything and fill in what belongs to the kind."""
        self.what: Kind = kind_named(self.kind)
        if self.times is _UNSET:
            self.times = None if self.what.stays or self.probability < 1 else 1
        for problem in self._problems():
            raise ValueError(problem)
        self._pattern = re.compile(self.path)
        self._random = random.Random(self.seed)  # noqa: S311 - nothing secret
        self._seen = self._hits = 0
        if self.seconds is None:
            self.seconds = self.what.seconds
        if self.form is None and self.what.forms:
            self.form = self.what.forms[0]
        if self.method is not None:
            self.method = self.method.upper()

    def strikes(self, method: str, below: str) -> bool:
        """Whether the call (path below `/api`) is to fail; each call is to be shown to it once."""
        if self.method not in (None, method) or not self._pattern.search(below):
            return False
        self._seen += 1
        if self._seen <= self.skip or (self.times is not None and self._hits >= self.times):
            return False
        if self.probability < 1 and self._random.random() >= self.probability:
            return False
        self._hits += 1
        self.struck += 1
        return True

    def spare(self) -> None:
        """The call struck last can't be made to fail in this way: it doesn't count."""
        self._hits -= 1
        self.struck -= 1

    async def answer(self, call: StruckCall) -> Answer | None:
        """What a struck call is answered; None when it can't be made to fail in this way."""
        settings = Settings(self.status, self.body, self.headers, self.seconds, self.form)
        return await self.what.answer(settings, call)

    def as_json(self) -> dict[str, object]:
        """What `GET /_sandbox/faults` answers."""
        names = ("path", "kind", "method", "skip", "times", "probability", "seed", "struck")
        return {name: getattr(self, name) for name in names}

    def _problems(self) -> Iterator[str]:
        """What is wrong, a sentence each."""
        kind, name = self.what, self.kind
        times, method, seconds, body = self.times, self.method, self.seconds, self.body
        for right, option, wanted, value in (
            (_pattern(self.path), "The path", "a regular expression", self.path),
            (_whole(self.skip, 0), "skip", "a whole number of 0 or more", self.skip),
            (
                times is None or _whole(times, 1),
                "times",
                "a whole number of 1 or more, or None for all",
                times,
            ),
            (
                _number(self.probability) and self.probability <= 1,
                "probability",
                "a number from 0 to 1",
                self.probability,
            ),
            (_whole(self.seed, None), "seed", "a whole number", self.seed),
            (method is None or isinstance(method, str), "method", "a word", method),
            (seconds is None or _number(seconds), "seconds", "a number of 0 or more", seconds),
            (body is None or isinstance(body, bytes), "body", "bytes", body),
        ):
            if not right:
                yield f"{option} must be {wanted}, not {value!r}."
        for option, value, allowed in (
            ("form", self.form, kind.forms),
            ("status", self.status, kind.statuses),
        ):
            if value is not None and value not in allowed:
                choices = ", ".join(map(str, allowed))
                yield (
                    f"The {option} of the fault {name} must be one of {choices}, not {value!r}."
                    if allowed
                    else f"The fault {name} takes no {option}."
                )
        if seconds is not None and kind.seconds is None:
            yield f"The fault {name} takes no seconds."
        if name is not None and (body is not None or self.headers):
            yield f"The fault {name} takes no body and no headers."
        if not isinstance(self.headers, dict) or not all(
            isinstance(each, str) for pair in self.headers.items() for each in pair
        ):
            yield "headers must be words by words."


def _pattern(text: object) -> bool:
    try:
        re.compile(text)  # type: ignore[call-overload]
    except (re.error, TypeError):
        return False
    return isinstance(text, str)


def _whole(value: object, minimum: int | None) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and (minimum is None or value >= minimum)


def _number(value: object) -> bool:
    return (
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and math.isfinite(value)
        and value >= 0
    )
