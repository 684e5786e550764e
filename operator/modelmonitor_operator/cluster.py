"""The port to Kubernetes: what a reconcile may ask for, and the ways in which it can fail.

Objects are raw dictionaries, so that no field is lost that this version does not know.  It refuses
to know HTTP, logins and kopf; `kube` is the real one, `testing_cluster` the one for tests.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from modelmonitor_operator.kinds import Kind, Reference

Raw = Mapping[str, Any]


class ClusterError(Exception):
    """A request that failed; `reason` is its word in metrics."""

    reason: ClassVar[str] = "error"


class RefusedError(ClusterError):
    """The API server will not have it: a repetition of the same request fails the same way."""

    reason = "refused"


class ForbiddenError(RefusedError):
    """The operator may not do that: a role is missing."""

    reason = "forbidden"


class ConflictError(ClusterError):
    """Somebody else was faster; look again."""

    reason = "conflict"


class ExpiredError(ClusterError):
    """A list's next page is no longer to be had; begin again."""

    reason = "expired"


class UnavailableError(ClusterError):
    """No answer, or an answer that says later; `retry_after_seconds` where it says when."""

    reason = "unavailable"

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True, slots=True)
class Query:
    """Which objects of a kind: selectors as the API writes them, and how much of each."""

    labels: str = ""
    fields: str = ""
    metadata_only: bool = False
    page_objects: int = 250


class Cluster(Protocol):
    """All methods raise ClusterError; none waits for longer than its time limit."""

    async def read(self, reference: Reference, known: str = "") -> Raw | None:
        """The object as it is; None: there is none, or its kind is not served.

        `known` is a resourceVersion: the object may be as it was then, or as it became since,
        which costs an API server a third.
        """

    def pages(self, kind: Kind, namespace: str, query: Query) -> AsyncIterator[Sequence[Raw]]:
        """Objects of a namespace (empty: of all), page by page; none of a kind not served."""

    async def apply(self, manifest: Raw) -> Raw:
        """Server-side apply with force; the metadata, at least, of the object as it became."""

    async def apply_status(self, manifest: Raw) -> Raw:
        """The same of the status alone."""

    async def create(self, manifest: Raw) -> Raw:
        """A new object; ConflictError where there is one of the name."""

    async def replace(self, manifest: Raw) -> Raw:
        """The whole object; ConflictError unless it is still of this resourceVersion."""

    async def delete(self, reference: Reference, uid: str) -> None:
        """That very object; none of the name, or another of the name, is well, too."""

    async def served(self) -> frozenset[Kind]:
        """Which of the optional kinds the API server serves now."""


async def everything(cluster: Cluster, kind: Kind, namespace: str, query: Query) -> list[Raw]:
    """All pages in one list, for what is known to be small."""
    return [item async for page in cluster.pages(kind, namespace, query) for item in page]
