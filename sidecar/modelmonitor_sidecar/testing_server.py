"""A small model server over real sockets, for tests that count requests.

Answers every request of HTTP/1.1 with a length; the body of the answer is the request's body
reversed, so that a client can tell whether both passed unharmed.
"""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

DEADLINE_SECONDS: Final = 30.0
_CHUNK_BYTES: Final = 1 << 16


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 1024


class _Handler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Answer until the client ends, however."""
        try:
            while self._answer():
                continue
        except OSError:
            return

    def _answer(self) -> bool:
        first = self.rfile.readline()
        if not first:
            return False
        length = 0
        while (line := self.rfile.readline()) not in (b"\r\n", b""):
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        body = self.rfile.read(length)
        if len(body) < length:
            return False
        status = first.split(b" ")[1].rpartition(b"/status/")[2] or b"200"
        status = status if status.isdigit() else b"200"
        head = b"HTTP/1.1 %s Whatever\r\nContent-Length: %d\r\n" % (status, length)
        self.wfile.write(head + b"Set-Cookie: answer-cookie\r\n\r\n" + body[::-1])
        return True


@contextmanager
def reversing_server() -> Iterator[int]:
    """The server's port; ``/status/404`` in the path chooses the status."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield int(server.server_address[1])
        server.shutdown()
        thread.join()


class ReversingClient:
    """One keep-alive connection; `ask` checks what comes back.  OSError where it breaks."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), DEADLINE_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")

    def ask(self, body: bytes, path: str = "/predict", headers: str = "") -> int:
        """The status of the answer; AssertionError where its body is not the request's reversed."""
        head = f"POST {path} HTTP/1.1\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        self._socket.sendall(head.encode() + body)
        status = self._file.readline()
        if not status:
            raise ConnectionResetError("the connection ended before an answer")
        while self._file.readline() not in (b"\r\n", b""):
            continue
        answer = self._file.read(len(body))
        if len(answer) < len(body):
            raise ConnectionResetError("the connection ended within an answer")
        if answer != body[::-1]:
            raise AssertionError("the answer is not the request's body reversed")
        return int(status.split(b" ")[1])

    def close(self) -> None:
        """End the connection."""
        self._file.close()
        self._socket.close()

    def __enter__(self) -> "ReversingClient":
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()
