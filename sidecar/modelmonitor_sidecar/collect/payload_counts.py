"""What became of one model's payloads; every reason is there, at 0, from the start."""

from enum import StrEnum
from typing import Final

from modelmonitor_sidecar.decode.rows import Reason


class Skip(StrEnum):
    """Why a payload was not looked into; values of a label."""

    TRUNCATED = "truncated"
    STATUS = "status"
    POISON = "poison"
    MEMORY = "memory"
    MODELS = "models"


INTERNAL: Final = "internal"
"""Reason of an undecodable payload whose decoder failed in a way nobody foresaw."""


class PayloadCounts:
    """Payloads of one model: those that became rows, and the others by reason."""

    def __init__(self) -> None:
        self.decoded = 0
        self.skips: dict[str, int] = {why.value: 0 for why in Skip}
        self.failures: dict[str, int] = {reason.value: 0 for reason in Reason} | {INTERNAL: 0}

    def skipped(self, why: Skip) -> None:
        """One that was not looked into."""
        self.skips[why.value] += 1

    def undecodable(self, reason: str) -> None:
        """One that nobody can read."""
        self.failures[reason] += 1

    @property
    def total(self) -> int:
        """All of them."""
        return self.decoded + sum(self.skips.values()) + sum(self.failures.values())
