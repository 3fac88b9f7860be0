"""A Superset of this test run on the samples, and a Chromium that opens it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from superset_site import Seen, Site, user_page

from ingestion.settings import REPOSITORY

_CHROMIUM_OPTIONS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--lang=en",
)  # fmt: skip


def _needed(found: bool, what: str) -> None:
    """Skip where a part is missing; on the integration server nothing may be missing."""
    if not found and os.environ.get("CI") == "true":
        pytest.fail(f"{what}: `make test` installs it")
    if not found:
        pytest.skip(f"{what}: `make test` installs it")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of the system; none is downloaded."""
    program = shutil.which("chromium")
    _needed(program is not None, "no chromium on this machine")
    with sync_playwright() as playwright:
        playwright.selectors.set_test_id_attribute("data-test")
        chromium = playwright.chromium.launch(executable_path=program, args=list(_CHROMIUM_OPTIONS))
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The samples in a warehouse of their own, a login of one hospital and of an auditor, and their Superset."""
    venv = Path(os.environ.get("HIW_BI_VENV", REPOSITORY / ".venv-bi"))
    _needed((venv / "bin" / "gunicorn").exists(), "no Superset in .venv-bi")
    made = Site(tmp_path_factory.mktemp("site"))
    try:
        # One file of the samples is no workbook: its refusal is an outcome, not a failure of the run.
        made.hiw("run", "--year", "2020")
        made.grant("shatan", "--role", "hospital", "--hospital", "H15004")
        made.grant("shencha", "--role", "auditor")
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def admin(browser: Browser, site: Site) -> Iterator[Seen]:
    """A page of the administrator, who reads all hospitals."""
    seen = user_page(browser, site, "admin")
    yield seen
    seen.page.context.close()


@pytest.fixture(scope="module")
def hospital(browser: Browser, site: Site) -> Iterator[Seen]:
    """A page of the user of H15004."""
    seen = user_page(browser, site, "shatan")
    yield seen
    seen.page.context.close()
