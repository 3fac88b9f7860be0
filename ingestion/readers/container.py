"""Zip containers (xlsx, ods, docx), measured before anything opens them.

What the directory of an archive says of sizes is the sender's word. It is used to refuse, never to trust: a container
that could unpack beyond the limit is unpacked into nothing, counting bytes.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from contextlib import ExitStack
from copy import copy
from functools import cached_property
from io import BytesIO
from typing import IO

from isal import isal_zlib

from ingestion.errors import Problem
from ingestion.readers import problems

MOST_MEMBERS = 10_000
"""Parts of one container; a workbook of sixty sheets has some two hundred."""
_MOST_RATIO = 1032
"""Deflate cannot pack tighter than this, so a small container needs no counting."""
_CHUNK = 1 << 20
_SMALL = 8 * _CHUNK
"""Bytes of all parts, unpacked, that are kept in memory, and copied several times by who reads them there."""
# glibc hands freed memory back, page by page, until it has seen a larger piece come and go: every workbook would fetch
# it anew.
bytes(_SMALL)
# What stands before each part, what the directory says of it, and what ends the container.
_PART = struct.Struct("<4s5H3L2H")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_UTF8 = 0x800
_PART_MARK, _ENTRY_MARK, _END_MARK = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


class Container(zipfile.ZipFile):
    """A zip container in memory: whoever reads its ``content`` reads the very bytes that were measured.

    A part is found whatever the case of its name, as calamine finds it, and under slashes where it was packed with
    backslashes.
    """

    def __init__(self, content: bytes) -> None:
        super().__init__(BytesIO(content))
        self.content = content
        self._unpacked: dict[str, bytes] = {}
        for member in self.filelist:
            member.filename = member.filename.replace("\\", "/")
        self._by_name = {member.filename.lower(): member for member in self.filelist}

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._by_name

    def getinfo(self, name: str) -> zipfile.ZipInfo:
        """What the directory says of a part. Raises KeyError where there is none."""
        return self._by_name[name.lower()]

    @cached_property
    def stated(self) -> int:
        """Bytes of all parts together, unpacked, by the word of the directory."""
        return sum(member.file_size for member in self.filelist)

    @property
    def is_small(self) -> bool:
        """Whether all parts together are few bytes, unpacked."""
        return self.stated <= _SMALL

    def open_part(self, name: str) -> IO[bytes]:
        """A part to be read; one of a small container is unpacked whole, once, and kept for ``as_read``.

        Raises KeyError where there is none, BadZipFile where it is not what the directory says.
        """
        if not self.is_small:
            return self.open(name)
        member = self.getinfo(name)
        if member.filename not in self._unpacked:
            self._unpacked[member.filename] = self._unpack(member)
        return BytesIO(self._unpacked[member.filename])

    def content_of(self, name: str) -> bytes:
        """Bytes of a part, none where there is no such part; one of a small container is kept for ``as_read``."""
        if name not in self:
            return b""
        with self.open_part(name) as part:
            return part.read()

    def rewrite(self, name: str, written: Callable[[bytes], bytes]) -> None:
        """From now on a part of a small container has another text, as ``written`` makes it of this one."""
        if (content := written(read := self.content_of(name))) is not read:
            member = self.getinfo(name)
            member.CRC = isal_zlib.crc32(content)
            self._unpacked[member.filename] = content

    def as_read(self) -> bytes:
        """A container of the parts that were read, unpacked: who opens it next is spared the work, and can read nothing
        but the very bytes that were looked at, or what was written of them."""
        parts: list[bytes] = []
        entries: list[bytes] = []
        at = 0
        for filename, content in self._unpacked.items():
            name = filename.encode()
            size = len(content)
            fields = (20, _UTF8, zipfile.ZIP_STORED, 0, 0, self.getinfo(filename).CRC, size, size, len(name), 0)
            parts += (_PART.pack(_PART_MARK, *fields), name, content)
            entries += (_ENTRY.pack(_ENTRY_MARK, 20, *fields, 0, 0, 0, 0, at), name)
            at += _PART.size + len(name) + size
        directory = b"".join(entries)
        count = len(self._unpacked)
        return b"".join((*parts, directory, _END.pack(_END_MARK, 0, 0, count, count, len(directory), at, 0)))

    def _packed(self, member: zipfile.ZipInfo) -> memoryview:
        """A part as it stands in the container, behind a header of its own."""
        mark, _, flags, *_, name_length, extra_length = _PART.unpack_from(self.content, member.header_offset)
        if mark != _PART_MARK:
            raise zipfile.BadZipFile(f"Bad magic number for file header of {member.filename!r}")
        start = member.header_offset + _PART.size + name_length
        name = self.content[start - name_length : start]
        if name != member.orig_filename.encode("utf-8" if flags & _UTF8 or name.isascii() else "cp437"):
            raise zipfile.BadZipFile(f"File name in directory {member.orig_filename!r} and header {name!r} differ.")
        start += extra_length
        return memoryview(self.content)[start : start + member.compress_size]

    def _unpack(self, member: zipfile.ZipInfo) -> bytes:
        content: bytes | memoryview = self._packed(member)
        if member.compress_type != zipfile.ZIP_STORED:
            # One byte more than the directory says is enough to see that it lies.
            content = isal_zlib.decompressobj(-isal_zlib.MAX_WBITS).decompress(content, member.file_size + 1)
        if len(content) != member.file_size or isal_zlib.crc32(content) != member.CRC:
            raise zipfile.BadZipFile(f"Bad CRC-32 for file {member.filename!r}")
        return bytes(content)


def open_measured(content: bytes, name: str, limit_mb: int) -> Container:
    """The container of these bytes, once it is known to be whole and to unpack to at most ``limit_mb`` megabytes.

    Raises Problem for one that is damaged, encrypted, too large unpacked, or packed as no office program packs.
    """
    limit = limit_mb * _CHUNK
    size = len(content)
    if size > 46 * MOST_MEMBERS and content.count(_ENTRY_MARK) > MOST_MEMBERS:
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
            if archive.stated > limit:
                raise problems.unpacks_too_large(name, archive.stated / _CHUNK, limit_mb)
            if packed * _MOST_RATIO > limit:
                _count(archive, members, name, limit_mb)
        except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError) as error:
            raise problems.truncated(name) from error
        if len({member.filename.lower() for member in members}) < len(members):
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
