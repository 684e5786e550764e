"""The tour: a real model on one machine, watched, broken in four ways, and what was seen of it.

`python -m demo` from the repository's root runs it (`make demo`).
"""
