"""The inbox: where hospitals drop files, as ``<reporting_year>/<hospital_code>/<file>``; a folder or any store that
fsspec opens (``s3://bucket/inbox``, ``sftp://host/inbox``, ``memory://inbox``).

A file that is still being uploaded is not taken: it is whole when two looks, some seconds apart, find the same size and
the same time of change. Clocks are not compared: that of the store may be another than ours.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import psycopg

from ingestion.errors import Problem
from ingestion.safe_text import path_text
from ingestion.settings import settings
from ingestion.years import FIRST_YEAR, LAST_YEAR

_CHANGED = ("mtime", "LastModified", "last_modified", "updated", "modified", "created")
"""What file systems call the time of the last change; the first that is there counts."""
_LEVELS = 3
"""Year, hospital, file: what lies deeper is no submission, and an archive there may be large."""
_HIDDEN = (".", "~$")
"""What names of hidden files and of the temporary files of office programs begin with."""

PASSING = frozenset({"landing-zone-full", "still-being-written", "closed-file"})
"""Codes of problems that pass by themselves: the file is worth another try as it is."""

_RECEIVED = """
select r.source_path, r.size_bytes, r.source_changed_at
from audit.receipt as r
where r.source_path = any (%s) and case r.outcome
    when 'refused' then r.problem ->> 'code' <> all (%s)
    else exists (
        select from audit.submission as s
        where s.sha256 = r.sha256 and s.hospital_code = r.hospital_code and s.reporting_year = r.reporting_year
    )
end
"""


@dataclass(frozen=True)
class InboxFile:
    """A file waiting in the inbox, with what its folder says of it. ``source`` is its path or URL."""

    source: str
    reporting_year: int
    hospital_code: str
    size_bytes: int
    changed_at: datetime | None

    @property
    def path(self) -> Path:
        """Where a file of a local inbox lies."""
        return Path(self.source)

    @property
    def label(self) -> str:
        """Hospital, year and file, as the DAG's task list shows them."""
        return f"{self.hospital_code} {self.reporting_year} {path_text(PurePosixPath(self.source).name)}"

    @property
    def is_remote(self) -> bool:
        """Whether it has to be fetched first."""
        return "://" in self.source


def find_inbox(inbox: Path | str, reporting_year: int | None = None) -> list[InboxFile]:
    """Files below ``inbox`` laid out as ``<reporting_year>/<hospital_code>/<file>``, of one year or of all.

    Hidden files and the temporary files of office programs (``~$``) are no submissions. Raises Problem where the
    inbox is not a folder or its store cannot be reached.
    """
    is_remote = "://" in str(inbox)
    listed = _listed_store(str(inbox)) if is_remote else _listed_folder(Path(inbox))
    found = []
    for source, relative, size, changed_at in listed:
        parts = PurePosixPath(relative).parts
        if len(parts) != _LEVELS or parts[-1].startswith(_HIDDEN):
            continue
        year, hospital_code, _ = parts
        folder_year = year_of_folder(year)
        if folder_year is not None and reporting_year in (None, folder_year):
            found.append(InboxFile(source, folder_year, hospital_code, size, changed_at))
    return sorted(found, key=lambda file: file.source)


def year_of_folder(name: str) -> int | None:
    """The reporting year that a folder is named after; None for one that is named after anything else."""
    is_number = len(name) == 4 and name.isascii() and name.isdecimal()
    return int(name) if is_number and FIRST_YEAR <= int(name) <= LAST_YEAR else None


def is_dropped(path: Path) -> bool:
    """Whether somebody dropped what lies there: a file, or a link or pipe in place of one, which is refused by name."""
    return (path.is_symlink() or not path.is_dir()) and not path.name.startswith(_HIDDEN)


def dropped_below(folder: Path, levels: int | None = None) -> list[Path]:
    """What was dropped anywhere below a folder, or at most so many ``levels`` below it; a folder that we may not look
    into stands there itself, to be refused by name."""
    closed: list[Path] = []
    found: list[Path] = []
    for parent, folders, files in os.walk(folder, onerror=lambda error: closed.append(Path(error.filename))):
        found += (Path(parent, name) for name in (*folders, *files))
        if levels is not None and len(Path(parent).relative_to(folder).parts) + 1 >= levels:
            folders.clear()
    return sorted([*closed, *filter(is_dropped, found)])


