"""Blocking connections that do one strange thing each: idle, half a body, a gigabyte, a new one."""

import contextlib
import resource
import socket
from collections.abc import Iterator

TIMEOUT_SECONDS = 30.0
BLOCK = bytes(1 << 20)


def allow_many_descriptors() -> None:
    """Raise this process's limit, and that of what it starts, as far as it goes."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@contextlib.contextmanager
def idle(port: int, count: int, request: bytes) -> Iterator[None]:
    """So many connections that were answered once and then stay silent."""
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            connection = stack.enter_context(connected(port))
            connection.sendall(request)
            read_answer(connection)
        yield


@contextlib.contextmanager
def half_sent(port: int, count: int, path: str, body_bytes: int) -> Iterator[None]:
    """So many connections that sent a head and the first half of a body."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {body_bytes}\r\n\r\n"
    )
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            connection = stack.enter_context(connected(port))
            connection.sendall(head.encode() + b"1" * (body_bytes // 2))
        yield


def send_body(port: int, path: str, size: int) -> None:
    """A POST with a body of `size` bytes, and its answer."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {size}\r\n\r\n"
    with connected(port) as connection:
        connection.sendall(head.encode())
        for _ in range(size // len(BLOCK)):
            connection.sendall(BLOCK)
        read_answer(connection)


def receive_body(port: int, size: int) -> None:
    """A GET of a body of `size` bytes."""
    with connected(port) as connection:
        connection.sendall(f"GET /bytes/{size} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        assert read_answer(connection) == size


def read_answer(connection: socket.socket) -> int:
    """Read one answer to its end; the length of its body.  ConnectionError where it is cut."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += _received(connection, 65_536)
    head, _, body = received.partition(b"\r\n\r\n")
    assert b" 200 " in head.split(b"\r\n")[0], head
    (length,) = (
        int(line.partition(b":")[2])
        for line in head.lower().split(b"\r\n")
        if line.startswith(b"content-length:")
    )
    left = length - len(body)
    while left > 0:
        left -= len(_received(connection, 1 << 20))
    return length


def _received(connection: socket.socket, size: int) -> bytes:
    block = connection.recv(size)
    if not block:
        raise ConnectionResetError("closed before the answer's end")
    return block


def connected(port: int) -> socket.socket:
    """A new connection; it times out rather than hang."""
    return socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS)
