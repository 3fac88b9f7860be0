"""A problem is one line for people, a record for machines, and an ordinary exception for Python."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from ingestion import cli
from ingestion.errors import Problem
from ingestion.settings import settings

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
        told = cli._of_the_server(found)
    assert (told.code if told else None) == code


def test_passes_through_a_context_manager() -> None:
    @contextmanager
    def passing() -> Iterator[None]:
        yield

    with pytest.raises(Problem, match="待核实"), passing():
        raise Problem(**PROBLEM)
