"""Heads of HTTP/1.x messages: bytes in, the few facts the tap needs out.

Strict where the standard is: a head that two readers could frame differently raises `Ambiguous`,
and nobody here guesses.  It refuses to know bodies, connections and what a path means.  Fields that
carry credentials are never looked at.
"""

import re
from collections.abc import Callable
from typing import Final, Generic, TypeVar

END: Final = b"\r\n\r\n"
MAX_HEAD_BYTES: Final = 256 * 1024
MAX_LINE_BYTES: Final = 128 * 1024
CHUNKED: Final = -1
"""In place of a length: the body comes in chunks."""
UNTIL_CLOSE: Final = -2
"""In place of a length: the body ends with the connection."""
ABSENT: Final = -1

_TOKEN: Final = b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_REQUEST_LINE: Final = re.compile(
    rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([^\x00-\x20\x7f]+) HTTP/1\.([01])"
)
_LINE_START: Final = re.compile(
    rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?: [^\x00-\x20\x7f]*(?: [HTP/1.0]*)?)?\r?"
)
_STATUS_LINE: Final = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9][0-9])(?: [^\x00\r\n]*)?")
_ABSOLUTE: Final = re.compile(rb"[A-Za-z][A-Za-z0-9+.\-]*://[^/?#]*")
_MAX_LENGTH_DIGITS: Final = 18
_PROBE: Final = b"kube-probe/"
_WANTED: Final = frozenset(
    {
        b"content-length",
        b"transfer-encoding",
        b"content-type",
        b"content-encoding",
        b"inference-header-content-length",
        b"upgrade",
        b"user-agent",
    }
)

# Names as clients spell them, checked once: None for fields that we do not read.  It grows up to a
# bound and is never emptied, so strange names cost their check each time and nothing else.
_NAMES: Final[dict[bytes, bytes | None]] = {}
_MAX_NAMES: Final = 1024
_LONGEST_NAME: Final = 64

Fields = dict[bytes, bytes]


class Ambiguous(ValueError):  # noqa: N818 - a finding about the bytes, not a failure of ours
    """These bytes cannot be followed as HTTP/1.x without guessing."""


class RequestHead:
    """A request's head.

    `whole` is the size of head and body together, -1 where it is unknown or where what follows may
    be another protocol (`switches`).  `simple` says that its answer is framed by the answer's head
    alone (no HEAD, CONNECT, Upgrade); `candidate` that it may be an inference: a POST that is no
    kubelet's probe.
    """

    __slots__ = (
        "candidate", "headers_length", "length", "method", "path", "raw", "simple", "size",
        "switches", "texts", "whole",
    )  # fmt: skip

    def __init__(self, raw: bytes) -> None:
        line, fields = _lines(raw)
        match = _REQUEST_LINE.fullmatch(line)
        if match is None:
            raise Ambiguous("no request line of HTTP/1.x")
        self.raw = raw
        self.size = len(raw)
        self.method = match[1]
        self.path = _path(match[2])
        self.length = _length(fields, http_1_0=match[3] == b"0", default=0)
        self.switches = b"upgrade" in fields or self.method == b"CONNECT"
        self.whole = -1 if self.switches or self.length < 0 else self.size + self.length
        self.simple = not self.switches and self.method != b"HEAD"
        probe = fields.get(b"user-agent", b"").startswith(_PROBE)
        self.candidate = self.method == b"POST" and not probe
        self.headers_length = _headers_length(fields)
        self.texts = (_text(self.path), *_content(fields))


class ResponseHead:
    """An answer's head, as if it answered a simple request (`RequestHead.simple`).

    `whole` is the size of head and body together, -1 where it is unknown or where the head is not
    the final one.
    """

    __slots__ = ("headers_length", "length", "raw", "size", "status", "success", "texts", "whole")

    def __init__(self, raw: bytes) -> None:
        line, fields = _lines(raw)
        match = _STATUS_LINE.fullmatch(line)
        if match is None:
            raise Ambiguous("no status line of HTTP/1.x")
        self.raw = raw
        self.size = len(raw)
        self.status = int(match[2])
        self.success = 200 <= self.status < 300
        bodiless = self.status < 200 or self.status in (204, 304)
        length = _length(fields, http_1_0=match[1] == b"0", default=UNTIL_CLOSE)
        self.length = 0 if bodiless else length
        self.whole = self.size + self.length if self.length >= 0 and self.status >= 200 else -1
        self.headers_length = _headers_length(fields)
        self.texts = _content(fields)


