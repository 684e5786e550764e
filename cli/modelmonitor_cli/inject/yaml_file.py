"""A YAML file of several documents, of which some are written anew and the others kept as they are.

It refuses to know what the documents are.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import yaml

from modelmonitor_api.errors import InputError
from modelmonitor_cli.documents import yaml_fault

_COMMENT: Final = re.compile(r"(^|\s)#", re.MULTILINE)
_END: Final = re.compile(r"^\.\.\.(\s|$)", re.MULTILINE)
_STRANGE_BREAK: Final = re.compile("[\x85\u2028\u2029]")
_DOCUMENT_END: Final = "...\n"
_TIMESTAMP: Final = "tag:yaml.org,2002:timestamp"


@dataclass(frozen=True, slots=True)
class Document:
    """One document: its text with its ``---``, what of it leads up to the content, the content."""

    text: str
    head: str
    content: Any

    @property
    def has_comments(self) -> bool:
        """Whether writing it anew would lose comments (or what looks like one)."""
        return _COMMENT.search(self.text.removeprefix(self.head)) is not None

    def rewritten(self, content: Any) -> str:
        """The text with other content; comments before it stay, those inside are lost."""
        lead = self.head.rstrip(" \t")
        lead += "\n" if lead and not lead.endswith("\n") else ""
        dumped = yaml.dump(
            content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1_000_000
        )
        return f"{lead}{dumped}{_DOCUMENT_END if _END.search(self.text) else ''}"


def read_documents(text: str, where: str) -> list[Document]:
    """All documents, whose texts put together are `text`; InputError names file and line."""
    try:
        contents = list(yaml.load_all(text, Loader=_Loader))
        starts = list(_starts(text))
    except yaml.YAMLError as error:
        raise InputError(where, f"is no YAML ({yaml_fault(error)}); mend that line") from None
    ends = [*(start for start, _ in starts[1:]), len(text)]
    return [
        Document(text[start:end], text[start:begin], content)
        for (start, begin), end, content in zip(starts, ends[: len(starts)], contents, strict=True)
    ]


class _Loader(yaml.SafeLoader):
    """Leaves what looks like a date a text, as Kubernetes does."""

    yaml_implicit_resolvers = {  # noqa: RUF012 (pyyaml's own name for it)
        letter: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
        for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


class _Dumper(yaml.SafeDumper):
    """Writes what is there twice twice, and lines of a text as lines."""

    def ignore_aliases(self, data: Any) -> bool:
        """Without anchors: what was one piece may now differ."""
        return True


def _text_node(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    if _STRANGE_BREAK.search(text):  # read back as a space, unless it is escaped
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text_node)


def _starts(text: str) -> Iterator[tuple[int, int]]:
    """Where each document begins, and where its content does."""
    is_first = True
    for event, following in pairwise(yaml.parse(text, Loader=yaml.SafeLoader)):
        if isinstance(event, yaml.DocumentStartEvent):
            yield 0 if is_first else _index(event), _index(following)
            is_first = False


def _index(event: yaml.Event) -> int:
    assert event.start_mark is not None  # every event of a text has one
    return event.start_mark.index
