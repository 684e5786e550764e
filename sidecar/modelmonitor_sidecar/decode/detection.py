"""Which protocol a request speaks: as the resource says, else by head, content type, path, shape.

What path and content type say is kept by both; the shape is looked at in each request, so that one
odd body never decides for the next.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from modelmonitor_api import protocols
from modelmonitor_sidecar.decode.csv_rows import is_csv
from modelmonitor_sidecar.decode.decoder import Decoder
from modelmonitor_sidecar.decode.json_lines import is_json_lines
from modelmonitor_sidecar.decode.message import Message
from modelmonitor_sidecar.decode.rows import Reason, Undecodable

OPEN_INFERENCE: Final = "OpenInference"
SAGEMAKER: Final = "SageMaker"

_ONE_SHAPE_PATHS: Final = ("OpenInference", "V1")
"""Protocols whose claimed paths carry nothing else; other claims (`/invocations`) are shared."""


def protocol_of(request: Message, path: str, named: str, decoders: Iterable[Decoder]) -> str:
    """A name of `protocols.NAMES` other than Auto; Undecodable where nothing fits."""
    if named != protocols.AUTO:
        return named
    if request.headers_length >= 0:
        return OPEN_INFERENCE
    name = _by_path_and_type(path, request.content_type)
    if name is not None:
        return name
    document = request.document()
    for decoder in decoders:
        if decoder.recognises(document):
            return decoder.name
    raise Undecodable(Reason.SHAPE_UNKNOWN)


@lru_cache(maxsize=1024)
def _by_path_and_type(path: str, content_type: str) -> str | None:
    if is_csv(content_type) or is_json_lines(content_type):
        return SAGEMAKER
    bare = path.partition("?")[0]
    for protocol in protocols.PROTOCOLS:
        if protocol.name in _ONE_SHAPE_PATHS and any(fits(bare, c) for c in protocol.claims):
            return protocol.name
    return None


def fits(path: str, claim: str) -> bool:
    """Whether `path` is `claim` with one segment (or part of one) for each `{}`."""
    given, wanted = path.split("/"), claim.split("/")
    if len(given) != len(wanted):
        return False
    return all(_segment_fits(g, w) for g, w in zip(given, wanted, strict=True))


def _segment_fits(segment: str, wanted: str) -> bool:
    if not wanted.startswith("{}"):
        return segment == wanted
    suffix = wanted[2:]
    return len(segment) > len(suffix) and segment.endswith(suffix)
