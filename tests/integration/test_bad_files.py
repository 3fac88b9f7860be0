"""A batch with every hostile file in it: bounded time and memory, one clear outcome each, and the batch goes on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from fixtures.bad_files import UNREADABLE, empty_formatted_rows

from ingestion.errors import Problem
from ingestion.inbox import not_received
from ingestion.pipeline import FileOutcome, find_inbox, ingest_file
from ingestion.readers.apart import read_apart
from ingestion.settings import REPOSITORY
from ingestion.steps import parse

pytestmark = pytest.mark.integration

GOOD = REPOSITORY / "samples" / "inbox" / "2020" / "H15001" / "return.xlsx"
MEMORY_MB = 2048
SECONDS_EACH = 120
_READ_ALL = """
import json, resource, sys, time
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, ({memory} << 20, {memory} << 20))
from ingestion.errors import Problem
from ingestion.readers import read_document
for line in sys.stdin:
    path, started = Path(line.rstrip("\\n")), time.monotonic()
    try:
        code = f"read {{len(read_document(path).tables)}}"
    except Problem as problem:
        code = problem.code
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps([str(path), code, time.monotonic() - started, peak]), flush=True)
"""


def test_bad_files_are_read_within_time_and_memory(tmp_path: Path) -> None:
    expected: dict[str, str] = {}
    for number, bad in enumerate(UNREADABLE.values()):
        path = tmp_path / str(number) / bad.file_name
        path.parent.mkdir()
        bad.write(path)
        expected[str(path)] = bad.code
    empty_formatted_rows(tmp_path / "rows.xlsx")
    expected[str(tmp_path / "rows.xlsx")] = "read 1"
    done = subprocess.run(
        [sys.executable, "-c", _READ_ALL.format(memory=MEMORY_MB)],
        input="\n".join(expected),
        capture_output=True,
        text=True,
        timeout=SECONDS_EACH * len(expected),
        check=False,
        cwd=REPOSITORY,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert {path: code for path, code, _, _ in results} == expected
    assert max(seconds for _, _, seconds, _ in results) < SECONDS_EACH
    assert max(peak for _, _, _, peak in results) < MEMORY_MB


def test_a_reader_that_does_not_end_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    UNREADABLE["pdf without text"].write(path)
    started = time.monotonic()
    with pytest.raises(Problem) as found:
        read_apart(path, "a.pdf", "pdf", seconds=0)
    assert found.value.code == "too-heavy"
    assert time.monotonic() - started < 10


def test_a_reader_that_somebody_kills_reads_again(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    os.mkfifo(path)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(read_apart, path, "a.csv", "text")
        with path.open("wb"):  # opens as soon as the reader has opened the other end
            (reader,) = [pid for pid in _children() if b"ingestion.readers.apart" in _command(pid)]
            os.kill(reader, signal.SIGKILL)
            while _command(reader):
                time.sleep(0.05)
        path.write_bytes(b"a,b\n1,2\n")
        assert waiting.result().tables[0].rows == [["a", "b"], ["1", "2"]]


def _children() -> list[int]:
    return [int(pid) for of in Path("/proc/self/task").iterdir() for pid in (of / "children").read_text().split()]


def _command(pid: int) -> bytes:
    """How a process was started; nothing once it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def test_a_reader_ends_with_who_waits_for_it(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    os.mkfifo(path)
    read = f"from ingestion.readers.apart import read_apart; read_apart(Path({str(path)!r}), 'a.csv', 'text')"
    waiting = subprocess.Popen([sys.executable, "-c", f"from pathlib import Path; {read}"], cwd=REPOSITORY)
    with path.open("wb", buffering=0) as pipe:  # opens as soon as the reader has opened the other end
        waiting.kill()
        waiting.wait()
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                pipe.write(b"x")
            except BrokenPipeError:
                return
            time.sleep(0.05)
    raise AssertionError("the reader outlives the process that started it")


def test_the_batch_goes_on(
    environment: dict[str, str], warehouse: psycopg.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = tmp_path / "inbox"
    for number, bad in enumerate(UNREADABLE.values()):
        folder = inbox / "2020" / f"B{number:03d}"
        folder.mkdir(parents=True)
        bad.write(folder / bad.file_name)
    for code in ("A000", "Z000"):  # one good file before them all, one after
        (inbox / "2020" / code).mkdir()
        shutil.copy(GOOD, inbox / "2020" / code / "return.xlsx")
    os.mkfifo(inbox / "2020" / "A000" / "pipe.xlsx")
    (inbox / "2020" / "A000" / "folder.xlsx").mkdir()

    (inbox / "2020" / "A000" / "link.xlsx").symlink_to("/etc/passwd")
    (inbox / "2020" / "A000" / "nowhere.xlsx").symlink_to("/nowhere")
    files = find_inbox(inbox, 2020)
    outcomes = [
        ingest_file(
            file.path,
            hospital_code=file.hospital_code,
            reporting_year=file.reporting_year,
            changed_at=file.changed_at,
            run_id="bad-files",
        )
        for file in files
    ]

    assert [o.status for o in outcomes if o.path.endswith("return.xlsx")] == ["parsed", "parsed"]
    odd = [o for o in outcomes if o.path.endswith(("link.xlsx", "pipe.xlsx", "nowhere.xlsx"))]
    assert [(o.status, _code(o)) for o in odd] == [("refused", "no-such-file")] * 3
    assert not not_received(warehouse, files)
    bad_ones = [o for o in outcomes if not o.path.endswith("return.xlsx") and o not in odd]
    assert len(bad_ones) == len(UNREADABLE)
    assert {o.status for o in bad_ones} <= {"refused", "unreadable"}
    assert sorted(_code(o) for o in bad_ones) == sorted(_expected_codes())
    assert all("\n" not in o.line() for o in outcomes)
    receipts = warehouse.execute("select count(*) from audit.receipt").fetchone()
    assert receipts == (len(files),)
    entries = warehouse.execute("select count(distinct submission_id) from raw.entry").fetchone()
    assert entries == (2,)

    def fails(*_: object) -> None:
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr(parse, "recognise", fails)
    (inbox / "2020" / "Z000" / "more.csv").write_text("a,b\n1,2\n", "utf-8")
    faulty = ingest_file(inbox / "2020" / "Z000" / "more.csv", run_id="bad-files")
    assert (faulty.status, _code(faulty)) == ("unreadable", "could-not-read")
    assert "test_bad_files.py line" in faulty.line()


def _code(outcome: FileOutcome) -> str:
    return outcome.problem["code"] if outcome.problem else ""


def _expected_codes() -> list[str]:
    return [bad.code for bad in UNREADABLE.values()]
