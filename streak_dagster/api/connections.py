"""Connections that say when a request has really left, and that can be ended from another thread.

Between the moment at which the budget lets a call go and its first byte lie a TLS handshake, where a new
connection is needed, and the time until its thread runs. Only the connection itself knows when that is over,
and which sockets a call waits in.
"""

from __future__ import annotations

import socket
import threading
from concurrent.futures import Future, wait
from contextlib import contextmanager
from functools import cache, partial
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.connection import allowed_gai_family

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streak_dagster.api.in_flight import Call

LOOK_SECONDS = 0.2
"""How often a call that waits for name servers looks whether it was ended."""

_thread = threading.local()


@contextmanager
def made_by(call: Call) -> Iterator[None]:
    """What this thread sends in the block is part of ``call``."""
    _thread.call = call
    try:
        yield
    finally:
        _thread.call = None


def _call() -> Call | None:
    return getattr(_thread, "call", None)


class _Telling(HTTPConnection):
    """A connection that belongs to the call of the thread that uses it, however it was made."""

    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        call = _call()
        if call is not None:
            call.hold(connected)
        return connected

    def request(self, *arguments: Any, **options: Any) -> None:
        call = _call()
        if call is not None and self.sock is not None:  # one that an earlier call left open
            call.hold(self.sock)
        super().request(*arguments, **options)

    def getresponse(self) -> Any:
        call = _call()
        if call is not None:
            call.sent()
        return super().getresponse()


class _PlainConnection(_Telling):
    def _new_conn(self) -> socket.socket:
        """As urllib3's, but the socket is known before it connects."""
        try:
            return self._connected()
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, f"Connection to {self.host} timed out.") from error
        except OSError as error:
            raise NewConnectionError(self, f"Failed to establish a new connection: {error}") from error

    def _connected(self) -> socket.socket:
        call = _call()
        failed: OSError = OSError("it has no address")
        for family, kind, protocol, _, address in _addresses(self._dns_host.strip("[]"), self.port, call):
            each = socket.socket(family, kind, protocol)
            try:
                for option in self.socket_options or ():
                    each.setsockopt(*option)
                each.settimeout(self.timeout)
                if call is not None:
                    call.hold(each)
                each.connect(address)
                if call is not None:
                    call.check()
            except OSError as error:
                each.close()
                failed = error
            else:
                return each
        raise failed


def _addresses(host: str, port: int, call: Call | None) -> list[Any]:
    """What the name servers know of a host.

    Where they are silent, the system asks them for up to a minute, and nothing can interrupt it. So a thread
    of its own waits for them, which is left behind when the call is ended.
    """
    resolve = partial(socket.getaddrinfo, host, port, allowed_gai_family(), socket.SOCK_STREAM)
    if call is None or _is_address(host):
        return resolve()
    found: Future[list[Any]] = Future()

    def ask() -> None:
        try:
            found.set_result(resolve())
        except BaseException as error:  # noqa: BLE001 - whoever waits gets it
            found.set_exception(error)

    threading.Thread(target=ask, name="streak-name-servers", daemon=True).start()
    while not wait([found], LOOK_SECONDS).done:
        call.check()
    return found.result()


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


class _SecureConnection(_PlainConnection, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class TellingAdapter(HTTPAdapter):
    """requests' adapter over connections that belong to the call that ``made_by`` names."""

    _pools: dict[str, type[HTTPConnectionPool]] = {"http": _PlainPool, "https": _SecurePool}  # noqa: RUF012

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        socks = proxy.lower().startswith("socks")
        manager.pool_classes_by_scheme = _pools_through_socks() if socks else self._pools
        return manager


@cache
def _pools_through_socks() -> dict[str, type[HTTPConnectionPool]]:
    """The same for a SOCKS proxy; only asked for where the package for those is installed."""
    from urllib3.contrib import socks  # noqa: PLC0415 - it warns where the package is missing

    class PlainThroughSocks(_Telling, socks.SOCKSConnection):
        pass

    class SecureThroughSocks(_Telling, socks.SOCKSHTTPSConnection):
        pass

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = PlainThroughSocks

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = SecureThroughSocks

    return {"http": PlainPool, "https": SecurePool}
