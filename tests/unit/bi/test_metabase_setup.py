"""bi/metabase/setup.py against a server that holds it to the shapes of Metabase's API, and is no Metabase."""

from __future__ import annotations

import copy
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from metabase_api import MetabaseApi

from ingestion.settings import REPOSITORY

FOLDER = REPOSITORY / "bi" / "metabase"
CONTENT = yaml.safe_load((FOLDER / "content.yaml").read_text(encoding="utf-8"))
QUESTIONS = [question for board in CONTENT["dashboards"] for question in board["questions"]]
READER = "postgresql://reader:the%20reader%27s@warehouse:5432/warehouse"


@pytest.fixture
def metabase() -> Iterator[MetabaseApi]:
    columns: dict[str, list[str]] = {}
    for question in QUESTIONS:
        columns.setdefault(question["table"], []).extend(column for column, _ in question["filters"].values())
    with MetabaseApi(columns) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "reader_dsn").write_text(READER + "\n", encoding="utf-8")
    return tmp_path


def set_up(url: str, folder: Path, wait: float = 10) -> subprocess.CompletedProcess[str]:
    """The command of the recipe, on this Metabase."""
    return subprocess.run(
        [
            sys.executable, str(FOLDER / "setup.py"), "--url", url, "--wait", str(wait),
            "--password-file", str(folder / "password"), "--reader-dsn-file", str(folder / "reader_dsn"),
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def refused(done: subprocess.CompletedProcess[str], *secrets: str) -> str:
    """The one line with which it ended, which tells no secret."""
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert not [secret for secret in secrets if secret in done.stderr + done.stdout]
    return line


def test_a_new_metabase_is_set_up_and_a_second_run_changes_nothing(metabase: MetabaseApi, folder: Path) -> None:
    done = set_up(metabase.url, folder)
    assert done.returncode == 0, (done.stderr, metabase.refused)
    assert [refusal for refusal in metabase.refused if refusal[0] != "GET /api/health"] == []
    assert [board["name"] for board in CONTENT["dashboards"]] == [
        line.split("  ")[1] for line in done.stdout.splitlines()
    ]
    assert (folder / "password").stat().st_mode & 0o777 == 0o600
    assert set(metabase.settings.values()) == {False}
    (database,) = metabase.things["database"].values()
    assert database["details"]["password"] == "the reader's"
    assert len(metabase.things["card"]) == len(QUESTIONS)
    assert all(board["dashcards"] for board in metabase.things["dashboard"].values())

    before = copy.deepcopy((metabase.things, metabase.settings, metabase.users))
    again = set_up(metabase.url, folder)
    assert again.returncode == 0, (again.stderr, metabase.refused)
    assert (metabase.things, metabase.settings, metabase.users) == before
    assert again.stdout == done.stdout
    assert metabase.syncs == 2  # what the marts hold may have changed


def test_what_people_made_under_the_same_names_is_left_alone(metabase: MetabaseApi, folder: Path) -> None:
    assert set_up(metabase.url, folder).returncode == 0
    own = {"id": 77, "name": QUESTIONS[0]["name"], "collection_id": 5, "display": "pie"}
    metabase.things["card"][77] = dict(own)
    assert set_up(metabase.url, folder).returncode == 0
    assert metabase.things["card"][77] == own
    assert len(metabase.things["card"]) == len(QUESTIONS) + 1


def test_another_password_is_refused_in_clear_words(metabase: MetabaseApi, folder: Path) -> None:
    metabase.users["admin@localhost.localdomain"] = "made elsewhere"
    done = set_up(metabase.url, folder)
    line = refused(done, "the reader's", "made elsewhere", (folder / "password").read_text())
    assert line == (
        "metabase: admin@localhost.localdomain is refused: the password in --password-file is not that user's"
    )


def test_a_warehouse_that_metabase_cannot_reach_is_told_in_its_words(metabase: MetabaseApi, folder: Path) -> None:
    metabase.can_connect = False
    line = refused(set_up(metabase.url, folder), "the reader's", "the%20reader%27s")
    assert line.startswith("metabase: POST /api/database: 400 ")
    assert "Host 'warehouse' is not reachable" in line


def test_a_star_that_is_not_built_is_told(metabase: MetabaseApi, folder: Path) -> None:
    metabase.columns = {}
    line = refused(set_up(metabase.url, folder, wait=0.3), "the reader's")
    assert line.startswith("metabase: waited 0.3 s for its sync")
    assert "hiw build" in line


def test_no_metabase_is_told(folder: Path) -> None:
    line = refused(set_up("http://127.0.0.1:9", folder, wait=0.2), "the reader's")
    assert line == "metabase: waited 0.2 s until http://127.0.0.1:9 answers"


@pytest.mark.parametrize("text", ["", "not an address", "postgresql://warehouse:5432/"])
def test_an_address_that_is_none_is_told(folder: Path, text: str) -> None:
    (folder / "reader_dsn").write_text(text)
    line = refused(set_up("http://127.0.0.1:9", folder))
    assert line == "--reader-dsn-file: expected one line, postgresql://LOGIN:PASSWORD@HOST:PORT/DATABASE"


def test_a_file_that_is_not_there_is_told(folder: Path) -> None:
    (folder / "reader_dsn").unlink()
    assert refused(set_up("http://127.0.0.1:9", folder)).endswith(
        "reader_dsn: cannot be read (No such file or directory)"
    )
