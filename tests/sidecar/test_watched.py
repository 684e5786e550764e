"""A watched file through all the ways in which files change."""

import os
from pathlib import Path

import pytest

from modelmonitor_sidecar.watched import Content, WatchedFile

LONG_AFTER = 4_000_000_000.0


def old(path: Path) -> WatchedFile:
    """A watch whose clock is far ahead, so that every file counts as settled."""
    return WatchedFile(path, lambda: LONG_AFTER)


def test_each_content_is_told_once(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("one")
    watched = old(path)

    assert watched.look() == Content(b"one")
    assert watched.look() is None
    path.write_text("three")
    assert watched.look() == Content(b"three")
    assert watched.look() is None


def test_a_missing_file_is_told_once_and_seen_when_it_comes(tmp_path: Path) -> None:
    watched = old(tmp_path / "file")

    assert watched.look() == Content(None, "No such file or directory")
    assert watched.look() is None
    (tmp_path / "file").write_text("one")
    assert watched.look() == Content(b"one")
    (tmp_path / "file").unlink()
    assert watched.look() == Content(None, "No such file or directory")


def test_a_link_exchanged_two_levels_up_is_seen(tmp_path: Path) -> None:
    for generation in ("one", "two"):
        (tmp_path / generation).mkdir()
        (tmp_path / generation / "file").write_text(generation)
        os.utime(tmp_path / generation / "file", (1, 1))  # same size, same time: only the inode
    data = tmp_path / "..data"
    data.symlink_to("one")
    (tmp_path / "file").symlink_to("..data/file")
    watched = old(tmp_path / "file")
    assert watched.look() == Content(b"one")

    (tmp_path / "next").symlink_to("two")
    (tmp_path / "next").replace(data)

    assert watched.look() == Content(b"two")


def test_a_change_within_the_same_time_stamp_is_seen_while_the_file_is_young(
    tmp_path: Path,
) -> None:
    path = tmp_path / "file"
    path.write_text("one")
    os.utime(path, (1000, 1000))
    watched = WatchedFile(path, lambda: 1001.0)
    assert watched.look() == Content(b"one")
    path.write_text("two")
    os.utime(path, (1000, 1000))

    assert watched.look() == Content(b"two")


def test_a_folder_in_its_place_is_a_problem_not_an_error(tmp_path: Path) -> None:
    assert old(tmp_path).look() == Content(None, "Is a directory")


def test_a_pipe_in_its_place_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "file")
    assert old(tmp_path / "file").look() == Content(None, "Not a regular file")


def test_a_pipe_that_takes_its_place_during_a_look_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("one")

    class Exchanged(type(path)):  # type: ignore[misc]
        def stat(self, **_: bool) -> os.stat_result:
            found = path.stat()
            path.unlink()
            os.mkfifo(path)
            return found

    assert old(Exchanged(path)).look() == Content(b"")


def test_a_link_to_itself_is_a_problem_not_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").symlink_to("file")
    content = old(tmp_path / "file").look()
    assert content is not None
    assert "symbolic links" in str(content.problem)


@pytest.mark.parametrize("size", [101, 1 << 40])
def test_a_file_beyond_the_bound_is_not_read(tmp_path: Path, size: int) -> None:
    path = tmp_path / "file"
    path.touch()
    os.truncate(path, size)
    watched = WatchedFile(path, longest_bytes=100)
    assert watched.look() == Content(None, "Longer than 100 bytes")
    os.truncate(path, 100)
    assert watched.look() == Content(bytes(100))
