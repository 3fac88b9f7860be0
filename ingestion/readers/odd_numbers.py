"""Where a workbook holds a number that is none: calamine refuses the whole of it without saying which cell it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingestion.errors import Problem
from ingestion.readers.container import Container
from ingestion.readers.problems import problem

_NUMBER = re.compile(rb"[+-]?(?:inf(?:inity)?|nan|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)", re.IGNORECASE)
_XLSX_CELL = re.compile(rb'<c r="([A-Z]{1,3}\d{1,7})"([^>]{0,200})>(?:<f\b[^>]{0,200}>[^<]*</f>)?<v>([^<]*)</v>')
_XLSX_TYPE = re.compile(rb'\bt="(?!n")')
"""A cell that holds something else than a number says so."""
_ODS_VALUE = re.compile(rb'\boffice:value="([^"]*)"')
_ODS_CONTENT = "content.xml"


def odd_number(archive: Container, name: str) -> Problem | None:
    """The Problem of the first number of a workbook that cannot be read as one; None where there is none."""
    for where, text in _numbers(archive):
        if not _NUMBER.fullmatch(text):
            return problem(
                "odd-number",
                f"{name}: {where}",
                f"a number written as {text[:40].decode(errors='replace')!r}",
                "digits, as spreadsheet programs write them",
                "Open it in the spreadsheet program, type the figure anew and save it again.",
            )
    return None


def _numbers(archive: Container) -> Iterator[tuple[str, bytes]]:
    """Where each number is written, and how; of an ods workbook by its part alone."""
    if _ODS_CONTENT in archive:
        yield from ((_ODS_CONTENT, found[1]) for found in _ODS_VALUE.finditer(archive.content_of(_ODS_CONTENT)))
    for member in archive.namelist():
        if "sheets/" not in member.lower():
            continue
        for address, said, text in _XLSX_CELL.findall(archive.content_of(member)):
            if text and not _XLSX_TYPE.search(said):
                yield f"{member}!{address.decode()}", text
