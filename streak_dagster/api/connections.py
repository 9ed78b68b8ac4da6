"""Connections that say when a request has really left.

Between the budget's yes and the first byte on the wire lie a TLS handshake where a new connection
is needed, and whatever the scheduler does. Only the connection itself knows when that is over.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

if TYPE_CHECKING:
    from collections.abc import Callable


_thread = threading.local()


def call_when_sent(sent: Callable[[], None] | None) -> None:
    """Have ``sent`` called when this thread's next requests have left, until told otherwise."""
    _thread.sent = sent


class _PlainConnection(HTTPConnection):
    def getresponse(self) -> Any:
        _tell()
        return super().getresponse()


class _SecureConnection(HTTPSConnection):
    def getresponse(self) -> Any:
        _tell()
        return super().getresponse()


def _tell() -> None:
    sent = getattr(_thread, "sent", None)
    if sent is not None:
        sent()


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class TellingAdapter(HTTPAdapter):
    """requests' adapter over connections that call what ``call_when_sent`` was given."""

    _pools: dict[str, type[HTTPConnectionPool]] = {"http": _PlainPool, "https": _SecurePool}  # noqa: RUF012

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = self._pools
        return manager
