"""A file of documents: taken apart without a byte lost, put together with some written anew."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_cli.inject.yaml_file import read_documents

FILES = [
    "",
    "# only a comment\n",
    "a: 1\n",
    "a: 1",
    "---\na: 1\n",
    "--- {a: 1}\n",
    "--- {a: 1}\n--- {b: 1}\n",
    "a: 1\n---\nb: 2\n--- # c\n# d\nc: 3\n...\n",
    "a: 1\n...\n# between\n---\nb: 2\n",
    "a: 1\n...\n---\nb: 2\n",
    "%YAML 1.1\n---\na: 1\n...\n%YAML 1.1\n---\nb: 1\n",
    "---\n---\n---\n",
    "  a: 1\n  b: 2\n---\nc: 3\n",
    "a: |\n  ---\n  # no comment\nb: 2\n",
    "- a\n---\ntext\n",
    "a: &x {b: 1}\nc: *x\n",
    "\ufeffa: 1\n---\nb: ä\n",
    "a: 1\r\n---\r\nb: 2\r\n",
]


@pytest.mark.parametrize("text", FILES)
def test_the_texts_put_together_are_the_file(text: str) -> None:
    documents = read_documents(text, "f")
    assert "".join(document.text for document in documents) in (text, "")
    assert [one.content for one in documents] == list(yaml.safe_load_all(text))
    if any(one.content for one in documents):
        assert "".join(document.text for document in documents) == text


@pytest.mark.parametrize("text", FILES)
@pytest.mark.parametrize("at", [0, 1, 2])
def test_one_written_anew_leaves_the_others_what_they_were(text: str, at: int) -> None:
    documents = read_documents(text, "f")
    contents = [one.content for one in documents]
    if at >= len(documents):
        return
    contents[at] = {"new": ["x", {"y": "1\n2\n"}]}
    pieces = [one.text for one in documents]
    pieces[at] = documents[at].rewritten(contents[at])
    assert list(yaml.safe_load_all("".join(pieces))) == contents


CONTENT = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(min_size=1, max_size=4), CONTENT, min_size=1))
def test_whatever_is_written_anew_is_read_back(content: Any) -> None:
    (document,) = read_documents("# head\na: 1\n", "f")
    (again,) = read_documents(document.rewritten(content), "f")
    assert again.content == content


def test_what_looks_like_a_date_stays_a_text() -> None:
    (document,) = read_documents("built: 2026-01-02T03:04:05Z\n", "f")
    assert document.content == {"built": "2026-01-02T03:04:05Z"}


def test_lines_stay_lines_and_nothing_is_folded_or_shared() -> None:
    (document,) = read_documents("a: 1\n", "f")
    shared = {"b": 1}
    text = document.rewritten({"x": shared, "y": shared, "script": "a\nb\n", "long": "w " * 99})
    assert "script: |\n  a\n  b\n" in text
    assert "&id" not in text
    assert "w " * 98 in text


@pytest.mark.parametrize(
    ("text", "there"),
    [("a: 1 # b\n", True), ("a: 1\n# b\n", True), ("# head\na: 1\n", False), ("a: b#c\n", False)],
)
def test_comments_inside_a_document_are_noticed(text: str, there: bool) -> None:
    (document,) = read_documents(text, "f")
    assert document.has_comments is there
