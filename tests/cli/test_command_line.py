"""One sentence on standard error and a status that scripts can trust."""

import subprocess
import sys
from pathlib import Path

import pytest

from modelmonitor_cli.__main__ import main


def test_without_a_command_the_call_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([])
    assert end.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["bake"],
        ["baseline"],
        ["baseline", "build"],
        ["baseline", "build", "a.csv", "--bins", "ten"],
        ["baseline", "build", "a.csv", "--time", "t", "--time-ordered"],
        ["baseline", "show"],
    ],
)
def test_wrong_usage_ends_with_2_and_one_line(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "--help" in error


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    shown = capsys.readouterr().out
    assert "baseline" in shown
    assert "run" in shown


def test_what_the_user_gave_being_wrong_ends_with_1_and_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["baseline", "show", "nowhere.json"]) == 1
    assert capsys.readouterr().err == (
        "modelmonitor: nowhere.json: cannot be read (No such file or directory); "
        "check the path and its permissions\n"
    )


def test_a_missing_extra_is_named() -> None:
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from modelmonitor_cli.__main__ import main\n"
        "sys.exit(main(['baseline', 'build', 't.csv']))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert ended.stderr == (
        "modelmonitor: pyarrow is not installed; pip install 'modelmonitor[cli]'\n"
    )


def test_a_reader_that_has_enough_is_no_error(tmp_path: Path) -> None:
    table = tmp_path / "train.csv"
    table.write_text("".join(f"{i % 9},{i}\n" for i in range(-1, 500)).replace("8,-1", "a,b", 1))
    process = subprocess.Popen(
        [sys.executable, "-m", "modelmonitor_cli", "baseline", "build", str(table)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert b"Traceback" not in errors
