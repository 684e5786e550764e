"""Writes what a command made into the file that its user named."""

from pathlib import Path

from modelmonitor_api.errors import InputError


def write_output(file: Path, data: str | bytes, option: str) -> None:
    """Write the file whole; InputError names it and the option where that cannot be."""
    try:
        file.write_bytes(data.encode() if isinstance(data, str) else data)
    except OSError as error:
        raise InputError(
            str(file), f"cannot be written ({error.strerror}); check the folder, or use {option}"
        ) from None
