"""The four model servers: how an ordinary team trains for, starts and asks each of them.

Every command runs in that server's own environment under .envs/.  Nothing here or in servers/
knows of a sidecar: a client gets a URL.
"""

import os
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = HERE.parent / ".envs"
PROGRAMS = HERE / "servers"
READY_DEADLINE_SECONDS = 90.0
POLL_SECONDS = 0.1
STOP_DEADLINE_SECONDS = 10.0
OFFLINE = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "1",
    "OTEL_SDK_DISABLED": "true",
    "HF_HUB_OFFLINE": "1",
    "NO_PROXY": "*",
    "PYTHONWARNINGS": "ignore",
    "OMP_NUM_THREADS": "1",
}


@dataclass(frozen=True, slots=True)
class Port:
    """Stands in a command for a free port of that purpose."""

    purpose: str


Word = str | Port | type[Path]


@dataclass(frozen=True, slots=True)
class ModelServer:
    """One server: its start command (`Path` stands for the trained folder) and ready path."""

    name: str
    start: tuple[Word, ...]
    ready: str
    models: tuple[str, ...]
    port_variables: tuple[tuple[str, Port], ...] = ()

    @property
    def binaries(self) -> Path:
        """Where its environment's programs are."""
        return ENVIRONMENTS / self.name / "bin"

    def train(self, folder: Path) -> None:
        """Write model and training table into `folder`."""
        self.run_program("train", str(folder))

    def ask(self, url: str, journal: Path) -> None:
        """Send what the server's own client sends, always the same, and write the journal."""
        self.run_program("client", url, str(journal))

    def run_program(self, kind: str, *arguments: str) -> None:
        """One of servers/*.py to its end; its output is shown when it fails."""
        program = PROGRAMS / f"{self.name}_{kind}.py"
        with tempfile.TemporaryDirectory() as scratch:
            subprocess.run(
                [self.binaries / "python", program, *arguments],
                cwd=scratch,
                env=environment(),
                check=True,
            )


HTTP = Port("http")

MODEL_SERVERS = (
    ModelServer(
        "mlserver",
        ("mlserver", "start", Path),
        "/v2/health/ready",
        ("wine", "cancer"),
        (
            ("MLSERVER_HTTP_PORT", HTTP),
            ("MLSERVER_GRPC_PORT", Port("grpc")),
            ("MLSERVER_METRICS_PORT", Port("metrics")),
        ),
    ),
    ModelServer(
        "mlflow",
        ("mlflow", "models", "serve", "-m", "model", "--env-manager", "local", "-p", HTTP),
        "/health",
        ("customers",),
    ),
    ModelServer(
        "kserve",
        (
            *("python", str(PROGRAMS / "kserve_server.py")),
            *("--model_name", "wine", "--model_dir", Path),
            *("--http_port", HTTP, "--enable_grpc", "false"),
        ),
        "/v2/health/ready",
        ("wine",),
    ),
    ModelServer(
        "litserve",
        ("python", str(PROGRAMS / "litserve_server.py"), Path, HTTP),
        "/health",
        ("customers",),
    ),
)


def environment() -> dict[str, str]:
    """This process's variables, without Python's, and with every telemetry switched off."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**kept, **OFFLINE}


@contextmanager
def serving(server: ModelServer, folder: Path, log: Path) -> Iterator[str]:
    """The server runs on the model in `folder`; the value is its URL."""
    ports: dict[Port, int] = {HTTP: free_port()}
    command = [_word(word, folder, ports) for word in server.start]
    variables = {name: _word(port, folder, ports) for name, port in server.port_variables}
    variables["PATH"] = f"{server.binaries}:{os.environ['PATH']}"
    url = f"http://127.0.0.1:{ports[HTTP]}"
    with (
        log.open("w") as output,
        running(
            [str(server.binaries / command[0]), *command[1:]],
            folder,
            {**environment(), **variables},
            output.fileno(),
        ) as process,
    ):
        wait_until_ready(f"{url}{server.ready}", process, log)
        yield url


def _word(word: Word, folder: Path, ports: dict[Port, int]) -> str:
    if isinstance(word, Port):
        return str(ports.setdefault(word, free_port()))
    return word if isinstance(word, str) else str(folder)


@contextmanager
def running(
    command: Sequence[str], folder: Path, variables: dict[str, str], output: int
) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own; the whole group is ended afterwards."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=variables,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        _end_group(process)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    for signal_number in (15, 9):
        try:
            os.killpg(process.pid, signal_number)
            process.wait(STOP_DEADLINE_SECONDS)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


def wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Poll until 200; RuntimeError with the log's end when the process died or time ran out."""
    deadline = time.monotonic() + READY_DEADLINE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if answers_well(url):
            return
        time.sleep(POLL_SECONDS)
    raise RuntimeError(f"{url} did not become ready:\n{log.read_text()[-2_000:]}")


def answers_well(url: str) -> bool:
    """Whether a GET is answered with 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - loopback
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
