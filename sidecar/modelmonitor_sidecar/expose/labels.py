"""Label values from what people and data name: bounded, unambiguous, never a duplicate.

It refuses to know the text format; escaping is `exposition`'s.
"""

import itertools
import re
from collections.abc import Collection
from typing import Final

from modelmonitor_api.baseline import Role, category_hash
from modelmonitor_api.names import L_BIN, L_PREVIOUS
from modelmonitor_sidecar.exposition import label_text

MAX_CHARACTERS: Final = 128
_OUTPUTS: Final = ("prediction", "score", "prediction:prediction", "score:score")
_INPUT: Final = re.compile(r"^(input:)+")
_RESERVED: Final = "__"


def bounded(text: str) -> str:
    """`text`, or its first characters and 8 hex digits of its hash where it is too long.

    Lone surrogates are written out, and get the hash too: two texts never become one label.
    """
    plain = text.encode("utf-8", "backslashreplace").decode()
    if plain == text and len(plain) <= MAX_CHARACTERS:
        return plain
    return f"{plain[:MAX_CHARACTERS]}~{category_hash(text)}"


def feature_label(name: str, role: Role, taken: Collection[str]) -> str:
    """The label of a feature that the baseline lacks; `taken` are those that it has.

    An output has its role for a name, which may be a column's as well.  Where two features would
    have one label, or where one comes that others might have, the role stands before the name.

    >>> feature_label("age", "input", ()), feature_label("score", "input", ())
    ('age', 'input:score')
    >>> feature_label("score", "score", ()), feature_label("score", "score", ("age", "score"))
    ('score', 'score:score')
    """
    plain = _INPUT.sub("", name) if role == "input" else name
    doubtful = plain in taken or (role == "input" and plain in _OUTPUTS)
    return bounded(f"{role}:{name}" if doubtful else name)


def category_label(value: str) -> str:
    """A category as a label; one that looks reserved gets a ``=`` before it.

    >>> category_label("red"), category_label("__other__"), category_label("=__other__")
    ('red', '=__other__', '==__other__')
    """
    reserved = value.lstrip("=").startswith(_RESERVED)
    return bounded(f"={value}" if reserved else value)


def bin_labels(count: int) -> list[str]:
    """Label text of `count` bins; all but the first name the bin before them.

    >>> bin_labels(2)
    ['bin="00"', 'bin="01",prev="00"']
    """
    width = max(2, len(str(count - 1)))
    names = [f"{index:0{width}d}" for index in range(count)]
    first = [label_text({L_BIN: names[0]})] if names else []
    return first + [
        label_text({L_BIN: name, L_PREVIOUS: previous})
        for previous, name in itertools.pairwise(names)
    ]
