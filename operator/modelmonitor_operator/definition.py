"""Whether the API server knows the resource as this program does.

A definition that is older lacks fields, and a status with a field that is not declared is refused
as a whole.  So the process says that it is not ready: a rollout then keeps the operator of before,
and whoever waits for it reads why.
"""

import asyncio
import contextlib
import logging
import re
from collections.abc import AsyncIterator, Callable
from typing import Final

from modelmonitor_api.names import ANNOTATION_VERSION, GROUP, PLURAL
from modelmonitor_operator.cluster import Cluster, ClusterError, ForbiddenError, Raw
from modelmonitor_operator.inject.pods import inner
from modelmonitor_operator.kinds import DEFINITION, Reference

logger = logging.getLogger(__name__)

NAME: Final = f"{PLURAL}.{GROUP}"
LOOK_SECONDS: Final = 30.0
_MEND: Final = f"apply crds/{NAME}.yaml of this version with `kubectl apply --server-side`"
_NUMBERS: Final = re.compile(r"\d+(?:\.\d+)*")

Told = Callable[[str | None], None]
"""Told what is wrong with the definition; None: nothing."""


async def definition_problem(cluster: Cluster, version: str) -> str | None:
    """What is wrong with it for a program of this version; ClusterError if it cannot be seen.

    Where it may not be read, or bears no version, nothing is known to be wrong.
    """
    try:
        found = await cluster.read(Reference(DEFINITION, "", NAME))
    except ForbiddenError:
        return None
    if found is None:
        return f"the cluster has no definition {NAME}: {_MEND}"
    known = _version(found)
    if known is None or _numbers(known) >= _numbers(version):
        return None
    return f"the definition {NAME} is of {known}, older than this operator's {version}: {_MEND}"


@contextlib.asynccontextmanager
async def watched_definition(cluster: Cluster, version: str, told: Told) -> AsyncIterator[None]:
    """Looks at it now, and again and again while something else is done."""
    looking = asyncio.ensure_future(_look_again_and_again(cluster, version, told))
    try:
        yield
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


async def _look_again_and_again(cluster: Cluster, version: str, told: Told) -> None:
    before: str | None = None
    while True:
        with contextlib.suppress(ClusterError):
            problem = await definition_problem(cluster, version)
            if problem is not None and problem != before:
                logger.warning("%s", problem)
            told(problem)
            before = problem
        await asyncio.sleep(LOOK_SECONDS)


def _version(definition: Raw) -> str | None:
    found: str | None = inner(definition["metadata"], "annotations").get(ANNOTATION_VERSION)
    return found if found is not None and _NUMBERS.match(found) else None


def _numbers(version: str) -> tuple[int, ...]:
    """What counts of a version; a release is no newer than its candidates.

    >>> _numbers("0.10.0") > _numbers("0.9.1"), _numbers("1.2.0rc1") == _numbers("1.2.0")
    (True, True)
    """
    match = _NUMBERS.match(version)
    return tuple(int(part) for part in match[0].split(".")) if match else ()
