"""Zip containers (xlsx, ods, docx), measured before anything opens them.

What the directory of an archive says of sizes is the sender's word. It is used to refuse, never to trust: a container
that could unpack beyond the limit is unpacked into nothing, counting bytes.
"""

from __future__ import annotations

import zipfile
from contextlib import ExitStack
from copy import copy
from io import BytesIO

from ingestion.errors import Problem
from ingestion.readers import problems

MOST_MEMBERS = 10_000
"""Parts of one container; a workbook of sixty sheets has some two hundred."""
_MOST_RATIO = 1032
"""Deflate cannot pack tighter than this, so a small container needs no counting."""
_DIRECTORY_MARK = b"PK\x01\x02"
_CHUNK = 1 << 20


class Container(zipfile.ZipFile):
    """A zip container in memory: whoever reads its ``content`` reads the very bytes that were measured."""

    def __init__(self, content: bytes) -> None:
        super().__init__(BytesIO(content))
        self.content = content


def open_measured(content: bytes, name: str, limit_mb: int) -> Container:
    """The container of these bytes, once it is known to be whole and to unpack to at most ``limit_mb`` megabytes.

    Raises Problem for one that is damaged, encrypted, too large unpacked, or packed as no office program packs.
    """
    limit = limit_mb * _CHUNK
    size = len(content)
    if size > 46 * MOST_MEMBERS and content.count(_DIRECTORY_MARK) > MOST_MEMBERS:
        raise _odd(name, f"more than {MOST_MEMBERS} parts")
    with ExitStack() as opened:
        try:
            archive = opened.enter_context(Container(content))
            members = archive.infolist()
            if any(member.flag_bits & 1 for member in members):
                raise problems.encrypted(name)
            if any(member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in members):
                raise _odd(name, "an unusual compression")
            packed = sum(member.compress_size for member in members)
            if packed > size:
                raise _odd(name, "parts that overlap")
            stated = sum(member.file_size for member in members)
            if stated > limit:
                raise problems.unpacks_too_large(name, stated / _CHUNK, limit_mb)
            if packed * _MOST_RATIO > limit:
                _count(archive, members, name, limit_mb)
        except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError) as error:
            raise problems.truncated(name) from error
        if len({member.filename for member in members}) < len(members):
            # Two readers would see two different workbooks: which one did the hospital mean?
            raise _odd(name, "two parts of one name")
        opened.pop_all()
        return archive


def _count(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], name: str, limit_mb: int) -> None:
    left = limit_mb * _CHUNK
    for member in members:
        # Read as if the part were endless, so that the directory's word does not cut the count short.
        endless = copy(member)
        endless.file_size = left + _CHUNK
        with archive.open(endless) as part:
            while chunk := part.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise problems.unpacks_too_large(name, limit_mb, limit_mb)


def _odd(name: str, read: str) -> Problem:
    return problems.problem(
        "odd-container",
        name,
        f"a container with {read}",
        "a file as office programs write it",
        "Open it in its program and save it under a new name.",
    )
