"""One bound on all bytes of copies: being assembled, queued, and not yet acknowledged."""


class Budget:
    """Invariant: 0 <= used, and `take` never lets it pass `limit` (which may be lowered below)."""

    __slots__ = ("limit", "used")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0

    def take(self, count: int) -> bool:
        """Whether `count` more bytes are granted; all or nothing."""
        used = self.used + count
        if used > self.limit:
            return False
        self.used = used
        return True

    def give(self, count: int) -> None:
        """Bytes are free again."""
        self.used -= count
