"""The trigger that waits for files: it fires for whole new ones and for no others."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ingestion.inbox import find_inbox, not_received
from ingestion.pipeline import ingest_from_inbox
from ingestion.settings import REPOSITORY

pytestmark = [pytest.mark.dags, pytest.mark.integration]


def wait_for_files(inbox: Path, home: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("wait_for_files.py")), str(inbox)],
        env={
            **os.environ,
            "AIRFLOW_HOME": str(home),
            "HIW_SETTLE_SECONDS": "1",
            "PYTHONPATH": os.pathsep.join([str(REPOSITORY / "dags"), str(REPOSITORY)]),
        },
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    told = [line for line in done.stdout.splitlines() if line.startswith("EVENT ")]
    assert told, done.stdout + done.stderr
    return dict(json.loads(told[0].removeprefix("EVENT ")))


def test_it_waits_for_a_file_that_grows_and_passes_over_what_was_received(
    warehouse: psycopg.Connection, tmp_path: Path
) -> None:
    inbox = tmp_path / "inbox"
    known = inbox / "2020" / "H15001" / "refused.csv"
    known.parent.mkdir(parents=True)
    known.write_text("name,age\nx,1\n")
    (file,) = find_inbox(inbox)
    assert not_received(warehouse, [file]) == [file]
    assert ingest_from_inbox(file, run_id="before").status == "rejected"
    assert not_received(warehouse, [file]) == []

    event = wait_for_files(inbox, tmp_path / "airflow")
    assert "memory://nowhere/at/all" in event.pop("away")["problem"]
    assert event.pop("was_growing")
    assert event.pop("taken") == ["H15001 2021 slow.csv"], "what the run takes in is whole too"
    assert event == {"payload": {"reporting_years": [2021]}, "was_through": True}

    known.write_text("name,age\ny,2\n")  # as long as before, and changed since
    os.utime(known, (2_000_000_000, 2_000_000_000))
    assert [f.path for f in not_received(warehouse, find_inbox(inbox, 2020))] == [known]
