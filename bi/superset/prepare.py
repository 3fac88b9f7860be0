"""Bring a Superset to the state of this folder: its own tables, roles, the administrator, the assets.

Run with Superset's own Python, before the server starts; its settings come from superset_config.py. Reads, besides:
SUPERSET_ADMIN_PASSWORD and WAREHOUSE_READER_DSN (libpq URL of the read-only login), each also as <name>_FILE.
A second run changes nothing: assets are imported where their files, or the warehouse's address, have changed.
"""

from __future__ import annotations

import hashlib
import sys
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import yaml
from flask import g
from superset_config import _secret

ASSETS = Path(__file__).parent / "assets"
DATABASE_FILE = "databases/warehouse.yaml"
ADMIN = "admin"
_MASK = "XXXXXXXXXX"


def main() -> None:
    from superset.app import create_app

    app = create_app()
    with app.app_context():
        prepare(_secret("SUPERSET_ADMIN_PASSWORD"), _secret("WAREHOUSE_READER_DSN"))


def prepare(admin_password: str, reader_dsn: str) -> None:
    """Migrate, create what is missing, import what has changed."""
    import superset
    from flask_migrate import upgrade
    from superset.extensions import appbuilder, db

    installed = version("apache-superset")
    if _remembered("superset") != installed:
        upgrade(directory=str(Path(superset.__file__).parent / "migrations"))
        appbuilder.add_permissions(update_perms=True)
        appbuilder.sm.sync_role_definitions()
        db.session.commit()
        _remember("superset", installed)
    admin = _administrator(admin_password)
    g.user = admin
    contents = _contents(reader_dsn)
    digest = hashlib.sha256()
    for name in sorted(contents):
        digest.update(f"{name}\0{contents[name]}\0".encode())
    digest.update((urlsplit(reader_dsn).password or "").encode())
    if _remembered("assets") == digest.hexdigest():
        print("assets unchanged")
        return
    from superset.commands.exceptions import CommandInvalidError, ImportFailedError
    from superset.commands.importers.v1.assets import ImportAssetsCommand

    try:
        ImportAssetsCommand(contents, passwords={DATABASE_FILE: urlsplit(reader_dsn).password}).run()
    except ImportFailedError as error:
        cause = error.__cause__
        sys.exit(f"assets: {cause.normalized_messages() if isinstance(cause, CommandInvalidError) else cause!r}")
    _remember("assets", digest.hexdigest())
    print(f"assets imported: {len(contents) - 1} files")


def _contents(reader_dsn: str) -> dict[str, str]:
    """The asset files by their name in a bundle, the warehouse's address put into the database's file."""
    contents = {
        str(path.relative_to(ASSETS)): path.read_text(encoding="utf-8") for path in sorted(ASSETS.rglob("*.yaml"))
    }
    database = yaml.safe_load(contents[DATABASE_FILE])
    parts = urlsplit(reader_dsn)
    database["sqlalchemy_uri"] = urlunsplit(
        parts._replace(
            scheme="postgresql+psycopg2", netloc=f"{parts.username}:{_MASK}@{parts.hostname}:{parts.port or 5432}"
        )
    )
    contents[DATABASE_FILE] = yaml.safe_dump(database, sort_keys=False)
    return contents


def _administrator(password: str) -> object:
    """The administrator, with the password of this installation."""
    from superset.extensions import appbuilder, db
    from werkzeug.security import check_password_hash

    manager = appbuilder.sm
    user = manager.find_user(username=ADMIN)
    if user is None:
        user = manager.add_user(
            ADMIN, "Warehouse", "Administrator", "admin@localhost", manager.find_role("Admin"), password=password
        )
        db.session.commit()
    elif not check_password_hash(user.password, password):
        manager.reset_password(user.id, password)
        db.session.commit()
    if not user:
        sys.exit("the administrator could not be created")
    return user


def _remembered(fact: str) -> str | None:
    from superset.extensions import db

    with db.engine.begin() as connection:
        connection.exec_driver_sql(
            "create table if not exists warehouse_prepared (fact text primary key, value text not null)"
        )
        row = connection.exec_driver_sql("select value from warehouse_prepared where fact = %s", (fact,)).fetchone()
    return row[0] if row else None


def _remember(fact: str, value: str) -> None:
    from superset.extensions import db

    with db.engine.begin() as connection:
        connection.exec_driver_sql(
            "insert into warehouse_prepared values (%s, %s) on conflict (fact) do update set value = excluded.value",
            (fact, value),
        )


if __name__ == "__main__":
    main()
