"""What was sent with a request."""

from __future__ import annotations

from .call import HTTPError
from .delivery import Receive

MAX_BODY = 1 << 20
"""Only arrays of keys are ever sent: a longer body is refused."""


class Body:
    """Read when it is first needed, and once: reading on would wait until the client is gone."""

    def __init__(self, method: str, receive: Receive) -> None:
        self._receive = receive
        self._result: bytes | HTTPError | None = None if method == "POST" else b""

    async def read(self) -> bytes:
        """All of it, empty unless the method is POST; `HTTPError` when it is too long."""
        if self._result is None:
            self._result = await self._read()
        if isinstance(self._result, HTTPError):
            raise self._result
        return self._result

    async def _read(self) -> bytes | HTTPError:
        body: bytes = b""
        while True:
            message = await self._receive()
            body += message.get("body", b"")
            if len(body) > MAX_BODY:
                return HTTPError(400, "The body is too long")
            if message["type"] != "http.request" or not message.get("more_body"):
                return body
