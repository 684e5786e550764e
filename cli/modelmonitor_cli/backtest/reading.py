"""Reads a block ahead: the next one is parsed while the last one is judged."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Block = TypeVar("Block")


def ahead(blocks: Iterator[Block]) -> Iterator[Block]:
    """The blocks in their order, the next of them being made by another thread meanwhile.

    What making one raises comes where that block would have come, after those before it.
    """
    with ThreadPoolExecutor(max_workers=1) as reader:
        upcoming = reader.submit(next, blocks, None)
        while (block := upcoming.result()) is not None:
            upcoming = reader.submit(next, blocks, None)
            yield block