def settled(before: Iterable[InboxFile], now: Iterable[InboxFile]) -> list[InboxFile]:
    """The files of the look ``now`` that the look ``before`` found the very same: nobody is writing them any more."""
    return sorted(set(before) & set(now), key=lambda file: file.source)


def not_received(connection: psycopg.Connection, files: Iterable[InboxFile]) -> list[InboxFile]:
    """Those of ``files`` that were never taken in as they are now; a file that was replaced is one of them.

    A file that was refused for what it is has its receipt too and is not offered again until it changes; one that
    only the machine failed on (a full disk, a kill before it was loaded) is.
    """
    waiting = list(files)
    known = set(
        connection.execute(_RECEIVED, [[path_text(file.source) for file in waiting], sorted(PASSING)]).fetchall()
    )
    return [file for file in waiting if (path_text(file.source), file.size_bytes, file.changed_at) not in known]


def fetch(file: InboxFile) -> Path:
    """A local copy of a remote file, under its own name; a local file as it lies. Raises Problem as find_inbox does."""
    if not file.is_remote:
        return file.path
    folder = settings().local_dir / "fetched" / hashlib.sha256(file.source.encode()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / PurePosixPath(file.source).name
    with _reaching(file.source):
        filesystem, path = _open_store(file.source)
        filesystem.get_file(path, str(target))
    return target


def forget(file: InboxFile) -> None:
    """Remove what ``fetch`` copied: the landing zone has it now."""
    if file.is_remote:
        shutil.rmtree(settings().local_dir / "fetched" / hashlib.sha256(file.source.encode()).hexdigest()[:16])


def changed_at(path: Path) -> datetime:
    """When a local file was last changed."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _listed_folder(inbox: Path) -> list[tuple[str, str, int, datetime | None]]:
    if not inbox.is_dir():
        raise _no_inbox(str(inbox), "no such folder")
    listed: list[tuple[str, str, int, datetime | None]] = []
    for path in dropped_below(inbox, _LEVELS):
        state = path.lstat()
        relative = path.relative_to(inbox)
        if path.is_dir() and not path.is_symlink():  # a closed folder of a hospital: in place of what is in it
            relative /= path.name
        listed.append((str(path), relative.as_posix(), state.st_size, datetime.fromtimestamp(state.st_mtime, UTC)))
    return listed


def _listed_store(url: str) -> list[tuple[str, str, int, datetime | None]]:
    with _reaching(url):
        filesystem, root = _open_store(url)
        filesystem.invalidate_cache()  # a look is a look: what was listed a minute ago is not what is there
        if not filesystem.isdir(root):
            raise FileNotFoundError(root)
        found = filesystem.find(root, maxdepth=3, detail=True)
        relative = {name: PurePosixPath(name).relative_to(root).as_posix() for name in found}
        return [
            # Put together anew: what fsspec makes of a name leaves out the host and the port of a server.
            (f"{url.rstrip('/')}/{relative[name]}", relative[name], int(about.get("size") or 0), _moment(about))
            for name, about in found.items()
        ]


def _open_store(url: str) -> tuple[Any, str]:
    import fsspec

    return fsspec.core.url_to_fs(url)


def _moment(about: dict[str, Any]) -> datetime | None:
    for name in _CHANGED:
        value = about.get(name)
        if isinstance(value, (int, float)):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=UTC)
        if isinstance(value, str) and value:
            return datetime.fromisoformat(value)
    return None


class _reaching:
    """Within it, whatever a store's library raises is one Problem: the store cannot be reached."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Exception) and not isinstance(error, Problem):
            raise _no_inbox(self._url, f"{type(error).__name__}: {' '.join(str(error).split())[:200]}") from None


def _no_inbox(where: str, read: str) -> Problem:
    return Problem(
        code="no-inbox",
        where=where,
        read=read,
        expected="a folder <reporting_year>/<hospital_code>/ that can be reached",
        remedy="Name the inbox with --inbox or HIW_INBOX_DIR, and check network and access of a remote one.",
    )
