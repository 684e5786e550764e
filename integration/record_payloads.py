"""Writes integration/payloads/: what each model server and its own client really say.

    python integration/record_payloads.py [NAME ...]

A tiny relay stands between both and keeps the bytes.  The payloads are committed, so that decoders
can be tested on them without the servers; run this again when a server's version changes.
"""

import base64
import json
import re
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from model_servers import HERE, MODEL_SERVERS, ModelServer, serving

PAYLOADS = HERE / "payloads"
LARGEST_BYTES = 16_384
EXAMPLES_PER_FORM = 1
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
GZIP = b"\x1f\x8b"
DIGITS = re.compile(rb"[\d.]+")
CHUNKED = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked", re.IGNORECASE)
Message = tuple[bytes, bytes]
"""Head with its blank line, and the body without its chunks' frames."""


class Recorder:
    """A relay that waits for a whole message before it passes it on, one thread a connection."""

    def __init__(self, upstream: tuple[str, int]) -> None:
        self._upstream = upstream
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.exchanges: list[tuple[Message, Message]] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._upstream) as server:
            requests, answers = client.makefile("rb"), server.makefile("rb")
            while request := read_message(requests):
                server.sendall(on_the_wire(request))
                answer = read_message(answers)
                assert answer, "the server closed instead of answering"
                self.exchanges.append((request, answer))
                client.sendall(on_the_wire(answer))


def read_message(stream: Any) -> Message | None:
    """The next message; None at the end of the stream."""
    lines = [stream.readline()]
    while lines[-1] not in (b"\r\n", b""):
        lines.append(stream.readline())
    head = b"".join(lines)
    if not head:
        return None
    if CHUNKED.search(head):
        return head, b"".join(_chunks(stream))
    length = LENGTH.search(head)
    return head, stream.read(int(length[1])) if length else b""


def _chunks(stream: Any) -> Iterator[bytes]:
    while size := int(stream.readline(), 16):
        yield stream.read(size)
        stream.readline()
    stream.readline()


def on_the_wire(message: Message) -> bytes:
    """The message's bytes; a chunked body as one chunk."""
    head, body = message
    if not CHUNKED.search(head):
        return head + body
    chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
    return head + chunk + b"0\r\n\r\n"


def record(server: ModelServer, folder: Path) -> list[dict[str, Any]]:
    """The first exchanges of every form that the client sends."""
    server.train(folder / "model")
    with serving(server, folder / "model", folder / "log") as url:
        host, port = url.removeprefix("http://").split(":")
        recorder = Recorder((host, int(port)))
        server.ask(recorder.url, folder / "journal")
    return [_document(request, answer) for request, answer in _examples(recorder.exchanges)]


def _examples(exchanges: list[tuple[Message, Message]]) -> list[tuple[Message, Message]]:
    seen: dict[object, int] = {}
    kept = []
    for (head, body), answer in exchanges:
        form = (head.split(b"\r\n")[0], _content_type(head), _shape(body), len(body) > 1_500)
        seen[form] = seen.get(form, 0) + 1
        if seen[form] <= EXAMPLES_PER_FORM and len(body) + len(answer[1]) <= LARGEST_BYTES:
            kept.append(((head, body), answer))
    return kept


def _content_type(head: bytes) -> bytes:
    found = re.search(rb"\r\n(content-type:[^\r]*)", head, re.IGNORECASE)
    return found[1].lower() if found else b""


def _shape(body: bytes) -> bytes:
    """The first key: tells dataframe_split from instances."""
    return DIGITS.sub(b"", body.lstrip()[:18]) if body[:1] == b"{" else body[:1]


def _document(request: Message, answer: Message) -> dict[str, Any]:
    return {"request": _readable(request), "response": _readable(answer)}


def _readable(message: Message) -> dict[str, str]:
    head, body = message
    readable = {"head": head.decode("latin-1")}
    if b"\0" in body or body.startswith(GZIP):
        return {**readable, "bodyBase64": base64.b64encode(body).decode()}
    return {**readable, "body": body.decode()}


def main(names: list[str]) -> int:
    """Record the named servers, or all."""
    for server in MODEL_SERVERS:
        if names and server.name not in names:
            continue
        with tempfile.TemporaryDirectory() as scratch:
            documents = record(server, Path(scratch))
        target = PAYLOADS / server.name
        target.mkdir(parents=True, exist_ok=True)
        for old in target.glob("*.json"):
            old.unlink()
        for number, document in enumerate(documents, 1):
            (target / f"{number:02}.json").write_text(json.dumps(document, indent=1) + "\n")
        sys.stdout.write(f"{server.name}: {len(documents)} exchanges\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
