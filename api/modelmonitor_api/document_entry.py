"""Reads one object of a JSON document field by field; every refusal names the field.

It knows JSON's types and bounds, nothing of what a document means.  Unknown fields are ignored, so
that a document of the next version can be read.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Never, TypeVar

from modelmonitor_api.errors import DocumentError

C = TypeVar("C", bound=str)

MAX_COUNT: Final = 1 << 53
"""Counts up to here are exact in every JSON reader."""
MAX_TEXT: Final = 1_024


class Entry:
    """One object and its place: the document's name, then the path to the object."""

    def __init__(self, raw: object, document: str, path: str = "") -> None:
        self._document = document
        self._path = path
        if not isinstance(raw, Mapping):
            self.refuse("", f"is {_shown(raw)}; it must be an object")
        self._raw: Mapping[str, Any] = raw

    def refuse(self, key: str, problem: str) -> Never:
        """Raise DocumentError for one field."""
        place = f"{self._path}.{key}" if self._path and key else self._path or key
        raise DocumentError(f"{self._document}: {place}" if place else self._document, problem)

    def has(self, key: str) -> bool:
        """The field is there and not null."""
        return self._raw.get(key) is not None

    def child(self, key: str) -> "Entry":
        """The object under `key`."""
        return Entry(self._raw.get(key), self._document, self._at(key))

    def entries(self, key: str) -> Iterator["Entry"]:
        """The objects of a list; an absent list is empty."""
        for index, raw in enumerate(self._list(key, required=False)):
            yield Entry(raw, self._document, f"{self._at(key)}[{index}]")

    def text(self, key: str) -> str:
        """A non-empty text that must be there."""
        return self._checked_text(key, self._raw.get(key))

    def optional_text(self, key: str) -> str | None:
        """A non-empty text, or None where the field is absent or null."""
        return self.text(key) if self.has(key) else None

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of different texts."""
        values = self._list(key)
        for index, value in enumerate(values):
            self._checked_text(f"{key}[{index}]", value)
        if len(set(values)) < len(values):
            self.refuse(key, "holds a value twice; each must differ")
        return tuple(values)

    def choice(self, key: str, allowed: Sequence[C]) -> C:
        """One of `allowed`."""
        value = self._raw.get(key)
        if value not in allowed:
            self.refuse(key, f"is {_shown(value)}; it must be one of {', '.join(allowed)}")
        return allowed[allowed.index(value)]

    def flag(self, key: str) -> bool:
        """A boolean, false where the field is absent."""
        value = self._raw.get(key, False)
        if not isinstance(value, bool):
            self.refuse(key, f"is {_shown(value)}; it must be true or false")
        return value

    def count(self, key: str, default: int | None = None) -> int:
        """A whole number, 0 or more; without `default` it must be there."""
        return self._checked_count(key, self._raw.get(key, default))

    def counts(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers, 0 or more."""
        values = self._list(key)
        return tuple(self._checked_count(f"{key}[{i}]", v) for i, v in enumerate(values))

    def number(self, key: str) -> float:
        """A finite number."""
        return self._checked_number(key, self._raw.get(key))

    def numbers(self, key: str) -> tuple[float, ...]:
        """A list of finite numbers."""
        values = self._list(key)
        return tuple(self._checked_number(f"{key}[{i}]", v) for i, v in enumerate(values))

    def named_numbers(self, key: str) -> dict[str, float]:
        """An object of finite numbers; an absent one is empty."""
        raw = self._raw.get(key, {})
        if not isinstance(raw, Mapping):
            self.refuse(key, f"is {_shown(raw)}; it must be an object")
        return {str(name): self._checked_number(f"{key}.{name}", v) for name, v in raw.items()}

    def _list(self, key: str, *, required: bool = True) -> list[Any]:
        value = self._raw.get(key)
        if value is None and not required:
            return []
        if not isinstance(value, list):
            self.refuse(key, f"is {_shown(value)}; it must be a list")
        return value

    def _checked_text(self, key: str, value: object) -> str:
        if not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT:
            self.refuse(key, f"is {_shown(value)}; it must be a text of 1 to {MAX_TEXT} characters")
        if any("\ud800" <= character <= "\udfff" for character in value):
            self.refuse(key, f"is {_shown(value)}, which is no valid Unicode; mend the text")
        return value

    def _checked_count(self, key: str, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_COUNT:
            self.refuse(key, f"is {_shown(value)}; it must be a whole number, 0 or more")
        return value

    def _checked_number(self, key: str, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.refuse(key, f"is {_shown(value)}; it must be a number")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            self.refuse(key, f"is {_shown(value)}; it must be a finite number")
        return number

    def _at(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key


def _shown(value: object) -> str:
    if value is None:
        return "missing"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
