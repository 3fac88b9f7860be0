"""Which cells of an xlsx workbook are shown as percentages, by their styles."""

from __future__ import annotations

import io
import re
from typing import NamedTuple

from lxml import etree

from ingestion.errors import Problem
from ingestion.readers.container import Container
from ingestion.readers.document import column_number
from ingestion.readers.limits import check_prolog
from ingestion.readers.marks import IS_PERCENT, Marks
from ingestion.readers.problems import overgrown

_STYLES = "xl/styles.xml"
_LARGEST_STYLES_MB = 32
_MOST_STYLES = 200_000
"""No program keeps more than 65,536 styles of cells, of some hundred bytes each."""
_MOST_SOUGHT = 200
"""Styles that a pattern tells apart as fast as it finds a cell."""
_PERCENT_FORMATS = re.compile(rb'numFmtId="(?:9|10)"')
_QUOTED = re.compile(r'"[^"]*"|\\.')


class PercentCells(NamedTuple):
    """What a cell shown as a percentage begins with, and the styles by which it is: of very many, a pattern finds
    cells of any style."""

    cell: re.Pattern[bytes]
    styles: set[bytes]

    def marks(self, seen: bytes) -> Marks:
        """The cells of some of a sheet that are shown as percentages."""
        return {
            (int(number) - 1, column_number(letters.decode())): IS_PERCENT
            for style, letters, number in self.cell.findall(seen)
            if style in self.styles
        }


def percent_cells(archive: Container, name: str) -> PercentCells | None:
    """How cells shown as percentages are known by the styles of the workbook; None without such a style."""
    where = f"{name}: {_STYLES}"
    try:
        size = archive.getinfo(_STYLES).file_size
    except KeyError:
        return None
    if size > _LARGEST_STYLES_MB << 20:
        raise _too_many_styles(where, f"{size / (1 << 20):.0f} MB of styles")
    content = archive.content_of(_STYLES)
    # The styles of cells alone count: every program knows a named style for percentages.
    if b"%" not in content and not _PERCENT_FORMATS.search(content, content.find(b"cellXfs")):
        return None
    check_prolog(content, where)
    formats, used = {"9", "10"}, set[bytes]()
    number = -1
    # Styles of cells refer to the formats, which stand before them.
    elements = etree.iterparse(
        io.BytesIO(content), tag=("{*}numFmt", "{*}xf"), resolve_entities=False, no_network=True, load_dtd=False
    )
    for seen, (_, element) in enumerate(elements):
        if seen > _MOST_STYLES:
            raise _too_many_styles(where, f"more than {_MOST_STYLES:,} styles")
        if "numFmt" in element.tag:
            if shows_percent(element.get("formatCode", "")):
                formats.add(element.get("numFmtId", ""))
        elif "cellXfs" in element.getparent().tag:
            number += 1
            if element.get("numFmtId") in formats:
                used.add(str(number).encode())
        element.clear()
    if not used:
        return None
    # Bounded, so that a sheet without a closing bracket is no trap.
    style = b"|".join(used) if len(used) <= _MOST_SOUGHT else rb"\d{1,6}"
    cell = rb'<c(?=\s)(?=[^>]{0,200}?\ss="(' + style + rb')")[^>]{0,200}?\sr="([A-Z]{1,3})(\d{1,7})"'
    return PercentCells(re.compile(cell), used)


def shows_percent(number_format: str) -> bool:
    """Whether a format shows figures as percentages; what it writes as it stands ("%", \\%) says nothing."""
    return "%" in _QUOTED.sub("", number_format)


def _too_many_styles(where: str, read: str) -> Problem:
    return overgrown(where, read, f"at most {_LARGEST_STYLES_MB} MB of them")
