"""The inbox, on this machine and in a store: what lies in it, what is whole, what cannot be reached."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import fsspec
import pytest
from fixtures.logins import as_nobody

from ingestion.errors import Problem
from ingestion.inbox import dropped_below, fetch, find_inbox, forget, settled
from ingestion.settings import settings


def drop(inbox: Path, name: str, content: bytes = b"x") -> Path:
    path = inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.fixture
def store() -> Iterator[str]:
    """A store that is no folder of this machine."""
    url = f"memory://{uuid4().hex}/inbox"
    files = fsspec.filesystem("memory")
    for name in ("2020/H1/a.xlsx", "2021/H2/b.xlsx", "2020/H1/.part", "readme.txt", "2020/H1/deep/c.xlsx"):
        files.pipe(f"{url}/{name}", name.encode())
    yield url
    files.rm(url, recursive=True)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that any login may enter; those of pytest are its own login's alone."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_a_folder_says_year_and_hospital(tmp_path: Path) -> None:
    names = "2020/H1/b.xlsx 2020/H1/a.xlsx 2021/H2/c.xlsx 2020/H1/~$a.xlsx 2020/x.xlsx old/H1/a.xlsx"
    for name in (*names.split(), "0000/H1/a.xlsx", "２０２０/H1/a.xlsx"):
        drop(tmp_path, name)
    assert [(f.reporting_year, f.hospital_code, f.path.name) for f in find_inbox(tmp_path)] == [
        (2020, "H1", "a.xlsx"), (2020, "H1", "b.xlsx"), (2021, "H2", "c.xlsx"),
    ]  # fmt: skip
    assert [f.label for f in find_inbox(tmp_path, 2021)] == ["H2 2021 c.xlsx"]
    assert find_inbox(tmp_path, 2019) == []


def test_a_closed_folder_is_told_of(open_folder: Path) -> None:
    for name in ("2020/H1/a.xlsx", "2020/H2/b.xlsx", "2020/H2/.hidden"):
        drop(open_folder, name)
    closed = open_folder / "2020" / "H2"
    closed.chmod(0)
    with as_nobody():
        found, dropped = find_inbox(open_folder), dropped_below(open_folder)
    closed.chmod(0o755)
    assert [(f.hospital_code, f.source) for f in found] == [
        ("H1", str(open_folder / "2020" / "H1" / "a.xlsx")), ("H2", str(closed)),
    ]  # fmt: skip
    assert dropped == [open_folder / "2020" / "H1" / "a.xlsx", closed]


def test_a_store_says_the_same(store: str) -> None:
    found = find_inbox(store)
    assert [(f.reporting_year, f.hospital_code, f.is_remote) for f in found] == [(2020, "H1", True), (2021, "H2", True)]
    assert found[0].source == f"{store}/2020/H1/a.xlsx", "with the host, where the address of the store has one"
    assert find_inbox(f"{store}/") == found
    assert found[0].size_bytes == len("2020/H1/a.xlsx")
    assert found[0].changed_at is not None


def test_a_file_of_a_store_is_fetched_under_its_name(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIW_LOCAL_DIR", str(tmp_path))
    settings.cache_clear()
    (file,) = find_inbox(store, 2020)
    local = fetch(file)
    assert (local.name, local.read_bytes()) == ("a.xlsx", b"2020/H1/a.xlsx")
    forget(file)
    assert not local.exists()
    settings.cache_clear()


def test_a_file_that_grows_or_is_replaced_is_not_whole(tmp_path: Path) -> None:
    growing, whole, replaced = (drop(tmp_path, f"2020/H1/{name}.xlsx") for name in ("growing", "whole", "replaced"))
    before = find_inbox(tmp_path)
    with growing.open("ab") as file:
        file.write(b"y")
    os.utime(replaced, (1, 1))
    drop(tmp_path, "2020/H1/new.xlsx")
    now = find_inbox(tmp_path)
    assert [file.path for file in settled(before, now)] == [whole]
    assert len(settled(now, find_inbox(tmp_path))) == 4


@pytest.mark.parametrize(
    "inbox", ["/nowhere/at/all", "memory://nowhere/at/all", "nosuchstore://a/b", "http://127.0.0.1:9/x"]
)
def test_what_cannot_be_reached_is_one_problem(inbox: str) -> None:
    with pytest.raises(Problem) as caught:
        find_inbox(inbox)
    assert caught.value.code == "no-inbox"
    assert caught.value.where == inbox
