"""Quantities of Kubernetes as numbers."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

_UNITS: Final[Mapping[str, Decimal]] = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("0.001"),
    **{unit: Decimal(1000) ** power for power, unit in enumerate("kMGTPE", 1)},
    **{f"{unit}i": Decimal(1024) ** power for power, unit in enumerate("KMGTPE", 1)},
}


def amount(text: str) -> Decimal:
    """A quantity of Kubernetes as a number.

    >>> amount("1500m"), amount("2Ki"), amount("3")
    (Decimal('1.500'), Decimal('2048'), Decimal('3'))
    """
    digits = text.rstrip("numkKMGTPEi")
    unit = text[len(digits) :]
    return Decimal(digits) * _UNITS.get(unit, Decimal(1))
