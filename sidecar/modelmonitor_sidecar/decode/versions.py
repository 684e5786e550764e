"""The model's version where the exchange itself says it: in the answer or in the path."""

from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

from modelmonitor_sidecar.decode.message import Message
from modelmonitor_sidecar.decode.paths import Path, located
from modelmonitor_sidecar.decode.rows import Undecodable

MAX_VERSION_CHARACTERS: Final = 63
"""As of a Kubernetes label; a longer text is no version."""


def version_in_answer(answer: Message, path: Path) -> str | None:
    """What stands at `path` in the answer, or None."""
    try:
        return _text(located(answer.document(), path))
    except Undecodable:
        return None


@lru_cache(maxsize=256)
def version_in_path(path: str) -> str | None:
    """The segment after `versions` in the request's path, without a trailing `:predict`."""
    segments = path.partition("?")[0].split("/")
    for name, following in pairwise(segments):
        if name == "versions":
            return _text(following.partition(":")[0])
    return None


def _text(value: Any) -> str | None:
    if type(value) is list and value:
        value = value[0]
    if type(value) not in (str, int, float):
        return None
    text = str(value)
    return text if 0 < len(text) <= MAX_VERSION_CHARACTERS else None
