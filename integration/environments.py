"""Makes the environments of foreign programs, one each under .envs/, with uv or venv and pip.

    python integration/environments.py             the four model servers
    python integration/environments.py envoy       any other with a file in requirements/

A requirements file pins everything; its line `# python:` says which interpreters fit.  A stamp
makes a second run free.  It refuses to know what runs in the environments.
"""

import hashlib
import re
import shutil
import subprocess
import sys
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = HERE.parent / ".envs"
REQUIREMENTS = HERE / "requirements"
MODEL_SERVERS = ("mlserver", "mlflow", "kserve", "litserve")
STAMP = ".made"
SHOW_EVERY_PACKAGES = 20

Version = tuple[int, ...]


class InstallationError(Exception):
    """No Python on this machine fits, or the installer failed; the text says what to do."""


def interpreter(name: str, wanted: str) -> Path:
    """The first Python on the path, this one before others, whose version fits `wanted`."""
    seen = []
    for candidate in (sys.executable, "python3.12", "python3.11", "python3.13", "python3"):
        version = _version(candidate)
        if version is None:
            continue
        if _fits(version, wanted):
            return Path(shutil.which(candidate) or candidate)
        seen.append(".".join(map(str, version)))
    raise InstallationError(
        f"{name} wants Python {wanted} and this machine has {', '.join(sorted(set(seen)))}; "
        "install one that fits, for instance with `uv python install 3.12` or "
        "`apt-get install python3.12-venv`, and put it on the path"
    )


def _version(candidate: str) -> Version | None:
    ask = "import sys, venv, ensurepip; print(*sys.version_info[:2])"
    try:
        answer = subprocess.run([candidate, "-c", ask], capture_output=True, text=True, check=False)
    except OSError:
        return None
    return tuple(map(int, answer.stdout.split())) if answer.returncode == 0 else None


def _fits(version: Version, wanted: str) -> bool:
    """Whether (3, 12) fits text such as ``>=3.11,<3.13``.

    >>> _fits((3, 12), ">=3.11,<3.13"), _fits((3, 13), ">=3.11,<3.13"), _fits((3, 14), ">=3.11")
    (True, False, True)
    """
    tests = {">=": version.__ge__, "<": version.__lt__}
    return all(
        tests[operator](tuple(map(int, bound.split("."))))
        for operator, bound in re.findall(r"(>=|<)([\d.]+)", wanted)
    )


def make(name: str) -> Path:
    """The environment's folder, made or refreshed if its requirements changed."""
    requirements = REQUIREMENTS / f"{name}.txt"
    text = requirements.read_text()
    (wanted,) = re.findall(r"^# python: (.*)$", text, re.MULTILINE)
    environment = ENVIRONMENTS / name
    key = hashlib.sha256(text.encode()).hexdigest()
    stamp = environment / STAMP
    if stamp.is_file() and stamp.read_text() == key:
        return environment
    python = interpreter(name, wanted)
    started = time.monotonic()
    _say(f"{name}: installing into {environment.relative_to(HERE.parent)} with {python}")
    shutil.rmtree(environment, ignore_errors=True)
    _install(name, python, environment, requirements)
    stamp.write_text(key)
    _say(f"{name}: ready after {time.monotonic() - started:.0f} s, {_mebibytes(environment)} MiB")
    return environment


def _install(name: str, python: Path, environment: Path, requirements: Path) -> None:
    uv = shutil.which("uv")
    if uv:
        subprocess.run([uv, "venv", "-q", "--python", python, environment], check=True)
        target = [uv, "pip", "install", "--python", str(environment / "bin" / "python")]
    else:
        subprocess.run([python, "-m", "venv", environment], check=True)
        target = [str(environment / "bin" / "python"), "-m", "pip", "install"]
        target += ["--disable-pip-version-check", "--progress-bar", "off"]
    total = len(re.findall(r"^[^#\s]", requirements.read_text(), re.MULTILINE))
    _run_showing_progress(name, [*target, "-r", str(requirements)], total)


def _run_showing_progress(name: str, command: list[str], total: int) -> None:
    tail: deque[str] = deque(maxlen=20)
    collected = 0
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            tail.append(line)
            if line.startswith("Collecting "):
                collected += 1
                if collected % SHOW_EVERY_PACKAGES == 0:
                    _say(f"{name}: {collected} of {total} packages")
    if process.returncode:
        raise InstallationError(f"{name}: the installation failed\n{''.join(tail)}")


def _mebibytes(folder: Path) -> int:
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files) >> 20


def _say(text: str) -> None:
    sys.stdout.write(f"  {text}\n")
    sys.stdout.flush()


def main(names: list[str]) -> int:
    """Make the named environments, two at a time; exit status 1 where one failed."""
    try:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(make, names or MODEL_SERVERS))
    except InstallationError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
