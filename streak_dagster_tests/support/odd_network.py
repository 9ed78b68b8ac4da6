"""What stands between a company's machine and Streak: a TLS server that nobody trusts, and proxies."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

CERTIFICATE = Path(__file__).with_name("untrusted.pem")


class Door:
    """A port of this machine; ``met`` counts who connected."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.met = 0


@contextmanager
def untrusted_server() -> Iterator[Door]:
    """A TLS server with a certificate that it made itself."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)

    def shake_hands(connection: socket.socket) -> None:
        with suppress(OSError), context.wrap_socket(connection, server_side=True):
            pass

    with _serving(shake_hands) as door:
        yield door


@contextmanager
def proxy(answer: str) -> Iterator[Door]:
    """A proxy that answers each CONNECT with this status line."""

    def refuse(connection: socket.socket) -> None:
        asked = b""
        while b"\r\n\r\n" not in asked and (more := connection.recv(4096)):
            asked += more
        connection.sendall(f"HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())

    with _serving(refuse) as door:
        yield door


@contextmanager
def socks_proxy(target: int) -> Iterator[Door]:
    """A SOCKS 5 proxy that lets everybody through, wherever they want to go: to this port of the machine."""

    def pass_on(connection: socket.socket) -> None:
        _version, methods = connection.recv(2)
        connection.recv(methods)
        connection.sendall(b"\x05\x00")
        connection.recv(4096)
        with socket.create_connection(("127.0.0.1", target)) as onward:
            connection.sendall(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
            back = threading.Thread(target=_copy, args=(onward, connection))
            back.start()
            _copy(connection, onward)
            back.join()

    with _serving(pass_on) as door:
        yield door


def _copy(source: socket.socket, sink: socket.socket) -> None:
    """Pass on what comes until one side ends, and then let the other know."""
    with suppress(OSError):
        while part := source.recv(65536):
            sink.sendall(part)
    for each in (source, sink):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


@contextmanager
def _serving(meet: object) -> Iterator[Door]:
    assert callable(meet)
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        door = Door(listening.getsockname()[1])
        listening.settimeout(0.05)

        def serve() -> None:
            while not over.is_set():
                with suppress(TimeoutError):
                    connection, _ = listening.accept()
                    door.met += 1
                    with suppress(OSError), connection:
                        connection.settimeout(10)
                        meet(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield door
        finally:
            over.set()
            thread.join()
