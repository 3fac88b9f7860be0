"""A Superset as a person has it after `make bi`, and what that person does there: sign in, open, filter, read."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from playwright.sync_api import Browser, Error, Page, Request, Response

from ingestion.settings import REPOSITORY
from ingestion.store.logins import address

DASHBOARDS = ("hiw-collection", "hiw-scorecard", "hiw-comparison", "hiw-audit")
HIW = Path(sys.executable).parent / "hiw"
PAGE_SECONDS = 120  # two cores that also run other things
TALL = {"width": 1500, "height": 2700}
"""Superset draws only what is in view: a window that holds a whole dashboard."""


@dataclass
class Site:
    """A warehouse in a folder of its own, and the Superset that `hiw bi` serves from it."""

    folder: Path
    url: str = ""
    server: subprocess.Popen[str] | None = None
    passwords: dict[str, str] = field(default_factory=dict)
    prepared: str = ""
    """What the preparation before the server's start said that it did."""

    def hiw(self, *arguments: str) -> str:
        """Output of a command of ours; the test fails where the command does."""
        done = subprocess.run([HIW, *arguments], env=self.environment(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def environment(self) -> dict[str, str]:
        """The environment of this process, with the warehouse of this folder."""
        kept = {name: value for name, value in os.environ.items() if name != "WAREHOUSE_DSN"}
        # dbt's tests are run where the star itself is judged.
        told = {"HIW_LOCAL_DIR": str(self.folder), "COLUMNS": "200", "DBT_EXCLUDE_RESOURCE_TYPES": "test unit_test"}
        return {**kept, **told}

    def grant(self, login: str, *arguments: str) -> None:
        """Make a login, and keep the password that is told once."""
        told = self.hiw("grant", login, *arguments, "--superset")
        self.passwords[login] = re.search(r"^password +(\S+)$", told, re.MULTILINE).group(1)  # type: ignore[union-attr]

    def start(self) -> None:
        """`hiw bi`, until it says where it is."""
        log = self.folder / "bi.log"
        with log.open("w") as output:
            self.server = subprocess.Popen(
                [HIW, "bi"], env=self.environment(), stdout=output, stderr=output, text=True, start_new_session=True
            )
        until = time.monotonic() + 400
        while "Ctrl-C" not in log.read_text():
            assert self.server.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.2)
        self.url = re.search(r"http://127\.0\.0\.1:\d+", log.read_text()).group(0)  # type: ignore[union-attr]
        self.prepared = (self.folder / "superset" / "prepare.log").read_text()
        self.passwords["admin"] = (self.folder / "superset" / "admin_password").read_text()

    def stop(self) -> None:
        """End Superset and the warehouse's server."""
        if self.server and self.server.poll() is None:
            self.server.send_signal(signal.SIGTERM)
            self.server.wait(timeout=60)
        self.hiw("stop")

    def connect(self) -> psycopg.Connection:
        """A connection of the warehouse's owner."""
        return psycopg.connect(self.hiw("dsn").strip(), autocommit=True)

    def sql(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Rows of a query, asked as the owner of the warehouse."""
        with self.connect() as connection:
            return connection.execute(query, parameters).fetchall()  # type: ignore[arg-type]

    def dsn_of(self, login: str) -> str:
        """libpq URL of the warehouse for a login that was granted."""
        return address(self.hiw("dsn").strip(), login=login, password=self.passwords[login])

    @contextmanager
    def warehouse_closed(self) -> Iterator[None]:
        """The warehouse's database takes no connection and has lost all it had; Superset's own is up."""
        owner = urlsplit(self.hiw("dsn").strip())
        name = owner.path.lstrip("/")
        with psycopg.connect(urlunsplit(owner._replace(path="/postgres")), autocommit=True) as connection:
            connection.execute(f"alter database {name} with allow_connections false")
            connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])
            try:
                yield
            finally:
                connection.execute(f"alter database {name} with allow_connections true")

    def secrets(self) -> list[str]:
        """Passwords and keys of this installation: none may stand in a page."""
        files = [path for path in (self.folder / "superset").iterdir() if path.suffix == "" and path.is_file()]
        return [*self.passwords.values(), *(path.read_text() for path in files)]


@dataclass
class Seen:
    """A page of a user, with what its server answered and what it asked of others."""

    page: Page
    answers: list[Response] = field(default_factory=list)
    outward: list[Request] = field(default_factory=list)

    def watch(self, url: str) -> None:
        """Take note of every answer from now on, and of every request that left for another server."""
        self.page.on("response", lambda answer: self.answers.append(answer))
        # A request that the page's own security policy stops does not leave.
        self.page.on(
            "requestfinished",
            lambda request: None if request.url.startswith((url, "data:", "blob:")) else self.outward.append(request),
        )

    def failed(self) -> list[str]:
        """Answers of an error, as `status address`."""
        return [f"{answer.status} {answer.url}" for answer in self.answers if answer.status >= 400]

    def chart_data(self) -> list[dict[str, Any]]:
        """Results of all queries of charts so far: colnames, data, rowcount."""
        found = []
        for answer in self.answers:
            if "/api/v1/chart/data" in answer.url and answer.status == 200:
                with suppress(Error):  # as in bodies
                    found += answer.json()["result"]
        return found

    def bodies(self) -> str:
        """All that the server has said to this page in JSON or HTML, as one text."""
        kinds = ("application/json", "text/html")
        said = [a for a in self.answers if a.headers.get("content-type", "").startswith(kinds)]
        texts = []
        for answer in said:
            # A late answer to the page before this one has no body any more.
            with suppress(Error):
                texts.append(answer.text())
        return "\n".join(texts)


def sign_in(page: Page, site: Site, login: str, password: str) -> None:
    """Fill in the form of the sign-in page and send it."""
    # The form is drawn when the page's scripts have come: what is typed before may be lost with its first draft.
    page.goto(f"{site.url}/login/", wait_until="networkidle")
    page.get_by_test_id("username-input").fill(login)
    page.get_by_test_id("password-input").fill(password)
    page.get_by_test_id("login-button").click()


def user_page(browser: Browser, site: Site, login: str) -> Seen:
    """A page on which ``login`` is signed in."""
    context = browser.new_context(viewport=TALL)  # type: ignore[arg-type]
    context.set_default_timeout(PAGE_SECONDS * 1000)
    seen = Seen(context.new_page())
    sign_in(seen.page, site, login, site.passwords[login])
    seen.page.wait_for_url(lambda url: "/login" not in url)
    seen.watch(site.url)
    return seen


def open_dashboard(seen: Seen, site: Site, slug: str) -> None:
    """Open a dashboard and wait until each of its charts shows data, says that there is none, or shows an error."""
    seen.answers.clear()
    seen.page.goto(f"{site.url}/superset/dashboard/{slug}/")
    wait_until_drawn(seen.page)


def wait_until_drawn(page: Page) -> None:
    """Wait until every chart is there and none is being loaded, twice in a row: filters load before charts do."""
    page.get_by_test_id("grid-content").wait_for()
    drawn = """() => {
        const charts = [...document.querySelectorAll('[data-test=chart-grid-component]')];
        const waiting = document.querySelectorAll('[data-test=loading-indicator], .ant-spin-spinning').length;
        const shown = 'canvas, table, .header-line, .ant-empty, [role=alert]';
        const empty = charts.filter(box => !box.querySelector(shown));
        return charts.length > 0 && waiting === 0 && empty.length === 0;
    }"""
    for _ in range(2):
        page.wait_for_function(drawn, polling=200)
        page.wait_for_timeout(700)
    page.wait_for_function(drawn, polling=200)


def chart(page: Page, title: str) -> Any:
    """The box of the chart whose title contains ``title``."""
    header = page.get_by_test_id("slice-header").filter(has_text=title)
    return page.get_by_test_id("chart-grid-component").filter(has=header)


def big_number(page: Page, title: str) -> str:
    """The figure of a box that shows one."""
    return str(chart(page, title).locator(".header-line").inner_text()).strip()


def table(page: Page, title: str) -> list[dict[str, str]]:
    """The rows of a table as shown, by the Chinese half of their column's title."""
    box = chart(page, title)
    names = [name.split("\n")[0].split(" ")[0] for name in box.locator("thead th").all_inner_texts()]
    rows = box.locator("tbody tr").evaluate_all("rows => rows.map(r => [...r.cells].map(c => c.innerText.trim()))")
    return [dict(zip(names, row, strict=True)) for row in rows]


def choose(page: Page, filter_id: str, *options: str) -> None:
    """Choose options of a filter of the dashboard, and apply it."""
    box = page.get_by_test_id(f"NATIVE_FILTER-{filter_id}")
    box.click()
    for option in options:
        box.locator("input").fill(option)
        page.locator(f".ant-select-item-option[title='{option}']").click()
    page.keyboard.press("Escape")
    page.get_by_test_id("filter-bar__apply-button").click()
    wait_until_drawn(page)


SCREENSHOTS = Path(os.environ.get("HIW_SCREENSHOTS", "")) if os.environ.get("HIW_SCREENSHOTS") else None
"""Where to keep pictures of the pages for the documentation; only where the variable names a folder."""


def keep_picture(page: Page, name: str, **options: Any) -> None:
    """Keep a picture of the page for the documentation, where HIW_SCREENSHOTS asks for it."""
    if SCREENSHOTS:
        folder = REPOSITORY / SCREENSHOTS
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{name}.png", **options)
