"""A loopback server that answers what a test tells it to, for what no sandbox would do."""

from __future__ import annotations

import json
import socket
import struct
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "5f2c9a7be1d04c8f93ab60d7e4f81c25"
"""The key of these tests: long enough never to stand in a message by chance."""


@dataclass
class Reply:
    """One answer. ``cut`` promises more bytes than come; ``reset`` breaks the connection instead.

    What is ``silent`` comes only when the server is closed.
    """

    status: int = 200
    body: bytes = b"[]"
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    reset: bool = False
    silent: bool = False


def said(error: str, status: int, **headers: str) -> Reply:
    """Streak's usual error body."""
    return Reply(status, json.dumps({"error": error}).encode(), headers)


@dataclass(frozen=True)
class Asked:
    path: str
    headers: dict[str, str]


class ScriptedServer(ThreadingHTTPServer):
    """Gives its ``script`` one reply a call, the last one for ever; ``asked`` is what came."""

    daemon_threads = True

    def __init__(self, *script: Reply) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script = list(script) or [Reply()]
        self.asked: list[Asked] = []
        self.lock = threading.Lock()
        self.closing = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_address[1]}/api"
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()
        self._thread.join()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is nothing to write about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ScriptedServer

    def do_GET(self) -> None:
        with self.server.lock:
            self.server.asked.append(Asked(self.path, dict(self.headers)))
            reply = self.server.script[0] if len(self.server.script) == 1 else self.server.script.pop(0)
        if reply.silent:
            self.server.closing.wait()
        if reply.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body) + 10 * reply.cut))
        self.end_headers()
        self.wfile.write(reply.body)
        self.close_connection = reply.cut

    def log_message(self, *arguments: Any) -> None:
        pass
