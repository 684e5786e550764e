"""What a benchmark found: figures with their targets, one JSON file a part, merged by `report`.

    write(Part("proxies", "Proxies", (Figure("CPU a request", 18.2, "us", at_most=22.4),)))

writes .cache/bench/proxies.json.  Standard library only: parts may run in environments of others.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / ".cache" / "bench"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number; with a bound it is a promise that is kept or not.

    `note` says how it was measured, or what it is compared with.
    """

    name: str
    value: float | None
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    note: str = ""

    @property
    def kept(self) -> bool | None:
        """Whether the value is within its bound; None where nothing was promised.

        >>> Figure("CPU", 2.0, "us", at_most=1.5).kept, Figure("CPU", 2.0, "us").kept
        (False, None)
        """
        if self.at_most is None and self.at_least is None:
            return None
        if self.value is None:
            return False
        high = self.at_most is None or self.value <= self.at_most
        low = self.at_least is None or self.value >= self.at_least
        return high and low


@dataclass(frozen=True, slots=True)
class Part:
    """One section of the report; `name` is its file, `versions` names what it was compared with."""

    name: str
    title: str
    figures: Sequence[Figure] = ()
    text: str = ""
    versions: dict[str, str] = field(default_factory=dict)


def write(part: Part, folder: Path = FOLDER) -> Path:
    """Put the part beside the others."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{part.name}.json"
    file.write_text(json.dumps(asdict(part), indent=1) + "\n")
    return file


def read(folder: Path = FOLDER) -> list[Part]:
    """All parts that were written, by name."""
    return [_part(json.loads(file.read_text())) for file in sorted(folder.glob("*.json"))]


def forget(name: str, folder: Path = FOLDER) -> None:
    """Drop what a part of this name wrote before, as one file or as several (`name-*`)."""
    for pattern in (f"{name}.json", f"{name}-*.json"):
        for old in folder.glob(pattern):
            old.unlink()


def _part(document: dict[str, object]) -> Part:
    figures = document.pop("figures")
    assert isinstance(figures, list)
    return Part(figures=tuple(Figure(**figure) for figure in figures), **document)  # type: ignore[arg-type]
