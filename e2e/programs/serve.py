"""A small model server: POST /predict answers with a score, any GET says yes.

python serve.py [PORT]

Each GET is printed, so that it can be seen which probes came.  POST /end ends it, well.
"""

import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Probes and hooks."""
        print(self.path, flush=True)
        self._answer(b"yes")

    def do_POST(self) -> None:
        """A row, or the end."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(json.dumps({"prediction": 1, "score": 0.7}).encode())
        if self.path == "/end":
            os._exit(0)

    def log_request(self, *_: object) -> None:
        """Nothing: what is printed is what was asked for."""

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8080
    ThreadingHTTPServer(("", port), Handler).serve_forever()
