"""Builds the wheel in a scratch folder and refuses one that lacks a package or carries tests."""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {"modelmonitor_api", "modelmonitor_cli", "modelmonitor_operator", "modelmonitor_sidecar"}


def main() -> int:
    """Exit status 0 when the wheel holds exactly the four packages, typed."""
    with tempfile.TemporaryDirectory() as scratch:
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", scratch]
        subprocess.run(build, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        (wheel,) = Path(scratch).glob("*.whl")
        names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    untyped = {package for package in PACKAGES if f"{package}/py.typed" not in names}
    if tops != PACKAGES or untyped:
        sys.stderr.write(f"the wheel holds {sorted(tops)}; without py.typed: {sorted(untyped)}\n")
        return 1
    sys.stdout.write(f"wheel: {len(names)} files in {', '.join(sorted(tops))}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
