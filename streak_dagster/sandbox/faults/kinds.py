"""All kinds of faults by their names."""

from __future__ import annotations

import difflib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from ..answers import Answer
from . import instead, records, spoilt
from .struck import Settings, StruckCall

Make = Callable[[Settings, StruckCall], Awaitable[Answer | None]]


@dataclass(frozen=True)
class Kind:
    """One kind: what a struck call is answered; None when it can't be struck in this way."""

    name: str
    text: str
    answer: Make
    seconds: float | None = None
    """The default of `seconds`; None when the kind takes none."""
    statuses: tuple[int, ...] = ()
    forms: tuple[str, ...] = ()
    """The first one is the default."""
    stays: bool = False
    """Whether it strikes without end unless `times` says otherwise."""


def _instead(make: Callable[[Settings], Answer]) -> Make:
    """Answered without asking for the truth."""

    async def answer(settings: Settings, _call: StruckCall) -> Answer:
        return make(settings)

    return answer


def _spoilt(
    spoil: Callable[[Settings, StruckCall, Answer], Answer | None],
) -> Make:
    """The true answer, spoilt."""

    async def answer(settings: Settings, call: StruckCall) -> Answer | None:
        return spoil(settings, call, await call.true_answer())

    return answer


def _status(status: int, **how: Any) -> Make:
    return _instead(lambda settings: instead.failure(settings, status, **how))


PLAIN = Kind(
    "fault", "status, body and headers as given", _instead(instead.plain), statuses=tuple(range(200, 600))
)
"""What a `Fault` without a kind is."""

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        # Statuses
        Kind("rate_limited_seconds", "429, Retry-After: seconds", _status(429, after="seconds"), seconds=1),
        Kind("rate_limited_date", "429, Retry-After: HTTP date", _status(429, after="date"), seconds=1),
        Kind("rate_limited", "429 without Retry-After", _status(429)),
        Kind("error_500", "500", _status(500)),
        Kind("error_502", "502, a proxy's HTML page", _status(502, page=True)),
        Kind("error_503", "503", _status(503)),
        Kind("error_503_retry_after", "503, Retry-After: seconds", _status(503, after="seconds"), seconds=1),
        Kind("error_504", "504, a proxy's HTML page", _status(504, page=True)),
        Kind(
            "status",
            "a status from now on, such as 422 or 204",
            _instead(instead.plain),
            statuses=PLAIN.statuses,
            stays=True,
        ),
        Kind(
            "gone",
            "the object in the path answers with a status from now on",
            _instead(instead.gone),
            statuses=(404, 400, 401, 403),
            stays=True,
        ),
        # Connections
        Kind("reset", "connection reset before any answer", _instead(instead.reset)),
        Kind("hang", "no byte for some seconds, then closed", _instead(instead.hang), seconds=60),
        Kind("slow", "the true answer after some seconds", _spoilt(spoilt.slow), seconds=5),
        Kind("drip", "the true answer byte by byte, seconds apart", _spoilt(spoilt.drip), seconds=0),
        Kind(
            "half_body",
            "half of the announced body, silence for some seconds, then closed",
            _spoilt(spoilt.half_body),
            seconds=0,
        ),
        # Bodies
        Kind("truncated_json", "half of the JSON, its length announced", _spoilt(spoilt.truncated_json)),
        Kind("html", "200 and an HTML error page", _instead(instead.html)),
        Kind("null", "200 and null", _instead(instead.null)),
        Kind("empty", "200 and nothing", _instead(instead.empty)),
        Kind("success_false", "200 and success false", _instead(instead.success_false)),
        Kind("envelope", "200, the records in another shape", _spoilt(spoilt.envelope), forms=spoilt.FORMS),
        # Records and pages
        Kind("nothing", "lists are empty", _spoilt(records.nothing), stays=True),
        Kind("duplicate_page", "a page has the records of the one before", records.duplicate_page),
        Kind("endless", "a list says that there is more, for ever", _spoilt(records.endless)),
        Kind("repeated_record", "a list has its last record twice", _spoilt(records.repeated_record)),
        Kind("null_record", "a list's first record is null", _spoilt(records.null_record)),
        Kind("no_key", "the first record has no key", _spoilt(records.no_key)),
        Kind("wrong_key_type", "the first record's key is a number", _spoilt(records.wrong_key_type)),
        Kind("wrong_types", "times are words, lists are words", _spoilt(records.wrong_types)),
    )
}


def kind_named(name: str | None) -> Kind:
    """The kind; a name that isn't one raises `ValueError` with the names that are."""
    if name is None:
        return PLAIN
    if not isinstance(name, str) or name not in KINDS:
        near = difflib.get_close_matches(str(name), KINDS, 1)
        meant = f" (did you mean {near[0]}?)" if near else ""
        raise ValueError(f"There is no fault {name!r}{meant}; the kinds are {', '.join(KINDS)}.")
    return KINDS[name]
