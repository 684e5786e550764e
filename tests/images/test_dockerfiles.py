"""Both images are made the same way, of locked parts, for a user without a name.

That they build and start is tried in a cluster; what can be read in the files is held here.
"""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("operator", "sidecar")
OF_ONE = {
    "operator": (
        " --prune kubernetes",
        " /venv/bin/modelmonitor-proxy /venv/bin/modelmonitor-collector",
        '"modelmonitor-operator"',
    ),
    "sidecar": ("", " /venv/bin/modelmonitor-operator", '"modelmonitor-proxy"'),
}
"""What is different: a client that nobody imports, commands, the entry point."""


def text_of(kind: str) -> str:
    return (ROOT / f"Dockerfile.{kind}").read_text()


def common(kind: str) -> str:
    """The file without what is different, and with one word for the kind."""
    lines = [line for line in text_of(kind).splitlines() if not line.startswith("# ")]
    text = "\n".join(lines)
    for own in OF_ONE[kind]:
        assert own in text
        text = text.replace(own, "", 1) if own else text
    return text.replace(kind, "KIND")


def test_the_images_differ_only_in_what_is_listed_here() -> None:
    assert common("operator") == common("sidecar")


@pytest.mark.parametrize("kind", KINDS)
def test_the_base_image_is_a_build_argument(kind: str) -> None:
    assert re.findall(r"^(?:ARG|FROM) .*$", text_of(kind), re.MULTILINE) == [
        "ARG BASE=python:3.13-slim",
        "FROM ${BASE} AS build",
        "FROM ${BASE}",
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_every_dependency_is_installed_by_its_hash(kind: str) -> None:
    commands = re.split(r"&&|\n", re.sub(r"\\\n\s*", " ", text_of(kind)))
    installed = [one for one in commands if re.search(r"pip .*install ", one)]
    by_index = [one for one in installed if "--no-index" not in one and "uv==" not in one]
    assert len(by_index) == 2
    assert all("--require-hashes" in one for one in by_index)


@pytest.mark.parametrize("kind", KINDS)
def test_what_runs_needs_no_shell_and_no_name_of_a_user(kind: str) -> None:
    last = text_of(kind).split("FROM ${BASE}\n")[1]
    assert "RUN" not in last
    assert re.findall(r"^USER (.*)$", last, re.MULTILINE) == ["65532:65532"]
    assert re.search(r'^ENTRYPOINT \["[\w-]+"\]$', last, re.MULTILINE)


@pytest.mark.parametrize("kind", KINDS)
def test_an_image_has_the_packages_of_its_own_side_alone(kind: str) -> None:
    copied = re.findall(r"^COPY (\w+) \1$", text_of(kind), re.MULTILINE)
    assert copied == ["api", kind]


@pytest.mark.parametrize("kind", KINDS)
def test_all_that_is_copied_is_let_through(kind: str) -> None:
    let_through = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", text_of(kind), re.MULTILINE)
    assert {name for one in copied for name in one.split()} <= set(let_through)


def test_the_lock_knows_what_the_wheel_is_built_with() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    (package,) = (one for one in lock["package"] if one["name"] == "modelmonitor")
    built_with = [re.split(r"[>=<]", one)[0] for one in project["dependency-groups"]["build"]]
    assert [one["name"] for one in package["dev-dependencies"]["build"]] == built_with


def test_the_sidecars_bring_neither_scipy_nor_kubernetes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {re.split(r"[>=<]", one)[0] for one in project["optional-dependencies"]["sidecar"]}
    assert names == {"numpy", "orjson", "uvloop"}


def test_the_entry_points_are_commands_of_the_project() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    entries = {re.findall(r'ENTRYPOINT \["([\w-]+)"\]', text_of(kind))[0] for kind in KINDS}
    assert entries <= set(scripts)
