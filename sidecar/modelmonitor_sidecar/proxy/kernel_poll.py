"""poll(2) in the place of Linux's epoll, for laptops that have only that.

It refuses to be fast: each wait tells the kernel of every descriptor again.
"""

import select
from typing import Protocol


class KernelPoll(Protocol):
    """The part of `select.epoll` that the loop uses."""

    def register(self, descriptor: int, events: int, /) -> None:
        """Begin to report."""

    def modify(self, descriptor: int, events: int, /) -> None:
        """Report these events instead."""

    def unregister(self, descriptor: int, /) -> None:
        """Stop reporting."""

    def poll(self, timeout: float, most: int, /) -> list[tuple[int, int]]:
        """Descriptors and events, after at most `timeout` seconds (negative: none)."""

    def close(self) -> None:
        """Free it."""


class PlainPoll:
    """`KernelPoll` by poll(2).

    Of a descriptor of which nothing is asked it reports nothing, not even its end, as BSD kernels
    do: after a half-close a reset is found out by writing.
    """

    def __init__(self) -> None:
        self._poll = select.poll()
        self._asked: dict[int, int] = {}

    def register(self, descriptor: int, events: int) -> None:
        """See `KernelPoll`."""
        if descriptor in self._asked:
            raise FileExistsError(f"descriptor {descriptor} is watched already")
        self._ask(descriptor, events)

    def modify(self, descriptor: int, events: int) -> None:
        """See `KernelPoll`."""
        if descriptor not in self._asked:
            raise FileNotFoundError(f"descriptor {descriptor} is not watched")
        self._ask(descriptor, events)

    def unregister(self, descriptor: int) -> None:
        """See `KernelPoll`."""
        if self._asked.pop(descriptor, 0):
            self._poll.unregister(descriptor)

    def poll(self, timeout: float, most: int) -> list[tuple[int, int]]:
        """See `KernelPoll`."""
        # Rounded up: a timer must not find itself early and spin.
        milliseconds = None if timeout < 0 else -int(-timeout * 1000 // 1)
        return self._poll.poll(milliseconds)[:most]

    def close(self) -> None:
        """See `KernelPoll`."""
        self._asked.clear()

    def _ask(self, descriptor: int, events: int) -> None:
        before, self._asked[descriptor] = self._asked.get(descriptor, 0), events
        if events:
            self._poll.register(descriptor, events)
        elif before:
            self._poll.unregister(descriptor)


def kernel_poll() -> KernelPoll:
    """The best this machine has."""
    return select.epoll() if hasattr(select, "epoll") else PlainPoll()
