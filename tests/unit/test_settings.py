"""Settings that cannot be are refused by name; what may hold a password is not repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.errors import Problem
from ingestion.settings import Settings, settings

read_anew = settings.__wrapped__


@pytest.mark.parametrize(
    "dsn",
    [
        "s3cret",
        "mysql://hiw:s3cret@localhost/warehouse",
        "host=localhost password=s3cret",
        "postgresql://hiw:s3cret@localhost:port/warehouse",
        "postgresql://hiw:s3cret@[::1/warehouse",
        "postgresql://hiw:s3cret%zz@localhost/warehouse",
        "postgresql://hiw:s3cret@localhost/warehouse?sslmod=require",
    ],
)
def test_an_address_that_is_none_is_refused_and_not_repeated(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAREHOUSE_DSN", dsn)
    with pytest.raises(Problem) as found:
        read_anew()
    assert (found.value.code, found.value.where) == ("bad-setting", "WAREHOUSE_DSN")
    assert "postgresql://" in found.value.expected and "s3cret" not in str(found.value)


@pytest.mark.parametrize("name", ["HIW_FORMS_DIR", "HIW_DBT_PROJECT_DIR", "HIW_AIRFLOW_ENV", "HIW_SETTLE_SECONDS"])
def test_a_setting_that_cannot_be_is_named(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, str(tmp_path / "nowhere"))
    with pytest.raises(Problem) as found:
        read_anew()
    assert (found.value.where, found.value.read) == (name, repr(str(tmp_path / "nowhere")))


def test_both_schemes_of_libpq_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAREHOUSE_DSN", "postgres://hiw@localhost/warehouse")
    assert Settings().warehouse_dsn == "postgresql://hiw@localhost/warehouse"
    monkeypatch.setenv("WAREHOUSE_DSN", "")
    assert Settings().warehouse_dsn is None, "set and empty is not set"
