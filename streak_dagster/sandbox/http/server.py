"""The running sandbox: uvicorn on a loopback socket, in a thread of its own."""

from __future__ import annotations

import contextlib
import math
import socket
import threading
from collections.abc import Mapping
from types import TracebackType

from ..faults.plan import Faults
from ..workspace.workspace import Workspace
from .app import App
from .journal import Journal
from .limiter import SlidingWindow
from .state import State
from .uvicorn_server import SilentConfig, StampingProtocol, StoppableServer
from .variants import Variants

LOOPBACK = "127.0.0.1"


class Sandbox:
    """A Streak-compatible server on loopback. Listens once the constructor returns, until `close()`.

    `rate` is calls a second (0: no limit), `latency` seconds by which each answer is delayed, `port` 0
    picks a free one. `accounts` maps further keys to the workspaces that they open; all share the rate.
    By default it takes whatever nobody saw Streak refuse; `strict`, only what is documented (`strict.py`).
    `variants`, `latency` and `workspace` may be replaced while it runs. Use it as a context manager.
    Raises `ValueError` for impossible settings and `OSError` when the port can't be had.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        key: str = "sandbox",
        rate: float = 10.0,
        latency: float = 0.0,
        variants: Variants | None = None,
        strict: bool = False,
        port: int = 0,
        accounts: Mapping[str, Workspace] | None = None,
    ) -> None:
        others = dict(accounts or {})
        if not all(each and ":" not in each for each in (key, *others)):
            raise ValueError("The key must not be empty and must not contain a colon.")
        if key in others:
            raise ValueError("The keys of other accounts must differ from the first.")
        self._state = State(
            workspace,
            key,
            SlidingWindow(rate),
            _checked_latency(latency),
            variants or Variants(),
            strict,
            others,
        )
        # The protocol named: asyncio turns Nagle's delay (40 ms an answer) off only on sockets that say TCP.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind((LOOPBACK, port))
        except (OSError, OverflowError):
            self._socket.close()
            raise
        self.url = f"http://{LOOPBACK}:{self._socket.getsockname()[1]}/api"
        self._app = App(self._state)
        self._server = StoppableServer(
            SilentConfig(
                self._app,
                loop="asyncio",
                http=StampingProtocol,
                ws="none",
                lifespan="off",
                log_config=None,
                log_level=None,
                access_log=False,
                server_header=False,
                date_header=False,  # ours is of the moment, uvicorn's up to a second old
                timeout_keep_alive=60,
                timeout_graceful_shutdown=2,
                backlog=512,
            )
        )
        self._thread = threading.Thread(target=self._run, name="streak-sandbox", daemon=True)
        self._thread.start()
        while not self._server.listening.wait(0.05):
            if not self._thread.is_alive():
                self._app.close()
                self._socket.close()
                raise OSError(f"The sandbox could not start on {self.url}.")

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])

    @property
    def key(self) -> str:
        """The API key that is accepted."""
        return self._state.key

    @property
    def journal(self) -> Journal:
        """What arrived."""
        return self._state.journal

    @property
    def faults(self) -> Faults:
        """Failures on purpose."""
        return self._state.faults

    @property
    def variants(self) -> Variants:
        """How it answers; may be replaced."""
        return self._state.variants

    @variants.setter
    def variants(self, variants: Variants) -> None:
        self._state.variants = variants

    @property
    def workspace(self) -> Workspace:
        """The data; may be edited or replaced."""
        return self._state.workspace

    @workspace.setter
    def workspace(self, workspace: Workspace) -> None:
        self._state.workspace = workspace

    @property
    def latency(self) -> float:
        """Seconds by which each answer is delayed; may be replaced."""
        return self._state.latency

    @latency.setter
    def latency(self, seconds: float) -> None:
        self._state.latency = _checked_latency(seconds)

    @property
    def accounts(self) -> dict[str, Workspace]:
        """Further keys and the workspaces that they open; may be changed."""
        return self._state.accounts

    def revoke(self, key: str | None = None) -> None:
        """Make a key (by default the first) invalid from now on."""
        self._state.revoked.add(self.key if key is None else key)

    def restore(self, key: str | None = None) -> None:
        """Make a key (by default the first) valid again."""
        self._state.revoked.discard(self.key if key is None else key)

    def close(self) -> None:
        """Stop: delays end at once, connections are closed, the port is free when this returns."""
        if self._thread.is_alive():
            self._server.should_exit = True
            loop = self._server.loop
            if loop is not None:
                with contextlib.suppress(RuntimeError):  # the loop may be closing by itself
                    loop.call_soon_threadsafe(self._app.end_pauses)
                    loop.call_soon_threadsafe(self._server.stop)
            self._thread.join(timeout=10)
        self._app.close()
        self._socket.close()

    def __enter__(self) -> Sandbox:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it; raises what a scripted change (`faults.when`) raised."""
        self.close()
        if error is None or isinstance(error, Exception):
            self.faults.check()


def _checked_latency(seconds: float) -> float:
    if not (math.isfinite(seconds) and seconds >= 0):
        raise ValueError(f"The latency must be 0 or more seconds, not {seconds}.")
    return seconds
