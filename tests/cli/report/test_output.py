"""Files that a command writes."""

from pathlib import Path

import pytest

from modelmonitor_api.errors import InputError
from modelmonitor_cli.report.output import write_output


def test_text_and_bytes_are_written_whole(tmp_path: Path) -> None:
    write_output(tmp_path / "text", "é\n", "-o")
    write_output(tmp_path / "bytes", b"\x00", "-o")
    assert (tmp_path / "text").read_bytes() == "é\n".encode()
    assert (tmp_path / "bytes").read_bytes() == b"\x00"


def test_a_folder_that_is_not_there_is_named_with_the_option(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no/report\.html.*cannot be written.*use --html"):
        write_output(tmp_path / "no" / "report.html", "", "--html")
