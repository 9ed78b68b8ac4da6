"""The server's face: journal, rate limit, key check, dispatch, delay.

One plain ASGI function, no middleware.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import math
import time
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from .answers import Answer, Call, RefusalError, error_answer, json_answer
from .journal import Arrival
from .routes import ROUTER
from .routing import Handler, is_slow

if TYPE_CHECKING:
    from .state import State

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LONGEST_BODY = 1 << 20
"""Only arrays of keys are ever sent: a longer body is refused."""


class App:
    """ASGI application over a `State`, which may be changed while it runs."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._pauses: set[asyncio.Future[None]] = set()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="streak-sandbox-lists")

    def close(self) -> None:
        """End the thread of the slow routes."""
        self._pool.shutdown()

    def hurry(self) -> None:
        """End all delays, now: the server wants to stop. To be called on its event loop."""
        for pause in self._pauses:
            _end(pause)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        path: str = scope["path"]
        if path.startswith("/_sandbox/"):
            await _send(send, self._inspect(scope["method"], path))
            return
        at = scope.get("arrived") or time.monotonic()
        arrival = Arrival(at, time.time(), scope["method"], path, scope["query_string"].decode("latin-1"))
        self._state.journal.add(arrival)
        state = self._state
        wait = state.limiter.admit(at, count_refused=state.variants.count_refused)
        if wait is not None:
            answer = _too_many(wait, state.variants.retry_after)
        else:
            answer = await self._answer(scope, receive)
        if state.latency > 0 and wait is None:
            await self._pause(state.latency)
        arrival.status, arrival.kind, arrival.bytes = answer.status, answer.kind, len(answer.body)
        await _send(send, answer)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        method, path = scope["method"], scope["path"]
        early = self._unauthorized(scope["headers"]) or self._state.faults.strike(method, path)
        if early is not None:
            return early
        try:
            handler, keys = _route(method, path)
            body = await _body(receive) if method == "POST" else b""
        except RefusalError as refusal:
            return error_answer(refusal.status, refusal.error, refusal.kind)
        query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        call = Call(self._state.workspace, self._state.variants, query, body)
        if is_slow(handler):
            return await asyncio.get_running_loop().run_in_executor(self._pool, _handle, handler, call, keys)
        return _handle(handler, call, keys)

    def _unauthorized(self, headers: list[tuple[bytes, bytes]]) -> Answer | None:
        """A 401 unless the key was sent, as Basic user with an empty password or as Bearer."""
        sent = next((value for name, value in headers if name == b"authorization"), b"")
        key = _credential(sent)
        if not key:
            return error_answer(401, "Authentication required", "unauthorized")
        right = self._state.valid and hmac.compare_digest(key.encode(), self._state.key.encode())
        return (
            None
            if right
            else json_answer({"success": False, "error": "invalid api key"}, 401, "unauthorized")
        )

    async def _pause(self, seconds: float) -> None:
        """A delay that `hurry` can end."""
        loop = asyncio.get_running_loop()
        pause: asyncio.Future[None] = loop.create_future()
        timer = loop.call_later(seconds, _end, pause)
        self._pauses.add(pause)
        try:
            await pause
        finally:
            timer.cancel()
            self._pauses.discard(pause)

    def _inspect(self, method: str, path: str) -> Answer:
        """The sandbox's own paths: not counted, not limited, no key."""
        if path == "/_sandbox/journal":
            if method == "DELETE":
                self._state.journal.clear()
                return json_answer({"success": True})
            return json_answer(self._state.journal.as_json())
        if path == "/_sandbox/health":
            return json_answer({"ok": True})
        return error_answer(404, f"Not found: {path}", "unknown")


def _route(method: str, path: str) -> tuple[Handler, list[str]]:
    """The route of a path and the keys in it; refused as Streak does when there is none."""
    found = ROUTER.find(path[5:]) if path.startswith("/api/") else None
    if found is None:
        if path.startswith("/api/v2/"):
            raise RefusalError(400, "Invalid API path specified", "unknown")
        raise RefusalError(404, f"Not found: {path}", "unknown")
    handlers, keys = found
    if method not in handlers:
        raise RefusalError(405, f"The sandbox is read-only and doesn't know {method} {path}", "unknown")
    return handlers[method], keys


def _end(pause: asyncio.Future[None]) -> None:
    if not pause.done():
        pause.set_result(None)


def _handle(handler: Handler, call: Call, keys: list[str]) -> Answer:
    """The route's answer, or that to what it raised."""
    try:
        value = handler(call, *keys)
        return value if isinstance(value, Answer) else json_answer(value)
    except KeyError as missing:
        key = missing.args[0] if missing.args else ""
        return error_answer(call.variants.missing_object_status, f"No such object: {key}", "missing")
    except RefusalError as refusal:
        return error_answer(refusal.status, refusal.error, refusal.kind)
    except Exception as error:  # noqa: BLE001 - a bug in a route must be an answer, not a dead connection
        return error_answer(500, f"The sandbox failed: {type(error).__name__}: {error}", "failed")


def _credential(header: bytes) -> str | None:
    scheme, _, rest = header.decode("latin-1").partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(rest.strip(), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "?"  # sent something, but it can't be a key
        return "?" if password else user
    return None


def _too_many(wait: float, form: str) -> Answer:
    """A 429 that says, or doesn't, when to come back."""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    if form == "seconds":
        headers = ((b"retry-after", str(max(1, math.ceil(wait))).encode()),)
    elif form == "date":
        # HTTP dates have whole seconds: rounded up, so that who comes then isn't too early.
        headers = ((b"retry-after", formatdate(math.ceil(time.time() + wait), usegmt=True).encode()),)
    return json_answer(
        {"error": "Too many requests: the limit of calls a second is exceeded"}, 429, "refused", headers
    )


async def _body(receive: Receive) -> bytes:
    body: bytes = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > LONGEST_BODY:
            raise RefusalError(400, "The body is too long")
        if message["type"] != "http.request" or not message.get("more_body"):
            return body


async def _send(send: Send, answer: Answer) -> None:
    headers = [
        (b"content-type", answer.content_type),
        (b"content-length", str(len(answer.body)).encode()),
        *answer.headers,
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
