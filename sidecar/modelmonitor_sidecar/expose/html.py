"""HTML and SVG from plain values: what is no `Markup` is escaped, wherever it stands.

So a feature's name can never become a tag.  It refuses to know what a page looks like.
"""

from html import escape
from typing import Final

_VOID: Final = frozenset({"link", "meta", "br"})

_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(name: str, /, *children: Markup | str | None, **attributes: object) -> Markup:
    """One element; None among children and attributes is left out.

    Attribute names: ``class_`` is ``class``, other underscores are hyphens.

    >>> element("p", "1 < 2", class_="note")
    '<p class="note">1 &lt; 2</p>'
    """
    start = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Markup(f"<{name}{start}>")
    return Markup(f"<{name}{start}>{text(*children)}</{name}>")


def text(*children: Markup | str | None) -> Markup:
    """Several pieces one after the other."""
    return Markup("".join(_escaped(child) for child in children if child is not None))


def _escaped(child: str) -> str:
    return child if isinstance(child, Markup) else escape(_printable(child))


def _attribute(key: str, value: object) -> str:
    if value is None:
        return ""
    return f' {key.rstrip("_").replace("_", "-")}="{escape(_printable(str(value)))}"'


def _printable(raw: str) -> str:
    """Control characters and lone surrogates have no place in a page."""
    plain = raw.encode("utf-8", "replace").decode()
    return "".join(letter if letter.isprintable() else _REPLACEMENT for letter in plain)
