"""A server with as much of Metabase's API as setup.py calls. It is no Metabase: nothing is synced, asked or drawn.

Paths, shapes of bodies and answers, and refusals are those of Metabase 0.57, as its source (the API's namespaces under
src/metabase) and its documentation have them; what a body may not hold is refused, as Metabase's newer releases do.
"""

from __future__ import annotations

import itertools
import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

Text = Annotated[str, StringConstraints(min_length=1)]
Id = Annotated[int, Field(gt=0)]
EMAIL = r"[^@\s]+@[^@\s]+\.[a-z]{2,}"


class Body(BaseModel):
    """A body that holds nothing but what it names."""

    model_config = ConfigDict(extra="forbid", strict=True)


class FirstUser(Body):
    first_name: str | None = None
    last_name: str | None = None
    email: Annotated[str, StringConstraints(pattern=f"^{EMAIL}$")]
    password: Annotated[str, StringConstraints(min_length=6, pattern="[0-9]")]


class Preferences(Body):
    site_name: Text
    site_locale: Literal["en", "zh_CN"] | None = None


class Setup(Body):
    token: Text
    user: FirstUser
    prefs: Preferences


class Session(Body):
    username: Text
    password: Text


class Setting(Body):
    value: bool


class Details(Body):
    host: Text
    port: Id
    dbname: Text
    user: Text
    password: str
    ssl: bool | None = None
    schema_filters_type: Literal["inclusion", "exclusion", "all"] = Field(alias="schema-filters-type")
    schema_filters_patterns: Text = Field(alias="schema-filters-patterns")


class Database(Body):
    name: Text
    engine: Literal["postgres"]
    details: Details
    is_full_sync: bool = True
    auto_run_queries: bool | None = None


class Collection(Body):
    name: Text
    description: Text | None = None


class TemplateTag(Body):
    id: Text
    name: Text
    display_name: Text = Field(alias="display-name")
    type: Literal["dimension"]
    dimension: tuple[Literal["field"], Id, None] = Field(strict=False)
    widget_type: Literal["number/=", "string/="] = Field(alias="widget-type")


class Native(Body):
    query: Text
    template_tags: dict[str, TemplateTag] = Field(alias="template-tags")


class Query(Body):
    type: Literal["native"]
    database: Id
    native: Native


class Card(Body):
    name: Text
    description: Text | None = None
    display: Text
    visualization_settings: dict[str, Any]
    collection_id: Id | None = None
    dataset_query: Query


class Mapping(Body):
    parameter_id: Text
    card_id: Id
    target: list[Any]


class DashboardCard(Body):
    id: int
    card_id: Id
    col: Annotated[int, Field(ge=0, lt=24)]
    row: Annotated[int, Field(ge=0)]
    size_x: Id
    size_y: Id
    parameter_mappings: list[Mapping]


class Parameter(Body):
    id: Text
    slug: Text
    name: Text
    type: Literal["number/=", "string/="]


class Dashboard(Body):
    name: Text
    description: str | None = None
    collection_id: Id | None = None


class DashboardChange(Body):
    name: Text | None = None
    description: str | None = None
    collection_id: Id | None = None
    parameters: list[Parameter] | None = None
    dashcards: list[DashboardCard] | None = None


