"""What calamine does not say of a workbook's cells, read from the XML of its sheets.

calamine lays a sheet out as one full rectangle, so a single filled cell far away costs the memory of everything
between; it gives an empty cell for a formula without a saved result and for an error value; and it does not tell that
a cell is shown as a percentage. A quick look over the bytes tells most sheets clean; only a sheet that shows one of the
first signs is parsed a second time.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from lxml import etree

from ingestion.readers import problems
from ingestion.readers.container import Container
from ingestion.readers.document import MOST_CELLS, CellError, UncalculatedFormula, column_number
from ingestion.readers.limits import ROOT, Extent, Junk, check_prolog
from ingestion.readers.marks import Marks
from ingestion.readers.percent_styles import PercentCells, percent_cells
from ingestion.readers.raw_text import RawText, tags_and_text

_CELL_OF_TEXT = len('<c t="s"><v>0</v></c>')
_MOST_GROWTH = 256 << 20
"""Bytes that the copies of what a small workbook holds once may take."""
_KIND, _BOOK, _RELATIONS = "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
"""What calamine knows a workbook by, its sheets, and where each of them is."""
_SHEET = re.compile(rb"sheet\s")
_BETWEEN_NAMES = re.compile(rb"[/\"']")
_END_OF_TEXT = re.compile(rb"</(?:[^<>:/\s]+:)?si\s*>")
_ROOT_AND_CHILD = 2
_COUNT = re.compile(rb"""[cC]ount\s*=\s*["']\s*(\d+)""")
_CHUNK = 1 << 22
_CELLS = b"sheetData"
"""What the cells of a sheet stand in."""
_MERGED, _END_OF_MERGED = b"mergeCells", b"</mergeCells>"
"""What a sheet tells of its merged cells in."""
_NONE_MERGED = b"<mergeCells></mergeCells>"
_END, _LENGTH_OF_END = b"</worksheet", 32
_OVERLAP = 4096
"""Bytes of a chunk looked at again with the next one, longer than any cell's tags."""
_LOOKED_AT = ("{*}row", "{*}c", "{*}sheetData")
# A cell that is not <c r="A1" s="1" t="s"> or a part of that, of any type but an error.
_UNUSUAL = re.compile(rb'<c(?! r="[A-Z]{1,2}+\d{1,4}+"(?: s="\d++")?+(?: t="[^e]|[/>])|[A-Za-z])')
# What ends the tag of a filled cell, if it has no end soon: bounded, so that tags without end are no trap.
_ENDS_FILLED = rb"(?:[^>]{0,200}(?<!/)>|[^>]{201})"
# What it may be: a filled cell whose first attribute is no address, or one whose type is an error;
_ODD = re.compile(rb"""<c(?=[\s/>])(?! r="[A-Z]{1,3}\d{1,7}")""" + _ENDS_FILLED + rb"""|t=["']e["']""")
# or a filled cell beyond ZZ9999: 9,999 rows of 702 columns do fit in memory.
_FAR = re.compile(rb'<c r="(?:[A-Z]{3}|[A-Z]{1,2}\d{5})' + _ENDS_FILLED)
_FILLED = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"' + _ENDS_FILLED)
# Other signs that most sheets have none of: a byte without which there is none, what is looked for first, as it
# hardly ever goes on, and what that may be a sign of.
_SIGNS = (
    # A formula without a result.
    (
        b"f",
        re.compile(rb"<f[\s/>]"),
        re.compile(rb"(?:</f>|<f\b[^>]{0,200}/>)\s*+(?:<v\s*+/>|<v>\s*+</v>)?+\s*+</c>|<f\b[^>]{201}"),
    ),
    # A cell in another namespace.
    (b":", re.compile(rb":c[\s/>]"), re.compile(rb"")),
)
_LAST_COLUMN, _LAST_ROW = column_number("XFD"), (1 << 20) - 1
_ADDRESS = re.compile(r"([A-Za-z]{1,3})(\d{1,7})")


def grows(archive: Container) -> bool:
    """Whether a small workbook could fill the memory: calamine copies a shared text to every cell that names it, and
    reads a part anew for every sheet that is said to be in it."""
    size = archive.stated
    if len(_SHEET.findall(archive.content_of(_BOOK))) * size > _MOST_GROWTH:
        return True
    for member in archive.filelist:
        if "sharedstrings" not in member.filename.lower() or member.file_size * size < _MOST_GROWTH * _CELL_OF_TEXT:
            continue
        content = archive.content_of(member.filename)
        # What a comment or a block of raw text hides is not told apart: one text as long as all.
        texts = [content] if b"<!" in content else _END_OF_TEXT.split(content)
        if max(map(len, texts)) * size > _MOST_GROWTH * _CELL_OF_TEXT:
            return True
    return False


