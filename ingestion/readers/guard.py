"""What a file really is, and whether it is safe to open: judged by its bytes, never by its name.

Everything dropped is untrusted. A zip container is measured before it is unpacked; encrypted and empty files are
named as such, so that the clerk knows what to send instead.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Literal

from ingestion.errors import Problem
from ingestion.settings import settings

Kind = Literal["xlsx", "xls", "ods", "docx", "pdf", "html", "text"]

SPREADSHEET_SUFFIXES = {".xlsx", ".xlsm", ".xls", ".ods", ".et"}
WORD_SUFFIXES = {".docx", ".doc", ".wps"}
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_HEAD_BYTES = 4096


def recognise_kind(path: Path, name: str) -> Kind:
    """Kind of the file at ``path``; ``name`` is what the sender called it.

    Raises Problem for an empty, oversized, encrypted, truncated or unknown file.
    """
    size = path.stat().st_size
    limit = settings().max_file_mb
    if size == 0:
        raise _problem("empty-file", name, "0 bytes", "a filled-in form", "Send the file again.")
    if size > limit * 1_048_576:
        raise _problem(
            "file-too-large",
            name,
            f"{size / 1_048_576:.0f} MB",
            f"at most {limit} MB",
            "Remove embedded pictures and unused sheets, or raise HIW_MAX_FILE_MB.",
        )
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith(b"PK\x03\x04"):
        return _zip_kind(path, name)
    if head.startswith(_OLE):
        return _ole_kind(path, name)
    if head.startswith(b"%PDF-"):
        return "pdf"
    if b"<html" in head.lower() or b"<table" in head.lower() or b"<!doctype html" in head.lower():
        return "html"
    suffix = Path(name).suffix.lower()
    if suffix in SPREADSHEET_SUFFIXES:
        raise _problem(
            "not-a-workbook",
            name,
            "bytes that are no workbook",
            "an xlsx, xls or ods workbook",
            "Open it in the spreadsheet program and save it again as .xlsx.",
        )
    if suffix in WORD_SUFFIXES:
        raise _problem(
            "not-a-document",
            name,
            "bytes that are no Word document",
            "a docx document",
            "Open it in the word processor and save it again as .docx.",
        )
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _problem(
            "unknown-file",
            name,
            "binary content of no known kind",
            "a workbook, document, pdf, html or text file",
            "Send the form itself.",
        )
    return "text"


def _zip_kind(path: Path, name: str) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            unpacked = sum(member.file_size for member in members)
            encrypted = any(member.flag_bits & 1 for member in members)
    except zipfile.BadZipFile:
        raise _problem(
            "truncated-file",
            name,
            "a damaged or cut-off container",
            "a whole file",
            "Send the file again; the copy that arrived is incomplete.",
        ) from None
    if encrypted:
        raise _encrypted(name)
    limit = settings().max_unpacked_mb
    if unpacked > limit * 1_048_576:
        raise _problem(
            "unpacks-too-large",
            name,
            f"unpacks to {unpacked / 1_048_576:.0f} MB",
            f"at most {limit} MB",
            "Delete unused rows, sheets and pictures and save again, or raise HIW_MAX_UNPACKED_MB.",
        )
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
        return "xlsx"
    if "word/document.xml" in names:
        return "docx"
    if "content.xml" in names:
        return "ods"
    raise _problem(
        "unknown-file",
        name,
        "a zip archive",
        "the form itself, not an archive",
        "Unpack the archive and send the files in it one by one.",
    )


def _ole_kind(path: Path, name: str) -> Kind:
    content = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise _encrypted(name)
    if "WordDocument".encode("utf-16-le") in content:
        raise _problem(
            "old-word-document",
            name,
            "a Word 97-2003 document (.doc)",
            "a docx document",
            "Save it as .docx and send it again.",
        )
    return "xls"


def _encrypted(name: str) -> Problem:
    return _problem(
        "encrypted-file",
        name,
        "protected by a password",
        "a file that opens without one",
        "Remove the password (File, Info, Protect) and send it again.",
    )


def _problem(code: str, where: str, read: str, expected: str, remedy: str) -> Problem:
    return Problem(code=code, where=where, read=read, expected=expected, remedy=remedy)
