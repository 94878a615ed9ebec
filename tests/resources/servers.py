"""Real servers on loopback: ones that speak HTTP, and ones that do not."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias


@dataclass(frozen=True)
class Asked:
    """What a server was asked. Header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


Answered: TypeAlias = tuple[int, Mapping[str, str], bytes]


class Server:
    """A server at work: its address and what it was asked so far."""

    def __init__(self, port: int, scheme: str = "http") -> None:
        self.port = port
        self._scheme = scheme
        self.asked: list[Asked] = []
        self.heard = b""
        """What `saying` was sent first, to the byte."""

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self._scheme}://{self.host}"


@contextmanager
def serving(answer: Callable[[Asked], Answered], port: int = 0, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """An HTTP server; `answer` is called on a thread of its own for each request. With `tls` it speaks HTTPS."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            length = int(self.headers.get("content-length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, self.path, headers, self.rfile.read(length))
            server.asked.append(asked)
            status, more, body = answer(asked)
            try:
                self.send_response(status)
                for name, value in {"content-length": str(len(body)), **more}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(b"" if self.command == "HEAD" else body)
            except ConnectionError:  # whoever asked has given up
                self.close_connection = True

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = _handle  # noqa: N815

        def log_message(self, *said: object) -> None:
            """A test's output is the test's."""

    class Listening(ThreadingHTTPServer):
        def finish_request(self, request: object, client_address: object) -> None:
            assert isinstance(request, socket.socket)
            if tls is None:
                super().finish_request(request, client_address)
                return
            # Whoever asked may not trust it, or only look whether it is there.
            with suppress(ssl.SSLError, ConnectionError), tls.wrap_socket(request, server_side=True) as wrapped:
                super().finish_request(wrapped, client_address)

    with Listening(("127.0.0.1", port), Handler) as http:
        server = Server(http.server_address[1], "http" if tls is None else "https")
        thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        http.shutdown()
        thread.join()


@contextmanager
def saying(said: bytes | None) -> Iterator[Server]:
    """A server that says this, whatever it is asked, and hangs up; None: it never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Server(listening.getsockname()[1])
        kept: list[socket.socket] = []

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                kept.append(connection)
                if said is not None:
                    with connection:
                        server.heard = connection.recv(65536)
                        connection.sendall(said)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()
        for connection in kept:
            connection.close()


def unused_port() -> int:
    """A port where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
