"""The call that a fault strikes, and how to get its true answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from ..answers import Answer


@dataclass(frozen=True)
class Asked:
    """A call with the right key. `query` is what followed the `?`, still encoded."""

    method: str
    path: str
    query: str
    answer_to: Callable[[str], Awaitable[Answer]]
    """The true answer, were the query this one."""

    async def true(self) -> Answer:
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
