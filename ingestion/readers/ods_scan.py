"""What calamine does not say of an ods workbook: how far its repeated cells reach, cells without a saved
result, percentages."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from ingestion.readers import problems
from ingestion.readers.container import Container
from ingestion.readers.document import MOST_CELLS, CellError, UncalculatedFormula
from ingestion.readers.limits import Extent, Junk
from ingestion.readers.marks import IS_PERCENT, Marks
from ingestion.readers.problems import overgrown, problem
from ingestion.readers.raw_text import RawText, tags_and_text
from ingestion.readers.sheet_scan import forget

_CONTENT, _STYLES = "content.xml", "styles.xml"
_LARGEST_STYLES_MB = 32
_INDENTS = re.compile(rb"(?<=>)\s+(?=</?table:)")
"""Blanks between the elements of a table, as Gnumeric writes them: they say nothing, and calamine takes none."""
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_NUMBER = "{urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_VALUES = tuple(f"{_OFFICE}{kind}" for kind in ("value", "string-value", "date-value", "time-value", "boolean-value"))
_SAYING = frozenset((*_VALUES, f"{_TABLE}formula", f"{_CALC}value-type"))
"""What an empty cell says nothing without."""
_ROWS, _COLUMNS = f"{_TABLE}number-rows-repeated", f"{_TABLE}number-columns-repeated"
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
_OF_STYLES = (f"{_STYLE}style", f"{_NUMBER}*")
_MOST_ROWS = 1 << 20
"""Rows that a file writes out one by one: no program has more in a sheet."""
_MOST_CHARACTERS = 1 << 27
"""Characters of all cells, each as often as it is repeated: calamine keeps them all, blanks written as a number too."""
_MOST_REPEATS = 1 << 21
"""No program has more rows or columns than this; a larger count is an attack."""


def scan(archive: Container, name: str) -> dict[str, Marks]:
    """Marks by sheet name. Raises Problem for cells that would fill the memory and for entity declarations."""
    where = f"{name}: {_CONTENT}"
    if archive.is_small:
        archive.rewrite(_CONTENT, lambda content: _INDENTS.sub(b"", tags_and_text(content, where)))
    try:
        with archive.open_part(_CONTENT) as part:
            return _Scan(archive, name).run(_Counted(part, where))
    except etree.XMLSyntaxError as error:
        raise problems.not_well_formed(where, error) from error


def _shows_nothing(cell: Any) -> bool:
    """Whether a formula was computed and came to nothing: its result is said to be text, or is a paragraph without a
    word, as LibreOffice writes it."""
    return cell.get(f"{_OFFICE}value-type") == "string" or cell.find(f"{_TEXT}p") is not None


class _Counted:
    """The XML as it is read, its tags counted, none beside raw text."""

    def __init__(self, part: Any, where: str) -> None:
        self.part, self.junk, self.raw_text = part, Junk(where, b"table-cell", b"table-row"), RawText(where)

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        chunk: bytes = self.part.read(size)
        self.junk.add(chunk)
        self.raw_text.add(chunk)
        return chunk


class _Formats:
    """The styles of cells by the formats that they name, and which formats are percentages: most programs say so of
    each cell, Gnumeric of its format alone."""

    def __init__(self) -> None:
        self.of_styles: dict[str, str] = {}
        self.is_percent: dict[str, bool] = {}

    def add(self, element: Any) -> None:
        """Take a style or a part of a format down."""
        name, of_style = element.get(f"{_STYLE}name"), element.get(f"{_STYLE}data-style-name")
        if name and element.tag.startswith(_NUMBER):
            self.is_percent.setdefault(name, element.tag == f"{_NUMBER}percentage-style")
        elif name and of_style:
            self.of_styles[name] = of_style

    def percent(self, archive: Container, name: str) -> set[str]:
        """Names of the styles that show percentages. Formats that stand in no content are read from their own part."""
        if not self.is_percent.keys() >= {*self.of_styles.values()} and _STYLES in archive:
            self._read(archive, f"{name}: {_STYLES}")
        return {style for style, of_style in self.of_styles.items() if self.is_percent.get(of_style)}

    def _read(self, archive: Container, where: str) -> None:
        if archive.getinfo(_STYLES).file_size > _LARGEST_STYLES_MB << 20:
            raise overgrown(where, "more styles than cells", f"at most {_LARGEST_STYLES_MB} MB of them")
        try:
            with archive.open_part(_STYLES) as part:
                for _, element in _events(part, ("end",), (f"{_NUMBER}*",)):
                    if element.getroottree().docinfo.doctype:
                        raise problems.document_type(where)
                    self.add(element)
        except etree.XMLSyntaxError as error:
            raise problems.not_well_formed(where, error) from error


def _events(part: Any, events: tuple[str, ...], tags: tuple[str, ...]) -> Any:
    return etree.iterparse(part, events=events, tag=tags, resolve_entities=False, no_network=True, load_dtd=False)


class _Scan:
    """One pass over content.xml, row by row, with the repeat counts that stand for runs of equal cells."""

    def __init__(self, archive: Container, name: str) -> None:
        self.archive, self.name = archive, name
        self.marks: dict[str, Marks] = {}
        self.formats = _Formats()
        self.percent: set[str] | None = None
        self.row = self.written_rows = self.cells = self.characters = 0

    def run(self, part: Any) -> dict[str, Marks]:
        sheet, extent = "", Extent(self.name)
        for event, element in _events(part, ("start", "end"), (f"{_TABLE}table", f"{_TABLE}table-row", *_OF_STYLES)):
            if element.tag.startswith((_STYLE, _NUMBER)):
                self.formats.add(element)
            elif element.tag.endswith("}table"):
                if event == "start":
                    if element.getroottree().docinfo.doctype:
                        raise problems.document_type(f"{self.name}: {_CONTENT}")
                    if self.percent is None:
                        self.percent = self.formats.percent(self.archive, self.name)
                    self._count(extent)
                    sheet, self.row = element.get(f"{_TABLE}name", ""), 0
                    extent = Extent(f"{self.name}: {sheet}")
            elif event == "end":
                self._row(element, sheet, extent)
                forget(element)
        return self.marks

    def _count(self, extent: Extent) -> None:
        """Add up the sheets: calamine lays all of them out at once."""
        self.cells += (extent.bottom + 1) * (extent.right + 1)
        if self.cells > MOST_CELLS:
            raise problems.too_many_cells(extent.where, self.cells, MOST_CELLS)

    def _row(self, element: Any, sheet: str, extent: Extent) -> None:
        self.written_rows += 1
        if self.written_rows > _MOST_ROWS:
            raise overgrown(f"{self.name}: {sheet}", f"more than {_MOST_ROWS:,} rows", "the rows of the form")
        repeats = self._repeats(element, _ROWS)
        column = 0
        for cell in element.iterchildren(*_CELLS):
            times = self._repeats(cell, _COLUMNS)
            if not len(cell) and _SAYING.isdisjoint(cell.keys()):  # most cells of a large sheet are empty
                column += times
                continue
            has_value = any(cell.get(kind) for kind in _VALUES)
            text = "".join(cell.itertext()).strip() if len(cell) else ""
            is_error = cell.get(f"{_CALC}value-type") == "error" or (text.startswith("#") and not has_value)
            formula = cell.get(f"{_TABLE}formula")
            if len(cell) or formula:
                self._grow(cell, repeats * times, len(text) + len(formula or ""), extent)
            if has_value or text or is_error or formula:
                extent.add(self.row + repeats - 1, column + times - 1)
                mark: str | None = None
                if is_error:
                    mark = CellError(text or "#ERROR")
                elif formula and not has_value and not text and not _shows_nothing(cell):
                    mark = UncalculatedFormula(formula.removeprefix("of:"))
                elif self._is_percent(cell):
                    mark = IS_PERCENT
                if mark is not None:
                    kept = self.marks.setdefault(sheet, {})
                    kept |= {(self.row + r, column + c): mark for r in range(repeats) for c in range(times)}
            column += times
        self.row += repeats

    def _is_percent(self, cell: Any) -> bool:
        kind = cell.get(f"{_OFFICE}value-type")
        return kind == "percentage" or (kind == "float" and cell.get(f"{_TABLE}style-name") in (self.percent or ()))

    def _grow(self, cell: Any, times: int, characters: int, extent: Extent) -> None:
        """Count the characters of a cell that is there so many times."""
        blanks = sum(self._number(run.get(f"{_TEXT}c", "1")) for run in cell.iter(f"{_TEXT}s"))
        self.characters += times * (characters + blanks)
        if self.characters > _MOST_CHARACTERS:
            raise overgrown(
                extent.where, f"cells that repeat to {self.characters:,} characters", f"at most {_MOST_CHARACTERS:,}"
            )

    def _repeats(self, element: Any, axis: str) -> int:
        stated = element.get(axis)
        return 1 if stated is None else self._number(stated)

    def _number(self, stated: str) -> int:
        if not stated.isdecimal() or not 0 < int(stated[:12]) <= _MOST_REPEATS:
            raise problem(
                "odd-repeat",
                self.name,
                f"a cell repeated {stated[:20]} times",
                f"at most {_MOST_REPEATS:,} times",
                "Open the workbook in its program and save it under a new name.",
            )
        return int(stated)
