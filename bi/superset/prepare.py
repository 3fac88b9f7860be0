"""Bring a Superset to the state of this folder: its own tables, roles, the administrator, users, the assets.

Run with Superset's own Python, before the server starts; its settings come from superset_config.py. Reads, besides:
SUPERSET_ADMIN_PASSWORD and WAREHOUSE_READER_DSN (libpq URL of the read-only login), each also as <name>_FILE, and the
logins of warehouse_logins.py. A second run changes nothing and is over at once: what was prepared is remembered, as a
hash of all that goes into it, in Superset's own database.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import yaml
from flask import g
from superset_config import _secret
from warehouse_logins import kept

FOLDER = Path(__file__).parent
ASSETS = FOLDER / "assets"
ROLES_FILE = FOLDER / "roles.yaml"
DATABASE_FILE = "databases/warehouse.yaml"
READER_ROLE = "hiw_reader"
ADMIN = "admin"
_MASK = "XXXXXXXXXX"


def main() -> None:
    """Do what has changed since the last run; one line says what that was."""
    admin_password, reader_dsn = _secret("SUPERSET_ADMIN_PASSWORD"), _secret("WAREHOUSE_READER_DSN")
    contents = _contents(reader_dsn)
    wanted = {
        "superset": version("apache-superset"),
        "assets": _digest(contents, urlsplit(reader_dsn).password),
        "people": _digest(ROLES_FILE.read_text(encoding="utf-8"), kept(), admin_password),
    }
    remembered = _remembered()
    changed = [fact for fact in wanted if wanted[fact] != remembered.get(fact)]
    if not changed:
        print("unchanged")
        return
    from superset.app import create_app

    app = create_app()
    steps: dict[str, Callable[[], str]] = {
        "superset": _migrate,
        "people": lambda: _people(admin_password),
        "assets": lambda: _import(contents, urlsplit(reader_dsn).password),
    }
    with app.app_context():
        done = [steps["superset"]()] if "superset" in changed else []
        g.user = _administrator(admin_password)
        # Roles refer to the database that the assets bring.
        done += [steps[fact]() for fact in ("assets", "people") if fact in changed]
        _remember(wanted)
    print(", ".join(done))


def _migrate() -> str:
    import superset
    from flask_migrate import upgrade
    from superset.extensions import appbuilder, db

    upgrade(directory=str(Path(superset.__file__).parent / "migrations"))
    appbuilder.add_permissions(update_perms=True)
    appbuilder.sm.sync_role_definitions()
    db.session.commit()
    return "own tables"


def _import(contents: dict[str, str], password: str | None) -> str:
    """Import the assets; ends with what is wrong with them where Superset refuses one."""
    from superset.commands.exceptions import CommandInvalidError, ImportFailedError
    from superset.commands.importers.v1.assets import ImportAssetsCommand

    try:
        ImportAssetsCommand(contents, passwords={DATABASE_FILE: password}).run()
    except ImportFailedError as error:
        cause = error.__cause__
        sys.exit(f"assets: {cause.normalized_messages() if isinstance(cause, CommandInvalidError) else cause!r}")
    return f"{len(contents) - 1} asset files"


def _people(admin_password: str) -> str:
    """The roles of roles.yaml, and one user for each login that is kept; users whose login is gone cannot sign in."""
    from superset.extensions import appbuilder, db

    manager = appbuilder.sm
    roles = yaml.safe_load(ROLES_FILE.read_text(encoding="utf-8"))
    reader = manager.find_role(READER_ROLE) or manager.add_role(READER_ROLE)
    permissions = [(name, view) for view, names in roles[READER_ROLE].items() for name in names]
    found = [manager.find_permission_view_menu(name, view) for name, view in permissions]
    missing = [name for name, one in zip(permissions, found, strict=True) if one is None]
    if missing:
        sys.exit(f"{ROLES_FILE.name}: this Superset has no {missing}")
    reader.permissions = [*found, _database_access()]
    logins = kept()
    for login, told in logins.items():
        own = [manager.find_role(name) for name in roles["users"][told["role"]]]
        user = manager.find_user(username=login) or manager.add_user(
            login, login, "·", f"{login}@localhost", own, password=told["password"]
        )
        user.roles, user.active = own, True
        manager.reset_password(user.id, told["password"])
    for user in manager.get_all_users():
        # Only those made here: an administrator may have added others by hand.
        if user.email == f"{user.username}@localhost" and user.username not in {ADMIN, *logins}:
            user.active = False
    db.session.commit()
    return f"{len(logins)} users"


def _database_access() -> Any:
    """Permission to ask the warehouse's database, with all its datasets."""
    from superset import security_manager
    from superset.extensions import db
    from superset.models.core import Database

    wanted = yaml.safe_load((ASSETS / DATABASE_FILE).read_text(encoding="utf-8"))["uuid"]
    database = db.session.query(Database).filter_by(uuid=wanted).one()
    return security_manager.add_permission_view_menu("database_access", database.perm)


def _administrator(password: str) -> Any:
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


def _digest(*facts: Any) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _remembered() -> dict[str, str]:
    """What was prepared, by fact; read without Superset, which takes seconds to start."""
    connection = psycopg2.connect(_secret("SUPERSET_METADATA_DSN"))
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("create table if not exists warehouse_prepared (fact text primary key, value text not null)")
            cursor.execute("select fact, value from warehouse_prepared")
            return dict(cursor.fetchall())
    finally:
        connection.close()


def _remember(facts: dict[str, str]) -> None:
    from superset.extensions import db

    with db.engine.begin() as connection:
        for fact in facts.items():
            connection.exec_driver_sql(
                "insert into warehouse_prepared values (%s, %s)"
                " on conflict (fact) do update set value = excluded.value",
                fact,
            )


if __name__ == "__main__":
    main()
