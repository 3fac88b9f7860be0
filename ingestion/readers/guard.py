"""What a file really is, and whether it is safe to open: judged by its bytes, never by its name.

Everything dropped is untrusted. A zip container is measured before it is unpacked; encrypted and empty files are
named as such, so that the clerk knows what to send instead.
"""

from __future__ import annotations

import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ingestion.errors import Problem
from ingestion.readers import problems
from ingestion.readers.container import Container, open_measured
from ingestion.readers.csv_rows import is_table
from ingestion.readers.encoding import decode, looks_like_utf16
from ingestion.readers.problems import problem
from ingestion.readers.text import SPREADSHEET_SUFFIXES

if TYPE_CHECKING:
    from ingestion.settings import Settings

Kind = Literal["xlsx", "xls", "ods", "docx", "pdf", "html", "text"]

WORD_SUFFIXES = {".docx", ".doc", ".wps"}
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_OTHERS = (
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"II*\x00", "a picture (TIFF)"),
    (b"MM\x00*", "a picture (TIFF)"),
    (b"Rar!", "an archive (RAR)"),
    (b"7z\xbc\xaf", "an archive (7z)"),
    (b"\x1f\x8b", "an archive (gzip)"),
)
"""What other files that arrive in place of a form begin with."""
_SINGLE_FILES = (
    (re.compile(rb"<(?:\w{1,9}:)?Workbook\s"), "a workbook as one XML file (XML Spreadsheet 2003)"),
    (re.compile(rb"<(?:office:document|w:wordDocument|pkg:package)[\s>]"), "a document as one XML file"),
    (re.compile(rb"\AMIME-Version:|\AFrom:\s*<Saved by", re.IGNORECASE), "a page as one file (.mht)"),
)
"""What programs save as a single file of text that no reader here knows."""
_HTML = re.compile(rb"<(?:html|table|!doctype\s+html)[\s>]", re.IGNORECASE)
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
_MANIFEST = "META-INF/manifest.xml"
"""Where an ods workbook says which of its parts are behind a password."""
_LOCKED_XLS = re.compile(rb"\x09\x08\x10\x00\x00\x06\x05\x00.{12}(?:\x86\x00\x00\x00)?\x2f\x00", re.DOTALL)
"""How the stream of an xls workbook begins that is behind a password."""
_HEAD_BYTES = 4096
_BYTES_PER_MB = 1 << 20
_SAVE_AS = "Open it in its program and save it again as .xlsx or .docx."
_SAVE_AS_XLSX = "Open it in the spreadsheet program and save it again as .xlsx."
_SAVE_AS_DOCX = "Open it in the word processor and save it again as .docx."


def recognise_kind(path: Path, name: str) -> tuple[Kind, Container | None]:
    """Kind of the file at ``path``, and where it is a zip container, the container opened; ``name`` is what the sender
    called it.

    Raises Problem for what is not there, what is no plain file, and for an empty, oversized, encrypted, truncated or
    unknown one.
    """
    _check_plain(path, name)
    with path.open("rb", buffering=0) as file:
        head = file.read(_HEAD_BYTES)
        if head.startswith(b"PK\x03\x04"):
            file.seek(0)
            return _zip_kind(file.read(), name)
    if head.startswith(_OLE):
        return _ole_kind(path, name), None
    if head.lstrip().startswith(b"%PDF-"):
        return "pdf", None
    return _kind_of_text(head, name), None


def _check_plain(path: Path, name: str) -> None:
    """Refuse what is not there, is no file of its own, says nothing or is too large."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        raise problem("no-such-file", str(path), "nothing there", "a file", "Check the path.") from None
    # A pipe or device would be waited on for ever, and a link may lead anywhere.
    if not stat.S_ISREG(status.st_mode):
        raise problem("not-a-file", name, "a folder, link, pipe or device", "a plain file", "Send the file itself.")
    limit = _settings().max_file_mb
    if status.st_size == 0:
        raise problem("empty-file", name, "0 bytes", "a filled-in form", "Send the file again.")
    if status.st_size > limit * _BYTES_PER_MB:
        raise problem(
            "file-too-large",
            name,
            f"{status.st_size / _BYTES_PER_MB:.0f} MB",
            f"at most {limit} MB",
            "Remove embedded pictures and unused sheets, or raise HIW_MAX_FILE_MB.",
        )


def _kind_of_text(head: bytes, name: str) -> Kind:
    """Kind of a file that is no container, by its beginning; what no reader knows is refused by what it is."""
    for start, what in _OTHERS:
        if head.startswith(start):
            raise problem(
                "no-form-file",
                name,
                what,
                "a workbook, document, pdf, html or text file",
                "Send the form itself, not a picture or an archive of it.",
            )
    for sign, what in _SINGLE_FILES:
        if sign.search(head.replace(b"\x00", b"")):
            raise problem("unknown-file", name, what, "an xlsx workbook or docx document", _SAVE_AS)
    if _HTML.search(head.replace(b"\x00", b"")):
        return "html"
    suffix = Path(name).suffix.lower()
    if suffix in SPREADSHEET_SUFFIXES and _is_table_of_text(head, name):
        return "text"
    if suffix in SPREADSHEET_SUFFIXES:
        raise problem(
            "not-a-workbook", name, "bytes that are no workbook", "an xlsx, xls or ods workbook", _SAVE_AS_XLSX
        )
    if suffix in WORD_SUFFIXES:
        raise problem("not-a-document", name, "bytes that are no Word document", "a docx document", _SAVE_AS_DOCX)
    if b"\x00" in head and not head.startswith(_BYTE_ORDER_MARKS) and not looks_like_utf16(head):
        raise problem(
            "unknown-file",
            name,
            "binary content of no known kind",
            "a workbook, document, pdf, html or text file",
            "Send the form itself.",
        )
    return "text"


def _settings() -> Settings:
    # Imported late: a process that reads one file apart starts in half the time without them.
    from ingestion.settings import settings

    return settings()


def _is_table_of_text(head: bytes, name: str) -> bool:
    """Whether bytes are a table as information systems export it, under the name of a workbook that it is not."""
    try:
        return is_table(decode(head, name, is_cut=True))
    except Problem:
        return False


def _zip_kind(content: bytes, name: str) -> tuple[Kind, Container]:
    archive = open_measured(content, name, _settings().max_unpacked_mb)
    if _MANIFEST in archive and b"encryption-data" in archive.read(_MANIFEST):
        archive.close()
        raise problems.encrypted(name)
    if "xl/workbook.xml" in archive:
        return "xlsx", archive
    if "word/document.xml" in archive:
        return "docx", archive
    if "content.xml" in archive:
        return "ods", archive
    archive.close()
    if "xl/workbook.bin" in archive:
        raise problem("binary-workbook", name, "a binary workbook (.xlsb)", "an xlsx workbook", _SAVE_AS_XLSX)
    raise problem(
        "unknown-file",
        name,
        "a zip archive",
        "the form itself, not an archive",
        "Unpack the archive and send the files in it one by one.",
    )


def _ole_kind(path: Path, name: str) -> Kind:
    content = path.read_bytes()
    if _utf16("EncryptedPackage") in content or _LOCKED_XLS.search(content):
        raise problems.encrypted(name)
    if _utf16("WordDocument") in content:
        raise problem("old-word-document", name, "a Word 97-2003 document (.doc)", "a docx document", _SAVE_AS_DOCX)
    if _utf16("PowerPoint Document") in content:
        raise problem("unknown-file", name, "a presentation", "the form itself", "Send the form itself.")
    return "xls"


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-le")
