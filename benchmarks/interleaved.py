"""Rounds in which the peers take turns, so that a slow minute of the machine hits all alike."""

from collections.abc import Callable, Sequence
from typing import TypeVar

Peer = TypeVar("Peer")
Value = TypeVar("Value")


def rounds(
    peers: Sequence[Peer], count: int, measure: Callable[[Peer], Value]
) -> list[list[Value]]:
    """`measure` of every peer, `count` times; every second round goes backwards.

    The result has one list a peer, in the peers' order.

    >>> rounds("ab", 2, str.upper)
    [['A', 'A'], ['B', 'B']]
    """
    found: list[list[Value]] = [[] for _ in peers]
    for number in range(count):
        order = range(len(peers)) if number % 2 == 0 else range(len(peers) - 1, -1, -1)
        for index in order:
            found[index].append(measure(peers[index]))
    return found


def median(values: Sequence[float]) -> float:
    """The middle value, or the mean of the two.

    >>> median([3, 1, 2]), median([4, 1, 2, 3])
    (2, 2.5)
    """
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
