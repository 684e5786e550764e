"""What the tour says where it cannot show what it promises."""


class DemoError(Exception):
    """One sentence: what did not work, and what to do."""
