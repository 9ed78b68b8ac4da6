"""uvicorn, made to measure: it stamps arrivals, keeps quiet, and stops when it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol  # httptools comes with dagster-webserver


class StampingProtocol(HttpToolsProtocol):
    """uvicorn's protocol that stamps a request when its headers are there, and never writes an access log."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.access_log = False

    def on_headers_complete(self) -> None:
        self.scope["arrived"] = time.monotonic()  # type: ignore[typeddict-unknown-key]
        super().on_headers_complete()


class SilentConfig(uvicorn.Config):
    def configure_logging(self) -> None:
        """Nothing: the process's logging belongs to Dagster or pytest."""


class StoppableServer(uvicorn.Server):
    """uvicorn's server that tells when it listens, leaves signals alone, and stops when it is told to.

    uvicorn's own looks ten times a second whether it should stop.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = threading.Event()
        self.loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """To be called on the event loop."""
        self.should_exit = True
        self._stopping.set()

    async def main_loop(self) -> None:
        ticks = 0
        while not await self.on_tick(ticks):
            ticks = (ticks + 1) % 864000
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), 0.1)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.loop = asyncio.get_running_loop()
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