class Refusal(Exception):
    """An answer of an error: its status and its body."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


class MetabaseApi(ThreadingHTTPServer):
    """Its state, and how it behaves. ``columns``: what its sync finds, by table. ``can_connect``: to the warehouse."""

    daemon_threads = True

    def __init__(self, columns: dict[str, list[str]]) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.columns = columns
        self.can_connect = True
        self.starting = 1  # so many questions after its health find it starting
        self.users: dict[str, str] = {}
        self.settings: dict[str, bool] = {}
        self.things: dict[str, dict[int, dict[str, Any]]] = {
            kind: {} for kind in ("database", "collection", "card", "dashboard")
        }
        self.syncs = 0
        self.refused: list[tuple[str, int, Any]] = []
        self._ids = itertools.count(1)
        self._places = itertools.count(1000)
        self._unread = 0

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, method: str, target: str, body: Any, session: str | None) -> Any:
        """The body of the answer; None for 204. Raises Refusal."""
        path = urlsplit(target).path
        if (method, path) == ("GET", "/api/health"):
            self.starting -= 1
            if self.starting >= 0:
                raise Refusal(503, {"status": "initializing", "progress": 0.7})
            return {"status": "ok"}
        if (method, path) == ("GET", "/api/session/properties"):
            return {"has-user-setup": bool(self.users), "setup-token": None if self.users else "the-setup-token"}
        if (method, path) == ("POST", "/api/setup"):
            return self._set_up(Setup.model_validate(body))
        if (method, path) == ("POST", "/api/session"):
            asked = Session.model_validate(body)
            if self.users.get(asked.username) != asked.password:
                raise Refusal(401, {"errors": {"password": "did not match stored password"}})
            return {"id": "the-session"}
        if session != "the-session":
            raise Refusal(401, "Unauthenticated")
        if found := re.fullmatch(r"/api/setting/([a-z-]+)", path):
            self.settings[found[1]] = Setting.model_validate(body).value
            return None
        if found := re.fullmatch(r"/api/collection/(\d+)/items", path):
            models = parse_qs(urlsplit(target).query)["models"]
            data = [
                {"id": one["id"], "name": one["name"], "model": model}
                for model in models
                for one in self.things[model].values()
                if one["collection_id"] == int(found[1])
            ]
            return {"data": data, "total": len(data), "models": models}
        if found := re.fullmatch(r"/api/database/(\d+)/(sync_schema|metadata)", path):
            return self._sync() if found[2] == "sync_schema" else self._metadata(int(found[1]))
        if found := re.fullmatch(r"/api/(database|collection|card|dashboard)(?:/(\d+))?", path):
            return self._thing(method, found[1], found[2] and int(found[2]), body)
        raise Refusal(404, "API endpoint does not exist.")

    def _set_up(self, asked: Setup) -> Any:
        if self.users:
            raise Refusal(403, "The /api/setup route can only be used to create the first user")
        if asked.token != "the-setup-token":
            raise Refusal(400, {"errors": {"token": "Token does not match the setup token."}})
        self.users[asked.user.email] = asked.user.password
        self.settings["anon-tracking-enabled"] = True  # as every new Metabase
        return {"id": "the-session"}

    def _sync(self) -> Any:
        if not self.can_connect:
            raise Refusal(422, "Connection refused")
        self.syncs += 1
        self._unread = 2  # it goes on after the answer
        return {"status": "ok"}

    def _metadata(self, database_id: int) -> Any:
        self._unread -= 1
        ids = itertools.count(100)
        tables = [
            {"name": table, "schema": "marts", "fields": [{"name": name, "id": next(ids)} for name in names]}
            for table, names in self.columns.items()
        ]
        return {"id": database_id, "tables": tables if self._unread <= 0 else tables[:1]}

    def _thing(self, method: str, kind: str, number: int | None, body: Any) -> Any:
        things = self.things[kind]
        if number is None and method == "GET":
            if kind == "collection":
                return [{"id": "root", "name": "Our analytics"}, *things.values()]
            return {"data": [*things.values()], "total": len(things)} if kind == "database" else [*things.values()]
        if number is None:
            shape = {"database": Database, "collection": Collection, "card": Card, "dashboard": Dashboard}[kind]
            self._check(kind, shape.model_validate(body))
            number = next(self._ids)
            empty = {"dashcards": [], "parameters": []} if kind == "dashboard" else {}
            things[number] = {"id": number, **empty, **body}
        elif number not in things:
            raise Refusal(404, "Not found.")
        elif method == "PUT":
            shape = {"database": Database, "collection": Collection, "card": Card, "dashboard": DashboardChange}[kind]
            self._check(kind, shape.model_validate(body))
            if "dashcards" in body:
                standing = {place["id"] for place in things[number]["dashcards"]}
                for place in body["dashcards"]:
                    place["id"] = place["id"] if place["id"] in standing else next(self._places)
            things[number] |= body
        return things[number]

    def _check(self, kind: str, asked: Body) -> None:
        """Refuse what does not fit to what is there."""
        if kind == "database" and not self.can_connect:
            raise Refusal(400, {"message": "Host 'warehouse' is not reachable", "errors": {"host": "check"}})
        if isinstance(asked, Card):
            tags = asked.dataset_query.native.template_tags
            assert set(re.findall(r"\{\{(\w+)\}\}", asked.dataset_query.native.query)) == set(tags)
            assert asked.dataset_query.database in self.things["database"]
        if isinstance(asked, DashboardChange):
            parameters = {one.id for one in asked.parameters or []}
            for place in asked.dashcards or []:
                tags = self.things["card"][place.card_id]["dataset_query"]["native"]["template-tags"]
                for mapping in place.parameter_mappings:
                    assert mapping.parameter_id in parameters
                    assert mapping.target[0] == "dimension" and mapping.target[1] == [
                        "template-tag",
                        mapping.target[1][1],
                    ]
                    assert mapping.target[1][1] in tags


class Answer(BaseHTTPRequestHandler):
    """Speaks HTTP for MetabaseApi."""

    server: MetabaseApi

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        status, said = 200, None
        try:
            said = self.server.answer(self.command, self.path, body, self.headers.get("X-Metabase-Session"))
            status = 204 if said is None else 200
        except Refusal as refusal:
            status, said = refusal.status, refusal.body
        except (ValidationError, AssertionError) as error:
            status, said = 400, {"errors": str(error)}
        if status >= 400:
            self.server.refused.append((f"{self.command} {self.path}", status, said))
        data = b"" if status == 204 else (said if isinstance(said, str) else json.dumps(said)).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = _answer

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: `refused` is what is looked at."""
