"""Set a Metabase up for the warehouse over its API: first administrator, database, questions and dashboards.

    .venv/bin/python bi/metabase/setup.py --url http://127.0.0.1:3000 --password-file FILE --reader-dsn-file FILE

What stands is brought up to date by its name; a second run changes nothing. The administrator's password is made up and
written to --password-file, readable by its owner only, where that file is missing. A refusal ends it with one line.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import yaml

CONTENT = Path(__file__).parent / "content.yaml"
SCHEMA = "marts"
EMAIL = "admin@localhost.localdomain"
# Nothing is told to anybody, nothing is open to anybody.
_SETTINGS = {"anon-tracking-enabled": False, "check-for-updates": False, "enable-public-sharing": False}


class Metabase:
    """The API of a Metabase. ``patience``: how many seconds it may take to start, and to sync."""

    def __init__(self, url: str, patience: float) -> None:
        self._client = httpx.Client(base_url=url, timeout=60, trust_env=False)
        self._patience = patience

    def sign_in(self, email: str, password: str) -> None:
        """Once Metabase has started, sign in as the administrator, who is made where it has no user yet."""
        self._wait_for(f"until {self._client.base_url} answers", self._has_started)
        known = self.call("get", "/api/session/properties")
        if known["has-user-setup"]:
            session = self.call("post", "/api/session", {"username": email, "password": password})
        else:
            names = {"first_name": "Warehouse", "last_name": "Administrator"}
            session = self.call("post", "/api/setup", {
                "token": known["setup-token"],
                "user": {"email": email, "password": password, **names},
                "prefs": {"site_name": "医院指标仓库", "site_locale": "zh_CN"},
            })  # fmt: skip
        self._client.headers["X-Metabase-Session"] = session["id"]

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The answer to a call; ends with Metabase's own words where it refuses. What was sent is never shown."""
        try:
            answer = self._client.request(method, path, json=body)
        except httpx.TransportError as error:
            sys.exit(f"metabase: {method.upper()} {path}: no answer ({type(error).__name__}); is it still running?")
        if path == "/api/session" and answer.status_code == 401:
            sys.exit(f"metabase: {body['username']} is refused: the password in --password-file is not that user's")
        if answer.is_error:
            sys.exit(f"metabase: {method.upper()} {path}: {answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.content else None

    def put(self, path: str, known: dict[str, int], name: str, body: dict[str, Any]) -> int:
        """Id of the thing of this name, of those ``known`` by name under ``path``: brought up to date, or created."""
        if name in known:
            self.call("put", f"{path}/{known[name]}", {"name": name, **body})
            return known[name]
        return int(self.call("post", path, {"name": name, **body})["id"])

    def fields(self, database_id: int, needed: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Ids of the columns of the marts, by table and column. Waits until a sync has read those ``needed``."""
        found: dict[tuple[str, str], int] = {}

        def is_synced() -> bool:
            tables = self.call("get", f"/api/database/{database_id}/metadata")["tables"]
            found.update(
                {(t["name"], f["name"]): f["id"] for t in tables if t["schema"] == SCHEMA for f in t["fields"]}
            )
            return needed <= found.keys()

        self.call("post", f"/api/database/{database_id}/sync_schema")
        self._wait_for(
            "for its sync to read the columns that content.yaml names:"
            " is the star built (`hiw build`), and may the login of --reader-dsn-file read it?",
            is_synced,
        )
        return found

    def _has_started(self) -> bool:
        try:
            return self._client.get("/api/health").status_code == 200
        except httpx.TransportError:
            return False

    def _wait_for(self, what: str, is_so: Callable[[], bool]) -> None:
        until = time.monotonic() + self._patience
        while not is_so():
            if time.monotonic() > until:
                sys.exit(f"metabase: waited {self._patience:g} s {what}")
            time.sleep(min(2, self._patience / 50))


def database(reader_dsn: str, name: str) -> dict[str, Any]:
    """Metabase's description of the warehouse: the read-only login of ``reader_dsn``, its marts alone.

    Whether the connection is encrypted is left out: Metabase does it wherever the server can, and keeps to it.
    """
    parts = urlsplit(reader_dsn)
    if not (parts.scheme in ("postgresql", "postgres") and parts.hostname and parts.username and parts.path.strip("/")):
        sys.exit("--reader-dsn-file: expected one line, postgresql://LOGIN:PASSWORD@HOST:PORT/DATABASE")
    return {
        "engine": "postgres",
        "name": name,
        "is_full_sync": True,
        "auto_run_queries": True,
        "details": {
            "host": parts.hostname,
            "port": parts.port or 5432,
            "dbname": parts.path.lstrip("/"),
            "user": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "schema-filters-type": "inclusion",
            "schema-filters-patterns": SCHEMA,
        },
    }


def card(
    question: dict[str, Any], database_id: int, collection_id: int, fields: dict[tuple[str, str], int]
) -> dict[str, Any]:
    """A question as Metabase wants it: SQL, with a filter for each ``{{name}}`` in it."""
    tags = {
        tag: {
            "id": f"{question['key']}-{tag}", "name": tag, "display-name": label, "type": "dimension",
            "dimension": ["field", fields[question["table"], column], None],
            "widget-type": "number/=" if column.endswith("year") else "string/=",
        }
        for tag, (column, label) in question["filters"].items()
    }  # fmt: skip
    return {
        "description": question["description"],
        "display": question["display"],
        "collection_id": collection_id,
        "visualization_settings": question.get("settings", {}),
        "dataset_query": {
            "type": "native",
            "database": database_id,
            "native": {"query": question["sql"], "template-tags": tags},
        },
    }


def dashcards(
    questions: list[dict[str, Any]], ids: dict[str, int], standing: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The places of a dashboard's questions, each bound to the dashboard's filters that it has.

    A question that has a place among those ``standing`` keeps it; a negative id makes a new one.
    """
    places = {place["card_id"]: place["id"] for place in standing}
    return [
        {
            "id": places.get(ids[q["key"]], -1 - place), "card_id": ids[q["key"]],
            **dict(zip(("col", "row", "size_x", "size_y"), q["place"], strict=True)),
            "parameter_mappings": [
                {"parameter_id": tag, "card_id": ids[q["key"]], "target": ["dimension", ["template-tag", tag]]}
                for tag in q["filters"]
            ],
        }
        for place, q in enumerate(questions)
    ]  # fmt: skip


def main() -> None:
    """Bring a Metabase to the state of content.yaml."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--url", required=True)
    arguments.add_argument("--email", default=EMAIL)
    arguments.add_argument("--password-file", type=Path, required=True)
    arguments.add_argument(
        "--reader-dsn-file", type=Path, required=True, help="libpq URL, as Metabase reaches the server"
    )
    arguments.add_argument("--wait", type=float, default=300, help="seconds to wait for its start, and for its sync")
    given = arguments.parse_args()
    content = yaml.safe_load(CONTENT.read_text(encoding="utf-8"))
    wanted = database(_read(given.reader_dsn_file), content["database"])

    metabase = Metabase(given.url, given.wait)
    metabase.sign_in(given.email, _password(given.password_file))
    for setting, value in _SETTINGS.items():
        metabase.call("put", f"/api/setting/{setting}", {"value": value})
    databases = _by_name(metabase.call("get", "/api/database")["data"])
    database_id = metabase.put("/api/database", databases, content["database"], wanted)
    needed = {
        (question["table"], column)
        for board in content["dashboards"]
        for question in board["questions"]
        for column, _ in question["filters"].values()
    }
    fields = metabase.fields(database_id, needed)
    collections = _by_name(metabase.call("get", "/api/collection"))
    collection_id = metabase.put("/api/collection", collections, content["collection"], {})
    # Only what lies in this collection: people may use the same names in theirs.
    items = metabase.call("get", f"/api/collection/{collection_id}/items?models=card&models=dashboard")["data"]
    cards, boards = (_by_name([one for one in items if one["model"] == model]) for model in ("card", "dashboard"))
    for board in content["dashboards"]:
        ids = {
            q["key"]: metabase.put("/api/card", cards, q["name"], card(q, database_id, collection_id, fields))
            for q in board["questions"]
        }
        about = {"description": board["description"], "collection_id": collection_id}
        dashboard_id = metabase.put("/api/dashboard", boards, board["name"], about)
        standing = metabase.call("get", f"/api/dashboard/{dashboard_id}")["dashcards"]
        parameters = [
            {"id": tag, "slug": tag, "name": label, "type": "number/=" if tag == "year" else "string/="}
            for tag, label in board["filters"].items()
        ]
        body = {"parameters": parameters, "dashcards": dashcards(board["questions"], ids, standing)}
        metabase.call("put", f"/api/dashboard/{dashboard_id}", body)
        print(f"{given.url}/dashboard/{dashboard_id}  {board['name']}")


def _by_name(things: list[dict[str, Any]]) -> dict[str, int]:
    return {thing["name"]: thing["id"] for thing in things}


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        sys.exit(f"{path}: cannot be read ({error.strerror})")


def _password(path: Path) -> str:
    """The administrator's password, generated where there is none yet."""
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(24) + "7")  # Metabase wants a digit among them
    return _read(path)


if __name__ == "__main__":
    main()
