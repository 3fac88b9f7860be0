"""What calamine does not say of a workbook's cells, read from the XML of its sheets.

calamine lays a sheet out as one full rectangle, so a single filled cell far away costs the memory of everything
between; it gives an empty cell for a formula without a saved result and for an error value; and it does not tell that
a cell is shown as a percentage. A quick look over the bytes tells most sheets clean; only a sheet that shows one of the
first signs is parsed a second time.
"""

from __future__ import annotations

import io
import posixpath
import re
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple, NoReturn

from lxml import etree

from ingestion.errors import Problem
from ingestion.readers import problems
from ingestion.readers.container import Container
from ingestion.readers.document import MOST_CELLS, CellError, UncalculatedFormula, a1, column_number
from ingestion.readers.problems import problem
from ingestion.readers.raw_text import RawText, tags_and_text

IS_PERCENT = "%"
_STYLES = "xl/styles.xml"
_LARGEST_STYLES_MB = 32
_MOST_STYLES = 200_000
"""No program keeps more than 65,536 styles of cells, of some hundred bytes each."""
_MOST_SOUGHT = 200
"""Styles that a pattern tells apart as fast as it finds a cell."""
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
Marks = dict[tuple[int, int], str]
"""Cells of a sheet (row, column; 0-based) with a formula without result or an error, within the measured extent; and
``IS_PERCENT`` for a number that is shown as a percentage."""

_CHUNK = 1 << 22
_CELLS = b"sheetData"
"""What the cells of a sheet stand in."""
_MERGED, _END_OF_MERGED = b"mergeCells", b"</mergeCells>"
"""What a sheet tells of its merged cells in."""
_NONE_MERGED = b"<mergeCells></mergeCells>"
_END, _LENGTH_OF_END = b"</worksheet", 32
_OVERLAP = 4096
"""Bytes of a chunk looked at again with the next one, longer than any cell's tags."""
_TAGS_OF_A_CELL = 8
"""Tags of a cell with a formula and a result, its share of its row's among them."""
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
_PERCENT_FORMATS = re.compile(rb'numFmtId="(?:9|10)"')
_LAST_COLUMN, _LAST_ROW = column_number("XFD"), (1 << 20) - 1
_QUOTED = re.compile(r'"[^"]*"|\\.')
_ROOT = re.compile(rb"<[A-Za-z_]")
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
    percent = _percent_cells(archive, name)
    for part_of_all in (_KIND, _BOOK, _RELATIONS):
        _check_prolog(archive.content_of(part_of_all), f"{name}: {part_of_all}")
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


class _Percent(NamedTuple):
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


def _percent_cells(archive: Container, name: str) -> _Percent | None:
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
    _check_prolog(content, where)
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
    return _Percent(re.compile(cell), used)


def shows_percent(number_format: str) -> bool:
    """Whether a format shows figures as percentages; what it writes as it stands ("%", \\%) says nothing."""
    return "%" in _QUOTED.sub("", number_format)


def _too_many_styles(where: str, read: str) -> Problem:
    return overgrown(where, read, f"at most {_LARGEST_STYLES_MB} MB of them")


def overgrown(where: str, read: str, expected: str) -> Problem:
    """A workbook that carries far more than a form ever has."""
    return problem(
        "odd-container", where, read, expected, "Copy the form's cells into a new workbook and send that one."
    )


