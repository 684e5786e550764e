"""JSON Lines: one JSON value a line."""

from typing import Any, Final

from modelmonitor_sidecar.decode.documents import parsed
from modelmonitor_sidecar.decode.message import media_type
from modelmonitor_sidecar.decode.rows import MAX_ROWS, Reason, Undecodable

TYPES: Final = frozenset(
    {"application/jsonlines", "application/jsonl", "application/x-ndjson", "application/ndjson"}
)


def is_json_lines(content_type: str) -> bool:
    """Whether the head says that the body is JSON Lines."""
    return media_type(content_type).name in TYPES


def json_lines(body: bytes) -> list[Any]:
    """The value of every line that is not blank."""
    if body.count(b"\n") > MAX_ROWS:
        raise Undecodable(Reason.TOO_MANY_ROWS)
    return [parsed(line) for line in body.split(b"\n") if line and not line.isspace()]
