"""Clients that go on whatever happens to a pod: one for each replica that has traffic."""

import http.client
import json
import threading
from collections.abc import Callable
from typing import Final

import numpy as np
from prometheus.subject import PATH, Row

BATCH_ROWS: Final = 10
PERIOD_SECONDS: Final = 0.25
ANSWER_SECONDS: Final = 10.0

Source = Callable[[np.random.Generator, int], list[Row]]


class Client(threading.Thread):
    """Sends a batch of rows four times a second until it is told to stop.

    `source` may be changed at any time; `answered` and `failed` count requests.
    """

    def __init__(self, address: str, seed: int, source: Source) -> None:
        super().__init__(daemon=True)
        self.source, self.answered, self.failed = source, 0, 0
        self._address, self._random = address, np.random.default_rng(seed)
        self._end = threading.Event()

    def run(self) -> None:
        """Four times a second; one connection, made anew after a failure."""
        connection = self._connection()
        while not self._end.wait(PERIOD_SECONDS):
            self._try(connection)
        connection.close()

    def send(self, requests: int) -> None:
        """So many, one after the other, instead of running."""
        connection = self._connection()
        for _ in range(requests):
            self._try(connection)
        connection.close()

    def stop(self) -> None:
        """No request is sent after this."""
        self._end.set()
        if self.is_alive():
            self.join()

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self._address, timeout=ANSWER_SECONDS)

    def _try(self, connection: http.client.HTTPConnection) -> None:
        try:
            self._send(connection)
        except (OSError, http.client.HTTPException):
            self.failed += 1
            connection.close()

    def _send(self, connection: http.client.HTTPConnection) -> None:
        body = json.dumps({"instances": self.source(self._random, BATCH_ROWS)})
        connection.request("POST", PATH, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        self.answered += answer.status == http.HTTPStatus.OK
        self.failed += answer.status != http.HTTPStatus.OK
