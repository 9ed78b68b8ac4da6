"""How an answer leaves: whole, or in one of the ways in which networks fail."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from email.utils import formatdate
from http import HTTPStatus
from typing import Any

from ..answers import Answer

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_LINGER = struct.pack("ii", 1, 0)
"""SO_LINGER on, 0 seconds: closing discards what is unsent and sends RST."""


class Delivery:
    """Sends answers. Its pauses can be ended, so that a server may stop while somebody hangs."""

    def __init__(self) -> None:
        self._pauses: set[asyncio.Future[None]] = set()
        self._ended = False

    def end_pauses(self) -> None:
        """End all pauses, now and later. To be called on the event loop."""
        self._ended = True
        for pause in self._pauses:
            _end(pause)

    async def pause(self, seconds: float, gone: asyncio.Future[None] | None = None) -> None:
        """A delay that `end_pauses` can end, and that ends when `gone` is done."""
        if self._ended:
            return
        loop = asyncio.get_running_loop()
        pause: asyncio.Future[None] = loop.create_future()
        timer = loop.call_later(seconds, _end, pause)
        self._pauses.add(pause)

        def end(_gone: asyncio.Future[None]) -> None:
            _end(pause)

        try:
            if gone is not None:
                gone.add_done_callback(end)
            await pause
        finally:
            if gone is not None:
                gone.remove_done_callback(end)
            timer.cancel()
            self._pauses.discard(pause)

    async def send(self, answer: Answer, receive: Receive, send: Send) -> None:
        """Send it in its manner; `slow` is a delay, which comes before this."""
        if answer.manner == "drip":
            await self._drip(answer, receive, send)
            return
        if answer.manner in ("whole", "slow"):
            await send(_start(answer))
            await send({"type": "http.response.body", "body": answer.body})
            return
        if answer.manner == "reset":
            await _reset(receive, send)
        else:
            if answer.manner == "half":
                await send(_start(answer))
                half = answer.body[: len(answer.body) // 2]
                await send({"type": "http.response.body", "body": half, "more_body": True})
            await self.pause(answer.seconds)
            _transport(send).close()
        await _until_closed(receive)

    async def _drip(self, answer: Answer, receive: Receive, send: Send) -> None:
        gone = asyncio.ensure_future(_until_closed(receive))
        try:
            await send(_start(answer))
            for place in range(len(answer.body)):
                if gone.done():  # the client has left
                    return
                piece = answer.body[place : place + 1]
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                if answer.seconds:
                    await self.pause(answer.seconds, gone)
                else:
                    await asyncio.sleep(0)
            await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()


def _start(answer: Answer) -> dict[str, Any]:
    usual = {b"content-type": answer.content_type, b"date": formatdate(usegmt=True).encode()}
    if answer.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):  # these have no body at all
        usual[b"content-length"] = str(len(answer.body)).encode()
    said = {name for name, _ in answer.headers}  # a fault may say another time than ours, and other things
    headers = [*((name, value) for name, value in usual.items() if name not in said), *answer.headers]
    return {"type": "http.response.start", "status": answer.status, "headers": headers}


async def _reset(receive: Receive, send: Send) -> None:
    # Read to the end first: a client that is still sending may see a broken pipe, not a reset.
    while (message := await receive())["type"] == "http.request" and message.get("more_body"):
        pass
    transport = _transport(send)
    if not transport.is_closing():
        sock: socket.socket = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
        transport.abort()


def _transport(send: Send) -> asyncio.Transport:
    """The connection: ASGI hides it, but uvicorn's `send` is a method of what holds it (both protocols)."""
    transport: asyncio.Transport = send.__self__.transport  # type: ignore[attr-defined]
    return transport


async def _until_closed(receive: Receive) -> None:
    """Return after uvicorn knows that the connection is gone: before, it would want an answer."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _end(pause: asyncio.Future[None]) -> None:
    if not pause.done():
        pause.set_result(None)