def scan(archive: Container, name: str) -> dict[str, Marks]:
    """Marks of each sheet that has any, by the path of its part in the container, in small letters
    (``xl/worksheets/sheet1.xml``).

    Raises Problem for a sheet that would fill the memory (naming the far cell) or that declares XML entities.
    """
    marks: dict[str, Marks] = {}
    percent = percent_cells(archive, name)
    for part_of_all in (_KIND, _BOOK, _RELATIONS):
        check_prolog(archive.content_of(part_of_all), f"{name}: {part_of_all}")
    related = set(_BETWEEN_NAMES.split(archive.content_of(_RELATIONS).lower()))
    for member in archive.namelist():
        where = f"{name}: {member}"
        has_strings, is_sheet = "sharedstrings" in member.lower(), _is_sheet(archive, member, related)
        if archive.is_small and (has_strings or is_sheet):
            archive.rewrite(member, partial(tags_and_text, where=where))
        if has_strings:
            with archive.open_part(member) as part:
                _check_strings(part, where, archive.is_small)
        if not is_sheet:
            continue
        with archive.open_part(member) as part:
            is_suspect, is_far, found = _look(part, where, percent, archive.is_small)
        if is_far and not is_suspect:
            with archive.open_part(member) as part:
                is_suspect = _spans_too_much(part)
        if is_suspect:
            with archive.open_part(member) as part:
                found |= _parse(part, where)
        if archive.is_small:
            archive.rewrite(member, _merged_first)
        if found:
            marks[member.lower()] = found
    return marks


def _is_sheet(archive: Container, member: str, related: set[bytes]) -> bool:
    """Whether a part may hold a sheet: in a large workbook, which is read apart, one of those that office programs name
    so; in a small one whatever the workbook can name as one and has cells. What is not looked at is not handed on."""
    path = member.lower()
    if "sheets/" in path:
        return True
    if not archive.is_small or "theme/" in path or posixpath.basename(path).encode() not in related:
        return False
    return _CELLS in archive.content_of(member)


def _merged_first(sheet: bytes) -> bytes:
    """A sheet that tells before its cells which of them are merged, or that none are: calamine looks through a sheet
    until it finds that, and for the cells once more. Unchanged where it is told otherwise than office programs do.
    The sheet has no comments and no raw text."""
    cells = sheet.find(_CELLS) - 1
    if cells < 0 or not sheet.startswith(b"<", cells):
        return sheet
    if sheet.rfind(_END, -_LENGTH_OF_END) < 0:  # damaged: so calamine is to find it
        return sheet
    start = sheet.find(_MERGED, max(cells, sheet.rfind(b"</" + _CELLS))) - 1
    if start < 0:
        return b"".join((sheet[:cells], _NONE_MERGED, sheet[cells:]))
    end = sheet.find(_END_OF_MERGED, start)
    is_plain = sheet.startswith((b"<mergeCells ", b"<mergeCells>"), start) and sheet.find(_CELLS, start, end) < 0
    if end < 0 or not is_plain:
        return sheet
    return b"".join((sheet[:cells], sheet[start : end + len(_END_OF_MERGED)], sheet[cells:]))


