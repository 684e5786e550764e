"""From a file of manifests to one with the sidecars in it, and the words about it."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from modelmonitor_api.errors import InputError
from modelmonitor_api.selection import check_selection
from modelmonitor_api.spec import ModelMonitor
from modelmonitor_cli.documents import read_file, read_monitor
from modelmonitor_cli.inject.checking import check
from modelmonitor_cli.inject.static import statically_injected
from modelmonitor_cli.inject.surroundings import Change
from modelmonitor_cli.inject.yaml_file import Document, read_documents
from modelmonitor_cli.render.values import settings_in
from modelmonitor_cli.report.output import write_output
from modelmonitor_operator.inject.settings import (
    InjectionSettings,
    is_image,
    read_injection_settings,
)

STANDARD_INPUT: Final = Path("-")


def inject(arguments: argparse.Namespace) -> int:
    """Write the result, tell what was done; InputError where nothing could be injected."""
    monitor = _monitor(arguments.monitor)
    settings = _settings(arguments)
    where, text = _manifests(arguments.filename)
    documents = read_documents(text, where)
    contents = [_checked(document, where) for document in documents]
    result = statically_injected(contents, monitor, settings)
    _tell(documents, result.changes)
    if not result.watched:
        raise InputError(where, "nothing was injected; see the reasons above")
    _write(_joined(documents, result.changes), arguments.output)
    return 0


def _monitor(file: Path) -> ModelMonitor:
    """A monitor that selects pods: without a cluster it need not."""
    monitor = read_monitor(file).monitor
    try:
        check_selection(monitor)
    except InputError as error:
        raise InputError(f"{file}: {error.where}", error.problem) from None
    return monitor


def _settings(arguments: argparse.Namespace) -> InjectionSettings:
    image: str | None = arguments.image
    if image is None and arguments.values is None:
        raise InputError(
            "--image",
            "is missing: name the sidecars' image, e.g. --image team/modelmonitor-sidecar:0.1.0, "
            "or a file with sidecar.image by --values",
        )
    if image is not None and not is_image(image):
        raise InputError("--image", f"{image!r} is no image; write e.g. team/sidecar:1")
    return settings_in(arguments.values, lambda values: read_injection_settings(values, image))


def _manifests(file: Path) -> tuple[str, str]:
    """How the file is called in messages, and its text."""
    if file == STANDARD_INPUT:
        return "standard input", sys.stdin.read()
    try:
        return str(file), read_file(file).decode()
    except UnicodeDecodeError:
        raise InputError(str(file), "is no text in UTF-8; write it anew") from None


def _checked(document: Document, where: str) -> Mapping[str, Any]:
    """What is no object is none of ours."""
    if not isinstance(document.content, dict):
        return {}
    try:
        check(document.content)
    except InputError as error:
        name = _name(document.content)
        raise InputError(f"{where}: {name}: {error.where}", error.problem) from None
    return document.content


def _tell(documents: Sequence[Document], changes: Sequence[Change]) -> None:
    """On standard error: standard output may be the result."""
    for document, change in zip(documents, changes, strict=True):
        remarks = list(change.remarks)
        if _is_new(document, change) and document.has_comments:
            remarks.append("its comments are lost")
        for remark in remarks:
            print(f"{_name(change.content)}: {remark}", file=sys.stderr)


def _joined(documents: Sequence[Document], changes: Sequence[Change]) -> str:
    return "".join(
        document.rewritten(change.content) if _is_new(document, change) else document.text
        for document, change in zip(documents, changes, strict=True)
    )


def _is_new(document: Document, change: Change) -> bool:
    return bool(change.content) and change.content is not document.content


def _write(text: str, file: Path | None) -> None:
    if file is None:
        print(text, end="")
    else:
        write_output(file, text, "-o")


def _name(content: Mapping[str, Any]) -> str:
    metadata = content.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return f"{content.get('kind', 'object')} {name or 'without a name'}"
