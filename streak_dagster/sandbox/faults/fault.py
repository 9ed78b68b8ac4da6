"""One planned failure: which calls, how often, and what happens to them."""

from __future__ import annotations

import math
import random
import re
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

    def _problems(self) -> list[str]:
        """What is wrong, a sentence each."""
        kind, name = self.what, self.kind
        found = [
            (not _pattern(self.path), f"The path must be a regular expression, not {self.path!r}."),
            (not _whole(self.skip, 0), f"skip must be a whole number of 0 or more, not {self.skip!r}."),
            (
                self.times is not None and not _whole(self.times, 1),
                f"times must be a whole number of 1 or more, or None for all, not {self.times!r}.",
            ),
            (
                not _number(self.probability) or self.probability > 1,
                f"probability must be a number from 0 to 1, not {self.probability!r}.",
            ),
            (not _whole(self.seed, None), f"seed must be a whole number, not {self.seed!r}."),
            (
                self.method is not None and not isinstance(self.method, str),
                f"method must be a word, not {self.method!r}.",
            ),
            (
                self.seconds is not None and not _number(self.seconds),
                f"seconds must be a number of 0 or more, not {self.seconds!r}.",
            ),
            (
                self.seconds is not None and kind.seconds is None,
                f"The fault {name} takes no seconds.",
            ),
            (
                self.form is not None and self.form not in kind.forms,
                f"The form of the fault {name} must be one of {', '.join(kind.forms)}, not {self.form!r}."
                if kind.forms
                else f"The fault {name} takes no form.",
            ),
            (
                self.status is not None and self.status not in kind.statuses,
                f"The status of the fault {name} must be one of {', '.join(map(str, kind.statuses))}, "
                f"not {self.status!r}."
                if kind.statuses
                else f"The fault {name} takes no status.",
            ),
            (
                name is not None and (self.body is not None or bool(self.headers)),
                f"The fault {name} takes no body and no headers.",
            ),
            (
                self.body is not None and not isinstance(self.body, bytes),
                f"body must be bytes, not {self.body!r}.",
            ),
            (
                not isinstance(self.headers, dict)
                or not all(isinstance(each, str) for pair in self.headers.items() for each in pair),
                "headers must be words by words.",
            ),
        ]
        return [sentence for wrong, sentence in found if wrong]


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
