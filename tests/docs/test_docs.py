"""What the documents name exists: files, headings, commands, flags, fields."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from modelmonitor_api.spec_reading import parse_monitor
from modelmonitor_cli.__main__ import parser

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def ids(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(language: str) -> list[tuple[str, str]]:
    return [
        (ids(page), text)
        for page in PAGES
        for found, text in BLOCK.findall(page.read_text())
        if found == language
    ]


def commands() -> list[tuple[str, str]]:
    return [
        (page, line.removeprefix("$ "))
        for page, text in blocks("sh")
        for line in text.replace("\\\n", " ").splitlines()
        if line.removeprefix("$ ").startswith("modelmonitor ")
    ]


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_there_are_pages_and_commands_to_check() -> None:
    assert ROOT / "docs" / "quick-start.md" in PAGES
    assert len(commands()) >= 4


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.findall(page.read_text()):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize(("page", "line"), commands())
def test_every_command_is_one_that_the_command_line_takes(page: str, line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    parser().parse_args(words)


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_every_make_word_exists(page: Path) -> None:
    words = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    code = re.findall(r"`([^`\n]+)`", page.read_text()) + [
        text for name, text in blocks("sh") if name == ids(page)
    ]
    named = {
        word for text in code for word in re.findall(r"^make ([a-z0-9-]+)", text, re.MULTILINE)
    }
    assert named <= words


@pytest.mark.parametrize(
    ("page", "text"), [(p, t) for p, t in blocks("yaml") if "kind: ModelMonitor" in t]
)
def test_every_monitor_is_valid(page: str, text: str) -> None:
    parse_monitor(yaml.safe_load(text))
