"""A call that is made to fail, and the settings of the fault that does it: all that a kind is given.

It stands apart from `Fault`: a fault looks up its kind, and the functions of a kind take this.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from ..answers import Answer


@dataclass(frozen=True)
class Settings:
    """The settings of a fault that belong to its kind; `Fault` has checked and completed them."""

    status: int | None = None
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float | None = None
    form: str | None = None


@dataclass(frozen=True)
class StruckCall:
    """A call with the right key. `query` is what followed the `?`, still encoded."""

    query: str
    answer_to: Callable[[str], Awaitable[Answer]]
    """The true answer, were the query this one."""

    async def true_answer(self) -> Answer:
        """What would have been answered."""
        return await self.answer_to(self.query)

    @property
    def params(self) -> dict[str, str]:
        """The query decoded; of a repeated name the last value."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    def with_params(self, **changed: object) -> str:
        """The query with some parameters changed, or with None removed."""
        params: dict[str, object] = {**self.params, **changed}
        return urlencode({name: value for name, value in params.items() if value is not None})
