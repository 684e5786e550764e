"""Reads one mapping of a resource field by field; every refusal names the field and the mend.

It knows types and bounds, nothing of what a ModelMonitor means.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, Never, TypeVar

from modelmonitor_api.errors import InputError, SpecError
from modelmonitor_api.grammar import is_dns_name, is_label_key, is_label_value
from modelmonitor_api.quantity import decimal, duration_seconds

T = TypeVar("T")
C = TypeVar("C", bound=str)

_MAX_TEXT: Final = 1_024
_MAX_LABELS: Final = 16
_MAX_ENTRIES: Final = 1_000
_MAX_COUNT: Final = (1 << 31) - 1


class Fields:
    """One mapping, its place in the resource, and the keys that were asked for so far.

    Whatever nobody asked for is unknown: `finish` refuses it when `strict`, and so is what is more
    than a list may hold, since a newer version may allow more.
    """

    def __init__(self, raw: object, where: str, *, strict: bool) -> None:
        if raw is not None and not isinstance(raw, Mapping):
            raise SpecError(where or "resource", f"is {_shown(raw)}; it must be a mapping")
        self.absent = raw is None
        self._raw: Mapping[str, Any] = raw or {}
        self._where = where
        self._strict = strict
        self._known: set[str] = set()

    def lenient(self) -> "Fields":
        """The same mapping, with unknown fields allowed."""
        self._strict = False
        return self

    def refuse(self, key: str, problem: str) -> Never:
        """Raise SpecError for one field."""
        raise SpecError(self._at(key), problem)

    def ignore(self, key: str) -> None:
        """Take note of a field that others read."""
        self._known.add(key)

    def child(self, key: str) -> "Fields":
        """The mapping under `key`, absent or not."""
        return Fields(self._get(key), self._at(key), strict=self._strict)

    def entries(
        self, key: str, *, unique: str, most: int = _MAX_ENTRIES, absent: str | None = None
    ) -> Iterator["Fields"]:
        """The mappings of a list; no two have the same value of the field `unique`.

        `absent` is the value where that field is not written; None: such entries are not compared.
        """
        seen: set[object] = set()
        for index, raw in enumerate(self._list(key, most)):
            place = f"{self._at(key)}[{index}]"
            if not isinstance(raw, Mapping):
                raise SpecError(place, f"is {_shown(raw)}; it must be a mapping")
            value = absent if raw.get(unique) is None else raw[unique]
            if isinstance(value, str | int) and value in seen:
                raise SpecError(f"{place}.{unique}", f"{value!r} is there twice; each must differ")
            seen.add(value if isinstance(value, str | int) else None)
            yield Fields(raw, place, strict=self._strict)

    def constant(self, key: str, expected: str) -> None:
        """A field that, where it is given, has one value."""
        value = self._get(key)
        if value is not None and value != expected:
            self.refuse(key, f"is {_shown(value)}; it must be {expected}")

    def text(self, key: str, default: str | None = None) -> str:
        """A non-empty text; without `default` it must be there."""
        value = self._get(key)
        if value is None:
            if default is None:
                self.refuse(key, "is missing")
            return default
        if not isinstance(value, str) or not value or len(value) > _MAX_TEXT:
            self.refuse(
                key, f"is {_shown(value)}; it must be a text of 1 to {_MAX_TEXT} characters"
            )
        return value

    def optional_text(self, key: str) -> str | None:
        """A non-empty text, or None where the field is absent."""
        return None if self._get(key) is None else self.text(key)

    def text_or_empty(self, key: str) -> str | None:
        """A text, or None where the field is absent or empty."""
        return None if self._get(key) == "" else self.optional_text(key)

    def spelled(self, key: str, rule: Callable[[str], bool], mend: str) -> str | None:
        """A text that keeps to `rule`, or None where the field is absent."""
        value = self.optional_text(key)
        if value is not None and not rule(value):
            self.refuse(key, f"is {_shown(value)}; it must be {mend}")
        return value

    def name(self, key: str, maximum: int) -> str:
        """A DNS name of at most `maximum` characters."""
        value = self.text(key)
        if not is_dns_name(value, maximum):
            self.refuse(
                key,
                f"is {_shown(value)}; it must be lower-case letters, digits, '-' and '.', "
                f"at most {maximum} characters",
            )
        return value

    def texts(self, key: str, *, least: int = 0, most: int = _MAX_ENTRIES) -> tuple[str, ...]:
        """A list of different texts, `least` to `most` of them where the field is there."""
        values = self._list(key, most)
        for index, value in enumerate(values):
            if not isinstance(value, str) or not value or len(value) > _MAX_TEXT:
                self.refuse(f"{key}[{index}]", f"is {_shown(value)}; it must be a text")
        self._check_list(key, values, least)
        return tuple(values)

    def paths(self, key: str, *, most: int) -> tuple[str, ...]:
        """A list of URL paths: exact, or a prefix that ends in ``*``."""
        paths = self.texts(key, most=most)
        for index, path in enumerate(paths):
            if not path.startswith("/") or "*" in path[:-1]:
                self.refuse(
                    f"{key}[{index}]",
                    f"is {path!r}; it must start with '/', and '*' may only end it",
                )
        return paths

    def labels(self, key: str) -> Mapping[str, str]:
        """Labels as Kubernetes takes them."""
        raw = self._get(key) or {}
        if not isinstance(raw, Mapping) or not all(
            isinstance(k, str) and isinstance(v, str) for k, v in raw.items()
        ):
            self.refuse(key, "must be a mapping of texts; put numbers and booleans in quotes")
        if self._strict and len(raw) > _MAX_LABELS:
            self.refuse(key, f"holds {len(raw)} labels; it must hold at most {_MAX_LABELS}")
        for name, value in raw.items():
            if not is_label_key(name):
                self.refuse(key, f"has the key {_shown(name)}; it must be a label's, such as app")
            if not is_label_value(value):
                self.refuse(
                    f"{key}.{name}",
                    f"is {_shown(value)}; it must be a label's value: at most 63 letters, digits, "
                    "'-', '_' and '.', beginning and ending with a letter or digit",
                )
        return dict(raw)

    def choice(self, key: str, allowed: Sequence[C], default: C) -> C:
        """One of `allowed`."""
        return self.optional_choice(key, allowed) or default

    def optional_choice(self, key: str, allowed: Sequence[C]) -> C | None:
        """One of `allowed`, or None where the field is absent."""
        value = self._get(key)
        if value is None:
            return None
        if value not in allowed:
            self.refuse(key, f"is {_shown(value)}; it must be one of {', '.join(allowed)}")
        return allowed[allowed.index(value)]

    def choices(
        self, key: str, allowed: Sequence[str], default: tuple[str, ...]
    ) -> tuple[str, ...]:
        """A list of different ones of `allowed`, at least one, put in the order of `allowed`."""
        values = self._list(key, _MAX_ENTRIES)
        for index, value in enumerate(values):
            if value not in allowed:
                self.refuse(
                    f"{key}[{index}]", f"is {_shown(value)}; it must be one of {', '.join(allowed)}"
                )
        self._check_list(key, values, 1)
        return tuple(choice for choice in allowed if choice in values) or default

    def flag(self, key: str) -> bool:
        """A boolean, false where the field is absent."""
        value = self._get(key)
        if value is not None and not isinstance(value, bool):
            self.refuse(key, f"is {_shown(value)}; it must be true or false")
        return bool(value)

    def count(self, key: str, default: int, minimum: int, maximum: int) -> int:
        """A whole number within bounds."""
        value = self._get(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not minimum <= value <= maximum:
            self.refuse(
                key, f"is {_shown(value)}; it must be a whole number from {minimum} to {maximum}"
            )
        return value

    def optional_count(self, key: str, minimum: int = 0, maximum: int = _MAX_COUNT) -> int | None:
        """A whole number within bounds, or None where the field is absent."""
        return None if self._get(key) is None else self.count(key, 0, minimum, maximum)

    def decimal(self, key: str, default: str, minimum: float, maximum: float) -> float:
        """A decimal string within bounds."""
        value = self.optional_decimal(key, minimum, maximum)
        return float(default) if value is None else value

    def optional_decimal(
        self, key: str, minimum: float = -1.8e308, maximum: float = 1.8e308
    ) -> float | None:
        """A decimal string within bounds, or None where the field is absent."""
        raw = self._get(key)
        if raw is None:
            return None
        if not isinstance(raw, str):
            self.refuse(key, f'is {_shown(raw)}; it must be a decimal in quotes, e.g. "0.1"')
        try:
            value = decimal(raw, self._at(key))
        except InputError as error:
            raise SpecError(error.where, error.problem) from None
        if not minimum <= value <= maximum:
            self.refuse(key, f"is {raw}; it must be from {minimum:g} to {maximum:g}")
        return value

    def duration_seconds(self, key: str, default: str, shortest: str, longest: str) -> int:
        """Seconds of a duration within bounds; all of them as people write them."""
        text = self.text(key, default)
        try:
            seconds = duration_seconds(text, self._at(key))
        except InputError as error:
            raise SpecError(error.where, error.problem) from None
        bounds = duration_seconds(shortest, key), duration_seconds(longest, key)
        if not bounds[0] <= seconds <= bounds[1]:
            self.refuse(key, f"is {text}; it must be from {shortest} to {longest}")
        return seconds

    def finish(self) -> None:
        """Refuse what nobody asked for."""
        unknown = sorted(str(key) for key in self._raw if key not in self._known)
        if self._strict and unknown:
            known = ", ".join(sorted(self._known)) or "none"
            self.refuse(unknown[0], f"is no field of the resource; known here are: {known}")

    def _get(self, key: str) -> Any:
        self._known.add(key)
        return self._raw.get(key)

    def _list(self, key: str, most: int) -> list[Any]:
        value = self._get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.refuse(key, f"is {_shown(value)}; it must be a list")
        if self._strict and len(value) > most:
            self.refuse(key, f"holds {len(value)} entries; it must hold at most {most}")
        return value

    def _check_list(self, key: str, values: Sequence[str], least: int) -> None:
        """Refuse the second of two equal ones, and too few where the field is there."""
        seen: set[str] = set()
        for index, value in enumerate(values):
            if value in seen:
                self.refuse(f"{key}[{index}]", f"{value!r} is there twice; each must differ")
            seen.add(value)
        if self._get(key) is not None and len(values) < least:
            self.refuse(key, f"must hold at least {least}; write it, or leave out the field")

    def _at(self, key: str) -> str:
        return f"{self._where}.{key}" if self._where and key else self._where or key


def finished(value: T, *fields: Fields) -> T:
    """`value`, once every one of `fields` has nothing unknown left."""
    for one in fields:
        one.finish()
    return value


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
