"""What a protocol's file provides; `registry.PROTOCOLS` lists one of each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from modelmonitor_sidecar.decode.message import Message
from modelmonitor_sidecar.decode.plan import Plan
from modelmonitor_sidecar.decode.rows import Table


@dataclass(frozen=True, slots=True)
class Decoder:
    """One payload protocol.

    `inputs` reads a request; `outputs` an answer to a request of so many rows, and returns as
    many.  Both raise Undecodable and nothing else, whatever the bytes.  `recognises` tells a JSON
    document of this protocol from the others' where neither resource nor path say which it is.
    """

    name: str
    inputs: Callable[[Message, Plan], Table]
    outputs: Callable[[Message, int, Plan], Table]
    recognises: Callable[[Any], bool]
