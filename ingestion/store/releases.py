"""Which release of this project stands in a warehouse, and which ones were there before."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import psycopg

_DISTRIBUTION = "hospital-indicator-warehouse"


def release() -> str:
    """The release of this code; ``0`` where the project is not installed."""
    try:
        return version(_DISTRIBUTION)
    except PackageNotFoundError:
        return "0"


@dataclass(frozen=True)
class Version:
    """The release of the code, the migration of the warehouse, and since when each release has been there."""

    release: str
    migration: str
    history: tuple[tuple[str, str, datetime], ...]

    def lines(self) -> list[str]:
        """For a terminal."""
        told = [f"release    {self.release}", f"migration  {self.migration}"]
        return told + [f"since      {at:%F %T %Z}  release {name}, migration {step}" for name, step, at in self.history]

    def to_json(self) -> dict[str, Any]:
        """The same, structured."""
        return asdict(self)


def stamp(connection: Any, migration: str) -> None:
    """Note that this release has brought the warehouse to ``migration``. ``connection`` is SQLAlchemy's."""
    connection.exec_driver_sql(
        "insert into audit.warehouse_release (release, migration) values (%s, %s) on conflict do nothing",
        (release(), migration),
    )


def stamped(connection: psycopg.Connection) -> Version:
    """What stands in the warehouse."""
    history = connection.execute(
        "select release, migration, since from audit.warehouse_release order by since, migration"
    ).fetchall()
    row = connection.execute("select version_num from audit.alembic_version").fetchone()
    assert row is not None, "a connection of ours is migrated"
    return Version(release(), row[0], tuple(history))
