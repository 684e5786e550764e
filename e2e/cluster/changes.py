"""What `kubectl get --watch` sees of objects while something is done to them."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from e2e.cluster.kubectl import Place
from modelmonitor_cli.testing import eventually

LONGEST_SECONDS: Final = 30.0


class Watch:
    """Every state that objects of one kind had."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.states: list[dict[str, Any]] = []
        """The objects as they were told, oldest first."""

    def look(self) -> int:
        """Reads what has been told by now; how many states that is."""
        text, at, decoder = self._file.read_text(), 0, json.JSONDecoder()
        self.states = []
        while text[at:].strip():
            try:
                state, end = decoder.raw_decode(text[at:].lstrip())
            except ValueError:  # half of it has arrived
                break
            self.states.append(state)
            at += len(text[at:]) - len(text[at:].lstrip()) + end
        return len(self.states)


@contextmanager
def watched(place: Place, kind: str, selector: str) -> Iterator[Watch]:
    """Watch these objects, of which there are some, as long as this lasts."""
    command = ["kubectl", "-n", place.namespace, "get", kind, "-l", selector, "-o", "json", "-w"]
    with TemporaryDirectory() as folder, (Path(folder) / "states.json").open("wb") as file:
        watch = Watch(Path(file.name))
        with subprocess.Popen(command, stdout=file) as process:
            try:
                count = len(place.all(kind, selector))
                assert eventually(lambda: watch.look() >= count > 0, LONGEST_SECONDS), kind
                yield watch
                watch.look()
                assert process.poll() is None, f"the watch of {kind} ended too early"
            finally:
                process.terminate()


def readiness(pod: dict[str, Any]) -> tuple[str, str, str]:
    """Its name, whether it is ready, and since when."""
    conditions = {one["type"]: one for one in pod["status"]["conditions"]}
    ready = conditions["Ready"]
    return pod["metadata"]["name"], ready["status"], ready["lastTransitionTime"]


def restarts(pods: list[dict[str, Any]]) -> dict[tuple[str, str], int]:
    """By pod and container, sidecars too: how often it was started again."""
    return {
        (pod["metadata"]["name"], one["name"]): one["restartCount"]
        for pod in pods
        for kind in ("containerStatuses", "initContainerStatuses")
        for one in pod["status"].get(kind, [])
    }
