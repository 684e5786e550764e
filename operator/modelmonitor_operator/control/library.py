"""Baselines out of ConfigMaps, parsed once for each version of the ConfigMap.

A baseline of five hundred features takes a tenth of a second to read, so the last few are kept.
"""

import asyncio
import base64
import binascii
from collections import OrderedDict
from collections.abc import Iterator
from typing import Final

from modelmonitor_api.baseline import digest
from modelmonitor_api.baseline_reading import read_baseline
from modelmonitor_api.errors import InputError
from modelmonitor_api.names import BASELINE_KEY, CONFIG_FILE
from modelmonitor_api.sidecar_config import parse_config
from modelmonitor_operator.cluster import Cluster, Raw
from modelmonitor_operator.kinds import CONFIG_MAP, Reference
from modelmonitor_operator.plan.baselines import MISSING
from modelmonitor_operator.world import KnownBaseline, LoadedBaseline, SeenBaseline

MAX_KEPT: Final = 32
_DIGITS: Final = 8


class Library:
    """The last MAX_KEPT baselines, by ConfigMap and version of it."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._kept: OrderedDict[tuple[str, str], SeenBaseline] = OrderedDict()

    async def seen(self, namespace: str, name: str) -> SeenBaseline:
        """What a user's ConfigMap holds, or what is wrong with it; ClusterError if unreadable."""
        found = await self._cluster.read(Reference(CONFIG_MAP, namespace, name))
        if found is None:
            return MISSING
        version = (found["metadata"]["uid"], found["metadata"]["resourceVersion"])
        if version not in self._kept:
            self._keep(version, await asyncio.to_thread(_read, found))
        self._kept.move_to_end(version)
        return self._kept[version]

    async def loaded(self, namespace: str, name: str) -> tuple[LoadedBaseline, ...]:
        """What the sidecars' ConfigMap tells them now; nothing where it cannot be understood."""
        found = await self._cluster.read(Reference(CONFIG_MAP, namespace, name))
        return () if found is None else await asyncio.to_thread(_loaded, found)

    def _keep(self, version: tuple[str, str], seen: SeenBaseline) -> None:
        self._kept[version] = seen
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)


def _read(config_map: Raw) -> SeenBaseline:
    packed = (config_map.get("binaryData") or {}).get(BASELINE_KEY)
    if packed is None:
        return SeenBaseline(None, f"has no key {BASELINE_KEY} in binaryData")
    try:
        return SeenBaseline(_known(packed))
    except InputError as error:
        return SeenBaseline(None, f"holds no baseline that can be read: {error}")


def _loaded(config_map: Raw) -> tuple[LoadedBaseline, ...]:
    try:
        return tuple(_told(config_map))
    except (InputError, KeyError):
        return ()


def _told(config_map: Raw) -> Iterator[LoadedBaseline]:
    files = config_map.get("binaryData") or {}
    for one in parse_config(config_map["data"][CONFIG_FILE]).baselines:
        yield LoadedBaseline(one.model, one.version, _known(files[one.file]))


def _known(packed: str) -> KnownBaseline:
    try:
        data = base64.b64decode(packed, validate=True)
    except binascii.Error:
        data = b""
    baseline = read_baseline(data)
    return KnownBaseline(baseline, digest(baseline)[:_DIGITS], len(data))
