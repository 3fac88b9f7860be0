"""Backup and restore: one folder that holds the warehouse, the landing zone, and checksums to compare them by.

    warehouse.dump   PostgreSQL's custom format, of one moment
    landing/         the landed files, each under its sha256
    manifest.json    release, migration, roles, the checksum of the dump and of every table at that moment

Passwords and Airflow's own database are not in it: they are made anew. The programs are those of the embedded server,
also for a server of yours.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from ingestion.checksums import checksums
from ingestion.errors import Problem
from ingestion.settings import settings
from ingestion.store import database, locks
from ingestion.store.releases import release

_DUMP, _LANDING, _MANIFEST = "warehouse.dump", "landing", "manifest.json"
_CHUNK = 1 << 20
_OWN_SCHEMAS = "select nspname::text from pg_namespace where nspname !~ '^(pg_|information_schema$|public$)' order by 1"
_ROLES = (
    "select distinct rolname::text from pg_roles where rolname ~ '^hiw_' or oid in (select relowner from pg_class as c"
    " join pg_namespace as n on n.oid = c.relnamespace where n.nspname = any (%s)) order by 1"
)


@dataclass(frozen=True)
class BackupOutcome:
    """What was saved or brought back."""

    what: str
    folder: str
    tables: int
    rows: int
    files: int
    migration: str

    def line(self) -> str:
        """One line for people."""
        return (
            f"{self.what} {self.folder}: {self.tables} tables and views with {self.rows} rows,"
            f" {self.files} landed files, migration {self.migration}; every checksum compared"
        )

    def to_json(self) -> dict[str, Any]:
        """The same, structured."""
        return asdict(self)


def backup(folder: Path) -> BackupOutcome:
    """Save warehouse and landing zone into ``folder``, complete or not at all. May run beside anything else; it
    waits for a build or a validation under way, and they for it.

    Raises Problem where the folder is there already or a landed file is not what the registry says.
    """
    folder = folder.resolve()
    if folder.exists():
        raise _refused(str(folder), "a folder that is there already", "a new one", "Name another folder.")
    draft = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(draft, ignore_errors=True)
    (draft / _LANDING).mkdir(parents=True, mode=0o700)
    draft.chmod(0o700)
    try:
        manifest = _save(draft)
        draft.rename(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return _outcome("saved to", folder, manifest)


def restore(folder: Path) -> BackupOutcome:
    """Bring a backup into a warehouse without submissions, and compare every table and file with what was saved.

    The backup of an earlier release is brought to this release's migration afterwards. Raises Problem where the
    warehouse is not empty, the backup is damaged, or what came back is not what was saved; the warehouse is then
    empty as it was before.
    """
    folder = folder.resolve()
    manifest = _manifest(folder)
    with database.connect() as connection:
        locks.take_in_transaction(connection)
        if _one(connection, "select count(*) from audit.submission"):
            raise _refused("warehouse", "submissions", "an empty warehouse", "Restore into a new database.")
        for role in manifest["roles"]:
            known = connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone()
            if not known:
                connection.execute(sql.SQL("create role {} nologin").format(sql.Identifier(role)))
        connection.commit()
    try:
        _bring_back(folder, manifest)
    except BaseException:
        _drop_schemas(manifest["schemas"])
        database.connect().close()  # empty, as it was
        raise
    database.connect().close()  # forward to this release
    return _outcome("restored from", folder, manifest)


def _save(draft: Path) -> dict[str, Any]:
    """Write everything into ``draft``; returns the manifest."""
    with database.connect(autocommit=True) as holder, database.connect() as connection:
        locks.share(holder)  # a build would take tables away under the dump
        connection.execute("set transaction isolation level repeatable read, read only")
        snapshot = _one(connection, "select pg_export_snapshot()")
        schemas = [row[0] for row in connection.execute(_OWN_SCHEMAS)]
        _postgres(
            "pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={draft / _DUMP}",
            *(f"--schema={schema}" for schema in schemas),
        )  # fmt: skip
        saved = checksums(connection, schemas=tuple(schemas), exact=True)
        landed = connection.execute("select landing_path, sha256 from audit.landed_file order by 1").fetchall()
        manifest = {
            "release": release(),
            "migration": _one(connection, "select version_num from audit.alembic_version"),
            "saved_at": datetime.now(UTC).isoformat(),
            "roles": [row[0] for row in connection.execute(_ROLES, [schemas])],
            "schemas": schemas,
            "dump_sha256": _sha256(draft / _DUMP),
            "tables": [table.to_json() for table in saved],
            "files": dict(landed),
        }
    _copy_files(settings().landing_dir, draft / _LANDING, manifest["files"])
    (draft / _MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return manifest


def _bring_back(folder: Path, manifest: dict[str, Any]) -> None:
    _drop_schemas(manifest["schemas"])  # what the migrations of an empty warehouse made gives way to what was saved
    _copy_files(folder / _LANDING, settings().landing_dir, manifest["files"])
    _postgres("pg_restore", "--exit-on-error", "--single-transaction", str(folder / _DUMP))
    with psycopg.connect(database.dsn(), autocommit=True) as connection:
        connection.execute("analyze")  # a dump holds no statistics; without them some views take for ever
    with psycopg.connect(database.dsn()) as connection:
        now = {table.name: table for table in checksums(connection, schemas=tuple(manifest["schemas"]), exact=True)}
    differing = [table["name"] for table in manifest["tables"] if _differs(table, now.get(table["name"]))]
    if differing:
        raise _refused(
            str(folder), f"other content in {', '.join(differing[:5])}", "what was saved", "Take another backup."
        )


def _drop_schemas(saved: list[str]) -> None:
    """Drop the schemas of the warehouse, and those of a backup."""
    with psycopg.connect(database.dsn()) as connection:
        present = [row[0] for row in connection.execute(_OWN_SCHEMAS)]
        for schema in {*present, *saved}:
            connection.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(schema)))


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = dict(json.loads((folder / _MANIFEST).read_bytes()))
    except (OSError, ValueError):
        raise _refused(
            str(folder), f"no {_MANIFEST} that can be read", "a folder that `hiw backup` wrote", "Name that folder."
        ) from None
    if _sha256(folder / _DUMP) != manifest["dump_sha256"]:
        raise _refused(str(folder / _DUMP), "another checksum", "that of the manifest", "Take another backup.")
    return manifest


def _differs(saved: dict[str, Any], now: Any) -> bool:
    return now is None or (now.rows, now.checksum) != (saved["rows"], saved["checksum"])


def _copy_files(source: Path, target: Path, files: dict[str, str]) -> None:
    """Copy landed files, each compared with its sha256 while it is read; one that is there already stays."""
    for name, sha256 in files.items():
        wanted, copy = source / name, target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if copy.exists():
            continue
        draft = copy.with_name(f".{copy.name}.partial")
        try:
            shutil.copyfile(wanted, draft)
        except OSError as error:
            raise _refused(str(wanted), error.strerror or str(error), "a landed file", "Look for a copy.") from None
        if _sha256(draft) != sha256:
            draft.unlink()
            raise _refused(str(wanted), "a file that was changed", f"sha256 {sha256}", "Look for another copy of it.")
        draft.chmod(0o444)
        draft.rename(copy)


def _postgres(name: str, *arguments: str) -> None:
    """Run a program of PostgreSQL on the warehouse to its end."""
    command, environment = database.program(name)
    done = subprocess.run(
        [*command, *arguments], env={**environment, "LC_ALL": "C"}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise _refused(
            name,
            " ".join(done.stderr.split())[:400] or f"exit {done.returncode}",
            "exit 0",
            "Check space, access and the version of the server.",
        )


def _outcome(what: str, folder: Path, manifest: dict[str, Any]) -> BackupOutcome:
    tables = manifest["tables"]
    rows = sum(table["rows"] for table in tables)
    return BackupOutcome(what, str(folder), len(tables), rows, len(manifest["files"]), manifest["migration"])


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _one(connection: psycopg.Connection, query: str) -> Any:
    row = connection.execute(query).fetchone()
    assert row is not None, "each of these returns one row"
    return row[0]


def _refused(where: str, read: str, expected: str, remedy: str) -> Problem:
    return Problem(code="backup-refused", where=where, read=read, expected=expected, remedy=remedy)