def _look(part: Any, where: str, percent: PercentCells | None, is_plain: bool) -> tuple[bool, bool, Marks]:
    """Whether a sheet shows a sign of an error, of a formula without result or of a cell of no plain address; whether
    it has a far cell; its percentages. One that is not ``is_plain`` may hold text that calamine passes over."""
    tail, is_suspect, is_far, ends = b"", False, False, -1
    junk, raw_text = Junk(where, b"<c ", b"<row"), RawText(where)
    marks: Marks = {}
    while chunk := part.read(_CHUNK):
        if ends < 0:
            check_prolog(chunk, where)
            if _CELLS not in chunk and len(chunk) == _CHUNK:
                raise problems.overgrown(
                    where, "megabytes of settings before the first cell", "a sheet as office programs write it"
                )
            ends = 0
        if len(chunk) == _CHUNK:  # a sheet of one chunk cannot have too many
            ends += chunk.count(b"v>") + chunk.count(b"is>")
            if ends > 2 * MOST_CELLS:
                raise problems.too_many_cells(where, ends // 2, MOST_CELLS)
            junk.add(chunk)
        if not is_plain:
            raw_text.add(chunk)
        if is_suspect and not percent:
            continue
        seen = tail + chunk
        if not is_suspect:
            is_suspect, has_far = _signs(seen)
            is_far |= has_far
        if percent:
            marks |= percent.marks(seen)
        tail = chunk[-_OVERLAP:]
    return is_suspect, is_far, marks


def _signs(seen: bytes) -> tuple[bool, bool]:
    """Whether some of a sheet shows a sign in or between its cells, and whether it has a far cell."""
    start, end = seen.find(_CELLS), seen.rfind(_CELLS)
    if start == end:  # they go on from or into another chunk
        start, end = 0, len(seen)
    unusual = _UNUSUAL.search(seen, start, end)
    is_odd = bool(unusual and _ODD.search(seen, unusual.start(), end))
    is_suspect = is_odd or any(
        seen.find(byte, start, end) >= 0 and sign.search(seen, start, end) and what.search(seen, start, end)
        for byte, sign, what in _SIGNS
    )
    return is_suspect, bool(unusual and _FAR.search(seen, unusual.start(), end))


def _spans_too_much(part: Any) -> bool:
    """Whether the filled cells of a sheet, all of plain addresses, span more than fits in memory."""
    tail, bottom, columns = b"", 0, {b""}
    while chunk := part.read(_CHUNK):
        for letters, number in _FILLED.findall(tail + chunk):
            columns.add(letters)
            bottom = max(bottom, int(number))
        tail = chunk[-_OVERLAP:]
    return bottom * (column_number(max(columns, key=lambda letters: (len(letters), letters)).decode()) + 1) > MOST_CELLS


def _check_strings(part: Any, where: str, is_small: bool) -> None:
    """Refuse a document type, and more shared texts, or said to be more, than cells could be filled with; and, but for
    a small workbook, texts that calamine passes over."""
    head = part.read(_OVERLAP)
    check_prolog(head, where)
    # Room for as many as it says is made before the first one is read.
    stated = max((int(count) for count in _COUNT.findall(head)), default=0)
    if stated > MOST_CELLS:
        raise problems.too_many_cells(where, stated, MOST_CELLS)
    if len(head) == _OVERLAP and len(ROOT.findall(head)) < _ROOT_AND_CHILD:
        raise problems.overgrown(where, "kilobytes before the first text", "texts as office programs write them")
    if is_small:
        return
    ends, raw_text = 0, RawText(where)
    raw_text.add(head)
    while chunk := part.read(_CHUNK):
        raw_text.add(chunk)
        ends += chunk.count(b"si>") + 2 * chunk.count(b"si/>")
        if ends > 2 * MOST_CELLS:
            raise problems.too_many_cells(where, ends // 2, MOST_CELLS)


def _parse(part: Any, where: str) -> Marks:
    """Marks of one sheet, with the extent of its filled cells measured."""
    marks: Marks = {}
    extent = Extent(where)
    row = column = -1
    for event, element in _events(part, where):
        tag = _local_name(element)
        if tag == "row" and event == "start":
            stated = element.get("r", "")
            row = int(stated) - 1 if stated.isdecimal() else row + 1
            column = -1
            if row > _LAST_ROW:
                extent.refuse(row, 0)
        elif tag == "c" and event == "end":
            found = _ADDRESS.fullmatch(element.get("r", ""))
            at, column = (int(found[2]) - 1, column_number(found[1])) if found else (row, column + 1)
            if not len(element):
                forget(element)
                if column > _LAST_COLUMN:  # empty or not: no program has so many
                    extent.refuse(at, column)
                continue
            parts = {_local_name(child): child for child in element if isinstance(child.tag, str)}
            value = "".join(parts["v"].itertext()) if "v" in parts else ""
            is_error = element.get("t") == "e"
            if value or is_error or "is" in parts or "f" in parts:
                extent.add(at, column)
            # An empty result that is said to be text was computed: the formula shows nothing, as it should.
            is_empty_text = "v" in parts and element.get("t") == "str"
            if is_error:
                marks[at, column] = CellError(value or "#ERROR")
            elif "f" in parts and not value and "is" not in parts and not is_empty_text:
                marks[at, column] = UncalculatedFormula("=" + ("".join(parts["f"].itertext()) or "…"))
            forget(element)
        elif event == "end":
            forget(element)
            if tag == "sheetData":  # what stands behind it may be as long as it likes
                break
    return marks


def _local_name(element: Any) -> str:
    # The library's own QName takes ten times as long, and a sheet has millions of them.
    tag: str = element.tag
    return tag[tag.rfind("}") + 1 :]


def _events(part: Any, where: str) -> Iterator[tuple[str, Any]]:
    parser = etree.iterparse(
        part, events=("start", "end"), tag=_LOOKED_AT, resolve_entities=False, no_network=True, load_dtd=False
    )
    try:
        yield from parser
    except etree.XMLSyntaxError as error:
        raise problems.not_well_formed(where, error) from error


def forget(element: Any) -> None:
    """Free an element that was looked at, and what stands before it."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]
