"""What several commands need of argparse: values that are parsed, and refused as wrong usage."""

import argparse
from collections.abc import Callable
from typing import TypeVar

from modelmonitor_api.errors import InputError

Value = TypeVar("Value")


def usage(parse: Callable[[str, str], Value], flag: str) -> Callable[[str], Value]:
    """`parse`, of a text and the flag, as argparse wants it: what it refuses is wrong usage."""

    def parsed(text: str) -> Value:
        try:
            return parse(text, flag)
        except InputError as error:
            raise argparse.ArgumentTypeError(error.problem) from None

    return parsed
