"""What `hiw bi` sets up: once, closed to others, and the same as the files it was made from."""

from __future__ import annotations

from pathlib import Path

import pytest
from superset_site import Site

from ingestion.settings import REPOSITORY

pytestmark = pytest.mark.browser

ASSETS = REPOSITORY / "bi" / "superset" / "assets"


def test_a_later_start_changes_nothing(site: Site) -> None:
    # The logins of the tests were prepared before the server started; its own start found all as it is.
    assert site.prepared.split() == ["unchanged"]


def test_secrets_are_readable_by_their_owner_only(site: Site) -> None:
    home = site.folder / "superset"
    secrets = [home / name for name in ("admin_password", "reader_password", "metadata_password", "secret_key")]
    secrets += (home / "logins").iterdir()
    assert len(secrets) >= 5
    assert {path.stat().st_mode & 0o777 for path in secrets} == {0o600}
    values = {path.read_text() for path in secrets}
    assert len(values) == len(secrets)
    said = (site.folder / "bi.log").read_text() + (home / "server.log").read_text()
    assert [value for value in values if value in said] == []


def test_what_is_exported_is_what_the_files_say(site: Site, tmp_path: Path) -> None:
    site.hiw("bi-export", "--output", str(tmp_path))
    exported = {str(path.relative_to(tmp_path)): path.read_text() for path in tmp_path.rglob("*.yaml")}
    files = {str(path.relative_to(ASSETS)): path.read_text() for path in ASSETS.glob("*/*.yaml")}
    assert exported.keys() == files.keys()
    assert [name for name in files if exported[name] != files[name]] == []
