"""The restore drill: what was saved comes back into an empty server, table for table and file for file."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from faults import SECONDS, YEAR, Undisturbed, Warehouse

from ingestion.store.embedded_postgres import EmbeddedPostgres

pytestmark = [pytest.mark.integration, pytest.mark.timeout(2 * SECONDS)]


@pytest.fixture(scope="module")
def saved(undisturbed: Undisturbed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("backups") / "one"
    undisturbed.warehouse.run("backup", str(folder))
    return folder


@pytest.fixture(scope="module")
def other_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """Another machine: a server that has never seen the warehouse, with another password and in another time zone."""
    postgres = EmbeddedPostgres(tmp_path_factory.mktemp("other"))
    with psycopg.connect(postgres.dsn("postgres"), autocommit=True) as connection:
        connection.execute("alter system set timezone = 'Asia/Shanghai'")
        connection.execute("select pg_reload_conf()")
    yield postgres
    postgres.stop()


def exact(warehouse: Warehouse) -> str:
    return warehouse.run("checksum", "--exact")


def test_a_backup_comes_back_into_an_empty_server(
    undisturbed: Undisturbed, saved: Path, other_server: EmbeddedPostgres, tmp_path: Path
) -> None:
    other = Warehouse.create(other_server, tmp_path)
    told = other.run("restore", str(saved))
    assert "every checksum compared" in told
    assert exact(other) == exact(undisturbed.warehouse)
    assert other.raw() == undisturbed.raw
    landed = [path.name for path in (other.folder / "local" / "landing").rglob("*") if path.is_file()]
    assert sorted(landed) == sorted(json.loads((saved / "manifest.json").read_text())["files"].values())
    # It is a whole warehouse: running the year again finds nothing to do and changes nothing.
    assert " unchanged " in other.run("validate", "--year", YEAR)
    again = refused(other, "restore", str(saved))
    assert "an empty warehouse" in again


@pytest.mark.parametrize("steps", [(), (("ingest",), ("validate", "--year", YEAR))], ids=["new", "not built"])
def test_a_warehouse_that_was_never_built_is_saved_too(
    undisturbed: Undisturbed, other_server: EmbeddedPostgres, tmp_path: Path, steps: tuple[tuple[str, ...], ...]
) -> None:
    one = Warehouse.create(undisturbed.warehouse.server, tmp_path / "one", like=undisturbed.empty)
    for command, *options in steps:
        one.run(command, *options, *([str(one.inbox)] if command == "ingest" else []))
    assert "0 marts" in told_beside(one, "checksum")
    one.run("backup", str(tmp_path / "saved"))
    other = Warehouse.create(other_server, tmp_path / "other")
    assert "every checksum compared" in other.run("restore", str(tmp_path / "saved"))
    assert (other.raw(), other.gate(), other.marts()) == (one.raw(), one.gate(), {})
    if steps:  # it goes on from where it was saved
        other.run("run", "--year", YEAR)
        assert other.marts() == undisturbed.marts


def test_a_damaged_backup_is_refused(saved: Path, other_server: EmbeddedPostgres, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / "manifest.json").write_bytes((saved / "manifest.json").read_bytes())
    (damaged / "warehouse.dump").write_bytes((saved / "warehouse.dump").read_bytes()[:-1])
    other = Warehouse.create(other_server, tmp_path / "other")
    assert "another checksum" in refused(other, "restore", str(damaged))
    assert "warehouse.dump" in refused(other, "restore", str(damaged))
    assert "manifest.json" in refused(other, "restore", str(tmp_path))


def test_what_came_back_otherwise_than_saved_is_not_kept(
    saved: Path, other_server: EmbeddedPostgres, tmp_path: Path
) -> None:
    altered = tmp_path / "altered"
    shutil.copytree(saved, altered)
    manifest = json.loads((saved / "manifest.json").read_text())
    (entries,) = (table for table in manifest["tables"] if table["name"] == "raw.entry")
    entries["rows"] += 1
    (altered / "manifest.json").write_text(json.dumps(manifest))
    other = Warehouse.create(other_server, tmp_path / "other")
    assert "other content in raw.entry" in refused(other, "restore", str(altered))
    assert other.rows("select count(*) from raw.entry") == [(0,)]
    assert "every checksum compared" in other.run("restore", str(saved))


def test_a_backup_that_cannot_be_made_leaves_nothing(undisturbed: Undisturbed, tmp_path: Path) -> None:
    one = undisturbed.warehouse
    landed = next(path for path in (one.folder / "local" / "landing").rglob("*") if path.is_file())
    moved = landed.rename(tmp_path / "moved")
    try:
        assert "a landed file" in refused(one, "backup", str(tmp_path / "backups" / "two"))
    finally:
        moved.rename(landed)
    assert list((tmp_path / "backups").iterdir()) == []


def test_a_backup_holds_no_password_and_is_private(undisturbed: Undisturbed, saved: Path) -> None:
    password = undisturbed.warehouse.server.folder.joinpath("password").read_bytes()
    assert all(password not in path.read_bytes() for path in saved.rglob("*") if path.is_file())
    assert saved.stat().st_mode & 0o077 == 0


def test_the_release_is_stamped(undisturbed: Undisturbed) -> None:
    told = json.loads(undisturbed.warehouse.run("version", "--json"))
    assert [(release, migration) for release, migration, _ in told["history"]] == [(told["release"], told["migration"])]


def told_beside(warehouse: Warehouse, *arguments: str) -> str:
    """What a command that succeeds says on its error stream, beside its result."""
    process = warehouse.start(*arguments)
    _, beside = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, beside
    return beside


def refused(warehouse: Warehouse, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "ingestion.cli", *arguments],
        env=warehouse.environment, capture_output=True, text=True, check=False, timeout=SECONDS,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    return done.stderr
