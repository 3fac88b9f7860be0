"""Set a Metabase up for the warehouse over its API: first administrator, database, questions and dashboards.

    .venv/bin/python bi/metabase/setup.py --url http://127.0.0.1:3000 --password-file FILE --reader-dsn-file FILE

What stands is brought up to date by its name; a second run changes nothing else. The administrator's password is made
up and written to --password-file, readable by its owner only, where that file is missing.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import yaml

CONTENT = Path(__file__).parent / "content.yaml"
SCHEMA = "marts"
EMAIL = "admin@localhost.localdomain"
_WAIT_SECONDS = 300
# Nothing is told to anybody, nothing is open to anybody.
_SETTINGS = {"anon-tracking-enabled": False, "check-for-updates": False, "enable-public-sharing": False}


class Metabase:
    """The API of a Metabase, signed in as its administrator."""

    def __init__(self, url: str, email: str, password: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=60, trust_env=False)
        self._wait_for("it answers", lambda: self._client.get("/api/health").status_code == 200)
        known = self.call("get", "/api/session/properties")
        if known.get("has-user-setup"):
            session = self.call("post", "/api/session", {"username": email, "password": password})
        else:
            session = self.call("post", "/api/setup", {
                "token": known["setup-token"],
                "user": {"email": email, "password": password, "first_name": "Warehouse", "last_name": "Administrator",
                         "site_name": "医院指标仓库"},
                "prefs": {"site_name": "医院指标仓库", "site_locale": "zh", "allow_tracking": False},
            })  # fmt: skip
        self._client.headers["X-Metabase-Session"] = session["id"]

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The answer to a call; ends with Metabase's own words where it refuses. What was sent is never shown."""
        answer = self._client.request(method, path, json=body)
        if answer.is_error:
            sys.exit(f"metabase: {method.upper()} {path}: {answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.content else None

    def put_by_name(self, path: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """The thing of this name under ``path``, created or brought up to date."""
        listed = self.call("get", path)
        things = listed["data"] if isinstance(listed, dict) else listed
        for thing in things:
            if thing["name"] == name and not thing.get("archived"):
                done: dict[str, Any] = self.call("put", f"{path}/{thing['id']}", {"name": name, **body}) or thing
                return {**thing, **done}
        made: dict[str, Any] = self.call("post", path, {"name": name, **body})
        return made

    def fields(self, database_id: int) -> dict[str, dict[str, int]]:
        """Ids of the columns of the marts, by table and column; waits for the first sync."""
        found: dict[str, dict[str, int]] = {}

        def is_synced() -> bool:
            tables = self.call("get", f"/api/database/{database_id}/metadata")["tables"]
            found.update(
                {t["name"]: {f["name"]: f["id"] for f in t["fields"]} for t in tables if t["schema"] == SCHEMA}
            )
            return bool(found) and all(found.values())

        self.call("post", f"/api/database/{database_id}/sync_schema")
        self._wait_for("its sync has read the marts", is_synced)
        return found

    @staticmethod
    def _wait_for(what: str, is_so: Any) -> None:
        until = time.monotonic() + _WAIT_SECONDS
        while time.monotonic() < until:
            try:
                if is_so():
                    return
            except httpx.TransportError:
                pass
            time.sleep(2)
        sys.exit(f"metabase: waited {_WAIT_SECONDS} s until {what}")


def database(reader_dsn: str, name: str) -> dict[str, Any]:
    """Metabase's description of the warehouse: the read-only login of ``reader_dsn``, its marts alone."""
    parts = urlsplit(reader_dsn)
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
            "ssl": False,
            "schema-filters-type": "inclusion",
            "schema-filters-patterns": SCHEMA,
        },
    }


def card(
    question: dict[str, Any], database_id: int, collection_id: int, fields: dict[str, dict[str, int]]
) -> dict[str, Any]:
    """A question as Metabase wants it: SQL, with a filter for each ``{{name}}`` in it."""
    tags = {
        tag: {
            "id": f"{question['key']}-{tag}", "name": tag, "display-name": label, "type": "dimension",
            "dimension": ["field", fields[question["table"]][column], None],
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


def dashcards(questions: list[dict[str, Any]], ids: dict[str, int]) -> list[dict[str, Any]]:
    """The places of a dashboard's questions, each bound to the dashboard's filters that it has."""
    return [
        {
            "id": -1 - place, "card_id": ids[q["key"]],
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
    given = arguments.parse_args()

    metabase = Metabase(given.url, given.email, _password(given.password_file))
    for setting, value in _SETTINGS.items():
        metabase.call("put", f"/api/setting/{setting}", {"value": value})
    content = yaml.safe_load(CONTENT.read_text(encoding="utf-8"))
    wanted = database(given.reader_dsn_file.read_text(encoding="utf-8").strip(), content["database"])
    database_id = metabase.put_by_name("/api/database", content["database"], wanted)["id"]
    fields = metabase.fields(database_id)
    collection_id = metabase.put_by_name("/api/collection", content["collection"], {})["id"]
    for board in content["dashboards"]:
        ids = {
            q["key"]: metabase.put_by_name("/api/card", q["name"], card(q, database_id, collection_id, fields))["id"]
            for q in board["questions"]
        }
        about = {"description": board["description"], "collection_id": collection_id}
        dashboard_id = metabase.put_by_name("/api/dashboard", board["name"], about)["id"]
        parameters = [
            {"id": tag, "slug": tag, "name": label, "type": "number/=" if tag == "year" else "string/="}
            for tag, label in board["filters"].items()
        ]
        body = {"parameters": parameters, "dashcards": dashcards(board["questions"], ids)}
        metabase.call("put", f"/api/dashboard/{dashboard_id}", body)
        print(f"{given.url}/dashboard/{dashboard_id}  {board['name']}")


def _password(path: Path) -> str:
    """The administrator's password, generated where there is none yet."""
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(24))
    return path.read_text(encoding="utf-8").strip()


if __name__ == "__main__":
    main()
