"""A problem is one line for people, a record for machines, and an ordinary exception for Python."""

import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import CompletedProcess

import psycopg
import pytest

from ingestion.endings import ending_of, of_the_server, stopped_by
from ingestion.errors import Problem
from ingestion.settings import settings
from ingestion.steps.build import _not_run

PROBLEM = {
    "code": "not-a-number",
    "where": "表!C3",
    "read": "'待核实'",
    "expected": "a number",
    "remedy": "Type the figure.",
}


def test_says_where_what_was_read_what_was_expected_and_what_to_do() -> None:
    problem = Problem(**PROBLEM)
    assert str(problem) == "表!C3: '待核实'; expected a number. Type the figure. [not-a-number]"
    assert problem.to_json() == PROBLEM


def test_is_one_line_whatever_the_file_and_its_cells_are_called() -> None:
    problem = Problem(**PROBLEM | {"where": "a\nb\x1b[31m.xlsx: 表\u2028!C3"})
    assert str(problem).startswith("a?b?[31m.xlsx: 表?!C3: ")
    assert problem.to_json()["where"] == "a\nb\x1b[31m.xlsx: 表\u2028!C3"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (psycopg.errors.DiskFull("could not extend file"), "warehouse-full"),
        (RuntimeError("dbt: (psycopg.OperationalError) could not write: No space left on device"), "warehouse-full"),
        (psycopg.OperationalError("server closed the connection unexpectedly"), "warehouse-connection-lost"),
        (psycopg.errors.InsufficientPrivilege("permission denied for schema audit"), "not-permitted"),
        (psycopg.errors.ReadOnlySqlTransaction("cannot execute INSERT in a read-only transaction"), "not-permitted"),
        (RuntimeError("(psycopg.errors.InsufficientPrivilege) permission denied for table entry"), "not-permitted"),
        (ValueError("another's"), None),
    ],
)
def test_what_an_error_says_of_the_server(error: Exception, code: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "warehouse_dsn", "postgresql://elsewhere/w")
    try:
        raise RuntimeError("a library's own") from error
    except RuntimeError as found:
        told = of_the_server(found)
    assert (told.code if told else None) == code


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(13, "Permission denied", "/x/landing"), "/x/landing: Permission denied; expected a place"),
        (OSError(30, "Read-only file system", "/x/y"), "/x/y: Read-only file system; expected a place that"),
        (OSError(28, "No space left on device"), "a disk of this machine: No space left on device; expected room"),
        (FileNotFoundError(2, "No such file or directory", "/x"), "/x: No such file or directory; expected a file or"),
        (psycopg.errors.DiskFull("could not extend file"), "warehouse: no space left on the disk of the server"),
        (Problem(**PROBLEM), "表!C3: '待核实'; expected a number. Type the figure. [not-a-number]"),
    ],
)
def test_every_error_ends_as_one_line(error: Exception, said: str) -> None:
    assert str(ending_of(error)).startswith(said)


def test_an_error_that_nobody_foresaw_is_one_line_and_kept_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "local_dir", tmp_path)
    with pytest.raises(ValueError, match="not a thing") as found:
        raise ValueError("not a thing\nat all")
    ending = ending_of(found.value)
    (kept,) = (tmp_path / "errors").iterdir()
    assert re.match(r"test_errors\.py line \d+: ValueError: not a thing at all; expected no error", str(ending))
    assert str(kept) in ending.remedy and "Traceback" in kept.read_text(encoding="utf-8")
    monkeypatch.setattr(settings(), "local_dir", kept)  # a file: nothing can be kept below it
    assert "HIW_LOCAL_DIR" in ending_of(found.value).remedy


def test_what_stopped_a_command_is_told_from_what_it_caused() -> None:
    for number, wanted in (((), signal.SIGINT), ((signal.SIGTERM,), signal.SIGTERM)):
        try:
            try:
                raise KeyboardInterrupt(*number)
            except KeyboardInterrupt:
                sys.exit(130)
        except SystemExit as found:
            assert stopped_by(found) == wanted
    assert stopped_by(SystemExit(130)) is None


def test_passes_through_a_context_manager() -> None:
    @contextmanager
    def passing() -> Iterator[None]:
        yield

    with pytest.raises(Problem, match="待核实"), passing():
        raise Problem(**PROBLEM)


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        (
            "15:30:10 Running with dbt\n15:30:52 Encountered an error:\n[Errno 28] No space left on device\n15:30:52"
            ' Traceback (most recent call last):\n  File "a.py", line 1, in wrapper\n    result\n',
            "15:30:52 Encountered an error: [Errno 28] No space left on device",
        ),
        (
            "15:30:10 Encountered an error:\nParsing Error\n  not YAML at line 3\n--- Logging error ---\nmore\n",
            "15:30:10 Encountered an error: Parsing Error not YAML at line 3",
        ),
        ("", "no output"),
    ],
)
def test_what_dbt_could_not_begin_is_said_without_its_traceback(printed: str, said: str) -> None:
    assert _not_run(CompletedProcess([], 2, printed)).read == said
