"""What every tier of tests shares.

pytest-asyncio asks for the thread's loop before each asynchronous test; asyncio would make one for
it that nobody closes, and a later `asyncio.run` would drop it with a warning in some other test.
"""

import asyncio


def pytest_configure() -> None:
    """Nobody has a loop but who runs one."""
    asyncio.set_event_loop(None)
