"""Fixtures that tests of every tier share: a private server, a fresh warehouse, settings that point at it."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from hypothesis import settings as property_settings
from xdist.scheduler import LoadFileScheduling

from ingestion.settings import REPOSITORY, settings
from ingestion.store import database
from ingestion.store.embedded_postgres import EmbeddedPostgres

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"

# The same examples at every run, so that a change is judged by what it changes. HIW_EXAMPLES=2000 looks for new ones,
# as many for each property: whoever touches numerals, targets, names or revisions does that once.
property_settings.register_profile("same", derandomize=True, deadline=None)
property_settings.load_profile("same")
if _examples := os.environ.get("HIW_EXAMPLES"):
    property_settings.register_profile("new", derandomize=False, deadline=None, max_examples=int(_examples))
    property_settings.load_profile("new")

_SHARES_FIXTURES = {
    "tests/browser": "tests/browser/",
    "an undisturbed year": (
        "tests/integration/test_concurrency",
        "tests/integration/test_faults",
        "tests/integration/test_repeat",
    ),
}
"""Files that stay on one worker, because what they share takes minutes to make."""


class _Scheduling(LoadFileScheduling):
    """The tests of a file, or of files that share what is dear, on one worker."""

    def _split_scope(self, nodeid: str) -> str:
        return next(
            (scope for scope, files in _SHARES_FIXTURES.items() if nodeid.startswith(files)), nodeid.split("::")[0]
        )


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Scheduling:
    """How `make test` deals tests out to its workers."""
    return _Scheduling(config, log)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real documents; tests that read it are skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the real documents (../shared/data) are not on this machine")
    return SHARED


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A real PostgreSQL of this test run, stopped at its end."""
    postgres = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"))
    postgres.dsn()
    yield postgres
    postgres.stop()


@pytest.fixture
def seeds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A copy of the seeds that a test may write to; whatever reads them takes it for the project's."""
    folder = tmp_path / "dbt_project" / "seeds"
    shutil.copytree(REPOSITORY / "dbt_project" / "seeds", folder)
    monkeypatch.setenv("HIW_DBT_PROJECT_DIR", str(folder.parent))
    settings.cache_clear()
    yield folder
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture(scope="module")
def environment(server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Environment of a fresh, migrated warehouse of this module, also set for this process."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    address = server.dsn("postgres")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    wanted = {
        "WAREHOUSE_DSN": urlunsplit(urlsplit(address)._replace(path=f"/{name}")),
        "HIW_LOCAL_DIR": str(tmp_path_factory.mktemp("local")),
    }
    before = {key: os.environ.get(key) for key in wanted}
    os.environ.update(wanted)
    settings.cache_clear()
    database.connect().close()
    yield wanted
    for key, value in before.items():
        if value is None:
            del os.environ[key]
        else:
            os.environ[key] = value
    settings.cache_clear()


@pytest.fixture
def warehouse(environment: dict[str, str]) -> Iterator[psycopg.Connection]:
    """An autocommit connection to the module's warehouse."""
    with database.connect(autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def models_alone() -> Iterator[None]:
    """Builds of this module leave dbt's tests out: they are run, and shown to fail, where the star itself is judged."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DBT_EXCLUDE_RESOURCE_TYPES", "test unit_test")
        yield
