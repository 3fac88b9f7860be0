"""The committed samples are what samples/make_samples.py writes from samples/data."""

from __future__ import annotations

import runpy
import zipfile
from pathlib import Path

import pytest

SAMPLES = Path(__file__).resolve().parents[3] / "samples"


def contents(path: Path) -> dict[str, bytes]:
    """What a sample holds, without how it was compressed."""
    if not zipfile.is_zipfile(path):
        return {"": path.read_bytes()}
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inbox")
    script = runpy.run_path(str(SAMPLES / "make_samples.py"))
    script["main"](folder)
    return folder


def test_committed_samples_are_current(made: Path) -> None:
    def files(folder: Path) -> dict[str, Path]:
        return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}

    committed, written = files(SAMPLES / "inbox"), files(made)
    assert sorted(committed) == sorted(written)
    for name, path in written.items():
        assert contents(path) == contents(committed[name]), name
