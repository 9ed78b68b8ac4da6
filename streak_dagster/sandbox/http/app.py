"""What happens to one request: journal, rate limit, key check, faults, route, delay.

One plain ASGI function, no middleware.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

from ..answers import NO_ACCESS, Answer, error_answer
from ..faults.struck import StruckCall
from ..objects.types import HiddenError
from ..workspace.workspace import Workspace
from .body import Body
from .call import Call, HTTPError
from .control import inspect
from .credentials import credential
from .delivery import Delivery, Receive, Send
from .journal import Arrival
from .limiter import rate_limited
from .routes.table import ROUTER
from .routing import Handler, is_slow
from .state import State
from .strict import check_parameters

Scope = MutableMapping[str, Any]


class App:
    """ASGI application over a `State`, which may be changed while it runs."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._delivery = Delivery()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="streak-sandbox-lists")

    def close(self) -> None:
        """End the thread of the slow routes."""
        self._pool.shutdown()

    def end_pauses(self) -> None:
        """End all delays, now: the server wants to stop. To be called on its event loop."""
        self._delivery.end_pauses()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        state, method, path = self._state, scope["method"], scope["path"]
        if path.startswith("/_sandbox/"):
            await self._delivery.send(await self._inspect(method, path, receive), receive, send)
            return
        at = scope["arrived"]
        arrival = Arrival(at, time.time(), method, path, scope["query_string"].decode("latin-1"))
        state.journal.add(arrival)
        wait = state.limiter.admit(at, count_refused=state.variants.count_refused)
        if wait is not None:
            answer = rate_limited(wait, state.variants.retry_after)
        else:
            answer = await self._answer(scope, arrival, receive)
        delay = state.latency if wait is None else 0
        if answer.manner == "slow":
            delay += answer.seconds
        if delay > 0:
            await self._delivery.pause(delay)
        arrival.status, arrival.kind, arrival.bytes = answer.status or None, answer.kind, len(answer.body)
        await self._delivery.send(answer, receive, send)

    async def _inspect(self, method: str, path: str, receive: Receive) -> Answer:
        try:
            return inspect(self._state, method, path, await Body(method, receive).read())
        except HTTPError as error:
            return error.answer()

    async def _answer(self, scope: Scope, arrival: Arrival, receive: Receive) -> Answer:
        """What a call within the limit is answered: scripted changes first, then key, fault, truth."""
        state, method, path = self._state, arrival.method, arrival.path
        if state.faults.any:
            failed = await self._change(method, path)
            if failed is not None:
                return failed
        workspace = state.account(credential(scope["headers"], strict=state.strict))
        if isinstance(workspace, Answer):
            return workspace
        fault = state.faults.strike(method, path) if state.faults.any else None
        body = Body(method, receive)
        if fault is None:
            return await self._truth(arrival, workspace, body, arrival.query)
        call = StruckCall(arrival.query, lambda query: self._truth(arrival, workspace, body, query))
        struck = await fault.answer(call)
        if struck is None:
            state.faults.spare(fault)
            return await call.true_answer()
        return replace(struck, kind="fault" if fault.kind is None else f"fault:{fault.kind}")

    async def _truth(self, arrival: Arrival, workspace: Workspace, body: Body, query: str) -> Answer:
        """The true answer, were the query this one."""
        strict = self._state.strict
        parsed = parse_qs(query, keep_blank_values=True)
        try:
            route, handler, keys = _route(arrival.method, arrival.path, strict=strict)
            if strict:
                check_parameters(route, parsed)
            sent = await body.read()
        except HTTPError as error:
            return error.answer()
        faults = self._state.faults
        gone = faults.gone if faults.any else frozenset()
        call = Call(workspace, self._state.variants, parsed, sent, gone, strict)
        if is_slow(handler):
            return await asyncio.get_running_loop().run_in_executor(self._pool, _handle, handler, call, keys)
        return _handle(handler, call, keys)

    async def _change(self, method: str, path: str) -> Answer | None:
        """Run the scripted changes that are due; a 500 when one raises."""
        faults, loop = self._state.faults, asyncio.get_running_loop()
        for change in faults.due(method, path):
            # Beside the event loop, as what it does may take long or wait for this very server.
            await loop.run_in_executor(None, change.run, self._state.workspace)
            error = change.error
            if error is not None:
                faults.failed(change)
                text = f"A scripted change failed: {type(error).__name__}: {error}"
                return error_answer(500, text, "failed")
        return None


def _route(method: str, path: str, *, strict: bool) -> tuple[str, Handler, list[str]]:
    """The route of a path, who answers it, and the keys in it; refused as Streak does when there is none.

    Unless strict, slashes too many don't count, and HEAD asks as GET does.
    """
    if not strict:
        path = "/" + "/".join(filter(None, path.split("/")))
        method = "GET" if method == "HEAD" else method
    found = ROUTER.find(path[5:]) if path.startswith("/api/") else None
    if found is None:
        if path.startswith("/api/v2/"):
            raise HTTPError(400, "Invalid API path specified", "unknown")
        raise HTTPError(404, f"Not found: {path}", "unknown")
    route, handlers, keys = found
    if method not in handlers:
        raise HTTPError(405, f"The sandbox is read-only and doesn't know {method} {path}", "unknown")
    return route, handlers[method], keys


def _handle(handler: Handler, call: Call, keys: list[str]) -> Answer:
    """The route's answer, or that to what it raised."""
    try:
        value = handler(call, *keys)
        return value if isinstance(value, Answer) else call.answer(value)
    except HiddenError as hidden:
        return error_answer(hidden.status, NO_ACCESS[hidden.status], "missing")
    except KeyError as missing:
        key = missing.args[0] if missing.args else ""
        return error_answer(call.variants.missing_object_status, f"No such object: {key}", "missing")
    except HTTPError as error:
        return error.answer()
    except Exception as error:  # noqa: BLE001 - a bug in a route must be an answer, not a dead connection
        return error_answer(500, f"The sandbox failed: {type(error).__name__}: {error}", "failed")
