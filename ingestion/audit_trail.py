"""The trail of records, tried: do all links of the chain fit, and are the landed files the bytes that arrived?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import class_row

from ingestion.errors import Problem


@dataclass(frozen=True)
class ChainFault:
    """A record or link that does not fit; ``link_no`` is None for a record that no link tells of."""

    link_no: int | None
    record_table: str
    record_key: str
    fault: str
    linked_at: object

    def line(self) -> str:
        """One line for people."""
        link = f"link {self.link_no} ({self.linked_at:%F %T %Z})" if self.link_no else "no link"
        return f"{link}: {self.record_table} {self.record_key}: {self.fault}"


@dataclass(frozen=True)
class FileFault:
    """A landed file that is not there, or not what arrived."""

    sha256: str
    landing_path: str
    fault: str

    def line(self) -> str:
        """One line for people."""
        return f"landing/{self.landing_path}: {self.fault} (registered sha256 {self.sha256})"


@dataclass(frozen=True)
class Trail:
    """What was tried and what does not fit. ``head`` is the hash of the newest link: noted elsewhere (on paper), it
    proves later that nothing was taken off the end."""

    links: int
    head: str
    files: int
    chain_faults: tuple[ChainFault, ...]
    file_faults: tuple[FileFault, ...]

    @property
    def is_intact(self) -> bool:
        """Whether everything fits."""
        return not self.chain_faults and not self.file_faults

    def lines(self) -> list[str]:
        """For people: one line where all fits, else every fault, the first broken link first."""
        if self.is_intact:
            return [f"intact: {self.links} links, head {self.head}; {self.files} landed files"]
        told = []
        if self.chain_faults:
            told.append(f"BROKEN, first at {self.chain_faults[0].line()}")
            told += [f"  {fault.line()}" for fault in self.chain_faults[1:]]
        if self.file_faults:
            told.append(f"BROKEN, {len(self.file_faults)} of {self.files} landed files:")
            told += [f"  {fault.line()}" for fault in self.file_faults]
        return told

    def to_json(self) -> dict[str, Any]:
        """The same, structured."""
        return {"is_intact": self.is_intact, **asdict(self)}


def head(connection: psycopg.Connection) -> tuple[int, str]:
    """Number and hash of the newest link; 0 and zeros before the first."""
    row = connection.execute(
        "select link_no, link_sha256 from audit.chain_link order by link_no desc limit 1"
    ).fetchone()
    return row or (0, "0" * 64)


def chain_faults(connection: psycopg.Connection) -> tuple[ChainFault, ...]:
    """Everything that does not fit the chain, the earliest link first."""
    with connection.cursor(row_factory=class_row(ChainFault)) as cursor:
        return tuple(cursor.execute("select * from audit.chain_faults()").fetchall())


def verify(connection: psycopg.Connection, landing_dir: Path, *, noted_head: str | None = None) -> Trail:
    """Compute the whole chain again and hash every landed file again.

    ``noted_head`` is the hash of a link that was noted earlier: Problem where the chain does not hold it, since then
    links were taken off or the chain was written anew.
    """
    with connection.transaction():  # links and records as of one moment
        connection.execute("set transaction isolation level repeatable read")
        links, newest = head(connection)
        if (
            noted_head
            and not connection.execute("select 1 from audit.chain_link where link_sha256 = %s", [noted_head]).fetchone()
        ):
            raise Problem(
                code="head-not-in-chain",
                where="audit.chain_link",
                read=f"{links} links, none with hash {noted_head}",
                expected="the head that was noted to be a link of the chain",
                remedy="Links were removed or rewritten: compare with a backup of before.",
            )
        chain = chain_faults(connection)
        files = connection.execute(
            "select sha256, landing_path, size_bytes from audit.landed_file order by landing_path"
        ).fetchall()
    return Trail(links, newest, len(files), chain, tuple(_file_faults(files, landing_dir)))


def _file_faults(files: Iterable[tuple[str, str, int]], landing_dir: Path) -> Iterator[FileFault]:
    def fault(row: tuple[str, str, int]) -> FileFault | None:
        sha256, landing_path, size = row
        path = landing_dir / landing_path
        try:
            if path.stat().st_size != size:
                return FileFault(sha256, landing_path, f"{path.stat().st_size} bytes instead of {size}")
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            return FileFault(sha256, landing_path, f"cannot be read: {error.strerror}")
        return None if found == sha256 else FileFault(sha256, landing_path, f"changed, its sha256 is now {found}")

    # Threads: hashing leaves the interpreter's lock, and a store over a network waits.
    with ThreadPoolExecutor(max_workers=4) as pool:
        yield from filter(None, pool.map(fault, files))