def _look(part: Any, where: str, percent: _Percent | None, is_plain: bool) -> tuple[bool, bool, Marks]:
    """Whether a sheet shows a sign of an error, of a formula without result or of a cell of no plain address; whether
    it has a far cell; its percentages. One that is not ``is_plain`` may hold text that calamine passes over."""
    tail, is_suspect, is_far, ends = b"", False, False, -1
    junk, raw_text = Junk(where, b"<c ", b"<row"), RawText(where)
    marks: Marks = {}
    while chunk := part.read(_CHUNK):
        if ends < 0:
            _check_prolog(chunk, where)
            if _CELLS not in chunk and len(chunk) == _CHUNK:
                raise overgrown(
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
    _check_prolog(head, where)
    # Room for as many as it says is made before the first one is read.
    stated = max((int(count) for count in _COUNT.findall(head)), default=0)
    if stated > MOST_CELLS:
        raise problems.too_many_cells(where, stated, MOST_CELLS)
    if len(head) == _OVERLAP and len(_ROOT.findall(head)) < _ROOT_AND_CHILD:
        raise overgrown(where, "kilobytes before the first text", "texts as office programs write them")
    if is_small:
        return
    ends, raw_text = 0, RawText(where)
    raw_text.add(head)
    while chunk := part.read(_CHUNK):
        raw_text.add(chunk)
        ends += chunk.count(b"si>") + 2 * chunk.count(b"si/>")
        if ends > 2 * MOST_CELLS:
            raise problems.too_many_cells(where, ends // 2, MOST_CELLS)


def _check_prolog(chunk: bytes, where: str) -> None:
    """A document type can stand before the first element only; a prolog of megabytes is no office program's either."""
    root = _ROOT.search(chunk)
    if b"<!DOCTYPE" in chunk[: root.start() if root else None] or not (root or len(chunk) < _OVERLAP):
        raise problems.document_type(where)


def _parse(part: Any, where: str) -> Marks:
    """Marks of one sheet, with the extent of its filled cells measured."""
    marks: Marks = {}
    extent = Extent(where)
    row = column = -1
    for event, element in _events(part, where):
        tag = etree.QName(element).localname
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
            parts = {etree.QName(child).localname: child for child in element if isinstance(child.tag, str)}
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


class Junk:
    """Counts the tags, comments and instructions that are of no cell, by the words that cells and rows are known by.

    Whatever stands between cells, or within one, is held in memory until the next one is read.
    """

    def __init__(self, where: str, *of_cells: bytes) -> None:
        self.where, self.of_cells, self.count = where, of_cells, 0

    def add(self, chunk: bytes) -> None:
        """Count those of a part of the XML; raises Problem where they become too many."""
        self.count += max(0, chunk.count(b"<") - _TAGS_OF_A_CELL * sum(map(chunk.count, self.of_cells)))
        if self.count > MOST_CELLS:
            raise overgrown(
                self.where, f"{self.count:,} tags and comments that are no cells", f"at most {MOST_CELLS:,} of them"
            )


class Extent:
    """The rectangle that filled cells span; refuses one that would not fit in memory, naming the cell."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.top = self.left = 1 << 30
        self.bottom = self.right = -1

    def add(self, row: int, column: int) -> None:
        self.top, self.bottom = min(self.top, row), max(self.bottom, row)
        self.left, self.right = min(self.left, column), max(self.right, column)
        # Rows and columns before the first filled cell are laid out too: addresses stay those of the screen.
        if (self.bottom + 1) * (self.right + 1) > MOST_CELLS:
            self.refuse(row, column)

    def refuse(self, row: int, column: int) -> NoReturn:
        """Raise the Problem of a cell that lies too far away."""
        raise problem(
            "far-cell",
            f"{self.where}!{a1(row, column)}",
            "a filled cell far from the others",
            f"a sheet of at most {MOST_CELLS:,} cells",
            "Delete the cells below and right of the form (select to the end, Delete) and save again.",
        )


def _events(part: Any, where: str) -> Iterator[tuple[str, Any]]:
    parser = etree.iterparse(
        part, events=("start", "end"), tag=_LOOKED_AT, resolve_entities=False, no_network=True, load_dtd=False
    )
    try:
        yield from parser
    except etree.XMLSyntaxError as error:
        raise problem(
            "damaged-sheet",
            where,
            f"XML that is not well-formed ({str(error)[:80]})",
            "a whole sheet",
            "Open the workbook in its program, save it again and resend it.",
        ) from error


def forget(element: Any) -> None:
    """Free an element that was looked at, and what stands before it."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]