def plausible_request(start: bytes) -> bool:
    """Whether an unfinished head can still become a request's."""
    line, end, _ = start.partition(b"\r\n")
    if not end:
        return len(line) <= MAX_LINE_BYTES and _LINE_START.fullmatch(line) is not None
    return _REQUEST_LINE.fullmatch(line) is not None


def plausible_response(start: bytes) -> bool:
    """Whether an unfinished head can still become an answer's."""
    line, end, _ = start.partition(b"\r\n")
    if end:
        return _STATUS_LINE.fullmatch(line) is not None
    return b"HTTP/1.".startswith(line[:7]) and len(line) <= MAX_LINE_BYTES and b"\n" not in line


Head = TypeVar("Head", RequestHead, ResponseHead)


class HeadCache(Generic[Head]):
    """Heads by their bytes: clients repeat themselves, and a look-up costs a tenth of a parse.

    At most `entries` heads of at most `MAX_CACHED_BYTES`; a full cache starts anew, so a client
    whose heads never repeat costs an insertion a request and no more.
    """

    MAX_CACHED_BYTES: Final = 2048

    __slots__ = ("_entries", "_heads", "_parse")

    def __init__(self, parse: Callable[[bytes], Head], entries: int = 512) -> None:
        self._parse: Callable[[bytes], Head] = parse
        self._entries = entries
        self._heads: dict[bytes, Head] = {}

    def __len__(self) -> int:
        """How many heads are kept."""
        return len(self._heads)

    def read(self, raw: bytes) -> Head:
        """The head in `raw`, which ends with the empty line; Ambiguous where it cannot be read."""
        head = self._heads.get(raw)
        if head is None:
            head = self._parse(raw)
            if len(raw) <= self.MAX_CACHED_BYTES:
                if len(self._heads) >= self._entries:
                    self._heads.clear()
                self._heads[raw] = head
        return head


def _lines(raw: bytes) -> tuple[bytes, Fields]:
    """The first line and the fields we read, names in lower case."""
    if raw.count(b"\n") != raw.count(b"\r\n") or raw.count(b"\r") != raw.count(b"\r\n"):
        raise Ambiguous("a line does not end with CR LF")
    if b"\0" in raw:
        raise Ambiguous("a NUL in the head")
    line, *rest = raw[:-4].split(b"\r\n")
    fields: Fields = {}
    for entry in rest:
        name, colon, value = entry.partition(b":")
        wanted = _NAMES.get(name) if name in _NAMES else _name(name)
        if not colon:
            raise Ambiguous("a line that is no field")
        if wanted is not None:
            _keep(fields, wanted, value.strip(b" \t"))
    return line, fields


def _name(name: bytes) -> bytes | None:
    """The name in lower case if we read that field; Ambiguous for what is no name."""
    if not name or name.translate(None, _TOKEN):
        raise Ambiguous("a line that is no field")
    lower = name.lower()
    wanted = lower if lower in _WANTED else None
    if len(_NAMES) < _MAX_NAMES and len(name) <= _LONGEST_NAME:
        _NAMES[name] = wanted
    return wanted


def _keep(fields: Fields, name: bytes, value: bytes) -> None:
    earlier = fields.setdefault(name, value)
    if earlier != value and name in (b"content-length", b"transfer-encoding"):
        raise Ambiguous("two fields that frame the body differ")


def _length(fields: Fields, *, http_1_0: bool, default: int) -> int:
    coding = fields.get(b"transfer-encoding")
    value = fields.get(b"content-length")
    if coding is not None:
        if value is not None or http_1_0 or coding.lower() != b"chunked":
            raise Ambiguous("a transfer coding that readers disagree about")
        return CHUNKED
    if value is None:
        return default
    if not value.isdigit() or len(value) > _MAX_LENGTH_DIGITS:
        raise Ambiguous("a length that is no number")
    return int(value)


def _headers_length(fields: Fields) -> int:
    value = fields.get(b"inference-header-content-length", b"")
    return int(value) if value.isdigit() and len(value) <= _MAX_LENGTH_DIGITS else ABSENT


def _content(fields: Fields) -> tuple[str, str]:
    return _text(fields.get(b"content-type", b"")), _text(fields.get(b"content-encoding", b""))


def _path(target: bytes) -> bytes:
    """The path of a target in any of its forms, without query."""
    if not target.startswith(b"/"):
        match = _ABSOLUTE.match(target)
        target = (target[match.end() :] or b"/") if match else target
    return target.partition(b"?")[0]


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")
