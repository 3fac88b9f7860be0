"""The tables of a PDF, page after page, with rules or without; cells located by page and box.

A table that goes on at the top of the next page is one table. Tables without lines are taken where their columns can be
told for sure (see unruled.py), and else named as not read. Boxes are in points from the top left of the page as shown.
"""

from __future__ import annotations

import unicodedata
from typing import Any, NamedTuple

from ingestion.readers.document import NO_CHARACTER, BoxLocator, Table, area, caption_of
from ingestion.readers.pdf_page import Shape, Turned, direction, ruled_tables
from ingestion.readers.ruled import read_ruled
from ingestion.readers.unruled import Box, Cell, Extent, Refused, lines_of, rows_within, unruled_tables

_HEADER_ROWS = 5
"""A table whose first row is one of these of the table before begins anew with its header."""
# Programs that embed a font may write a character as the radical that looks like it: ⻔ for 门, ⼈ for 人.
_RADICALS = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)} | str.maketrans(
    "⺟⺠⻁⻄⻅⻆⻉⻋⻑⻓⻔⻗⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳",
    "母民虎西见角贝车長长门雨青韦页风飞食马骨鬼鱼鸟卤麦黄齐齿龙龟",
)
_REMEDY = "print it with wider columns, or send the workbook that it was made from"
_ONE_WAY = "turn it to the rest and print it again, or send the workbook that it was made from"
_MOST_ASIDE = 60
"""Characters that run another way than the rest of a page without a word about them: those of its footer."""
_WORD_GAP = 0.2
"""White between two words, as a share of the height of letters."""
_ALIKE = 2.0
"""Points by which the edges of one column may differ from page to page."""
_Row = tuple[list[Box | None], list[str | None]]
"""The boxes and the texts of the cells of a row."""


class PageTables:
    """Collects the tables of one page after the other; ``refused`` tells what of them is not taken or in doubt."""

    def __init__(self) -> None:
        self.tables: list[Table] = []
        self.refused: list[str] = []
        self._last: _Found | None = None
        """The last table on the page before."""
        self._above: list[str] = []
        """The lines above the first table of the page before: where they come again they are printed on every page."""

    def read(self, turned: Turned, number: int) -> list[Refused]:
        """Take the tables of page ``number``. Returns those that cannot be taken."""
        found, outside, refused = self._found(turned, number)
        titles = _titles(outside, found)
        for at, one in enumerate(found):
            goes_on = at == 0 and self._last is not None and one.is_like(self._last)
            if not goes_on or one.rows[0][1] in self.tables[-1].rows[:_HEADER_ROWS]:
                self._begin([line for line in titles[at] if at or line not in self._above])
            self._add(one, turned, number)
        self._above = titles[0] if found else []
        self._last = found[-1] if found else None
        return refused

    def _found(self, turned: Turned, number: int) -> tuple[list[_Found], list[dict[str, Any]], list[Refused]]:
        """The tables of a page, top down, the words outside those with rules, and what cannot be taken."""
        ruled = ruled_tables(turned.page)
        read = [read_ruled(one, turned.runs) for one in ruled]
        found = [
            _Found(
                is_ruled=True,
                top=one.bbox[1],
                columns=[(column.bbox[0], column.bbox[2]) for column in one.columns],
                rows=cells.rows,
                doubts=cells.doubts,
            )
            for one, cells in zip(ruled, read, strict=True)
        ]
        boxes = [one.bbox for one in ruled]
        outside = _outside(turned.page, boxes)
        before = self._last.columns if self._last and not self._last.is_ruled else None
        unruled, refused = unruled_tables(outside, before)
        for other in unruled:
            rows = _boxes_and_texts(other.rows)
            found.append(_Found(False, min(box[1] for box in rows[0][0] if box), other.columns, rows, {}))
        found.sort(key=lambda one: one.top)
        lost = [text for one in read for text in one.lost]
        self._tell(turned, number, lost, refused, _aside(turned, boxes))
        return _joined(found, outside), outside, refused

    def _tell(self, turned: Turned, number: int, lost: list[str], refused: list[Refused], aside: list[Shape]) -> None:
        """Say what of a page is in no table: texts between cells, columns that cannot be told apart, and characters
        that run another way."""
        if lost:
            texts = [repr(text[:20]) for text in lost]
            self.refused.append(f"page {number}: text in a table but in no cell, {_first_of(texts)}; {_REMEDY}")
        if refused:
            place = _first_of([f"page {number} box {area(turned.shown(one.box))}" for one in refused])
            self.refused.append(f"{place}: columns without lines that cannot be told apart; {_REMEDY}")
        if len(aside) > _MOST_ASIDE:
            text = "".join(char["text"] for char in aside[:20])
            self.refused.append(f"page {number}: text that runs another way than the rest, {text!r}; {_ONE_WAY}")

    def _begin(self, titles: list[str]) -> None:
        """Begin another table below its ``titles``."""
        count = len(self.tables) + 1
        caption = caption_of(map(plain, titles), self.tables[-1].caption if self.tables else ())
        self.tables.append(Table(f"table {count}", [], BoxLocator(count, [], []), caption=caption))

    def _add(self, one: _Found, turned: Turned, number: int) -> None:
        """Add the rows of what stands on page ``number`` to the last table."""
        table = self.tables[-1]
        assert isinstance(table.locate, BoxLocator)
        first = len(table.rows)
        for boxes, texts in one.rows:
            table.rows.append([text and plain(text) for text in texts])
            table.locate.pages.append(number)
            table.locate.boxes.append([box and turned.shown(box) for box in boxes])
        for doubt in dict.fromkeys(one.doubts.values()):
            places = [table.locate(first + r, c) for (r, c), said in one.doubts.items() if said == doubt]
            self.refused.append(f"{_first_of(places)}: {doubt}; {_REMEDY}")


class _Found(NamedTuple):
    """A table on a page: where it begins, its columns from left to right, of each row the boxes and texts, and what is
    doubtful by (row, column)."""

    is_ruled: bool
    top: float
    columns: list[Extent]
    rows: list[_Row]
    doubts: dict[tuple[int, int], str]

    @property
    def extent(self) -> Extent:
        """From left to right."""
        return self.columns[0][0], self.columns[-1][1]

    @property
    def rows_of_header(self) -> list[list[str | None]]:
        """The texts of the first rows."""
        return [texts for _, texts in self.rows[:_HEADER_ROWS]]

    @property
    def bottom(self) -> float:
        """Where it ends."""
        return max(box[3] for boxes, _ in self.rows for box in boxes if box)

    def is_beside(self, other: _Found) -> bool:
        """Whether a table stands left or right of another one."""
        (left, right), (a, b) = self.extent, other.extent
        return self.top < other.bottom and other.top < self.bottom and (right <= a or b <= left)

    def is_like(self, other: _Found) -> bool:
        """Whether the columns are those of another table; without lines they are as wide as what stands in them."""
        return (self.is_ruled, len(self.columns)) == (other.is_ruled, len(other.columns)) and all(
            abs(a - c) <= _ALIKE if self.is_ruled else min(b, d) > max(a, c)
            for (a, b), (c, d) in zip(self.columns, other.columns, strict=True)
        )


def _boxes_and_texts(rows: list[list[Cell | None]]) -> list[_Row]:
    return [
        ([cell.box if cell else None for cell in row], [cell.text if cell else None for cell in row]) for row in rows
    ]


def _joined(found: list[_Found], outside: list[dict[str, Any]]) -> list[_Found]:
    """The tables of a page, top down, those as one that nothing parts but rows of theirs without rules."""
    joined: list[_Found] = []
    for one in found:
        last = joined[-1] if joined else None
        if last and one.is_ruled and one.is_like(last) and one.rows[0][1] not in last.rows_of_header:
            words = [word for word in outside if last.bottom <= (word["top"] + word["bottom"]) / 2 <= one.top]
            if between := _boxes_and_texts(rows_within(words, one.columns)):
                first = len(last.rows) + len(between)
                doubts = last.doubts | {(first + r, c): doubt for (r, c), doubt in one.doubts.items()}
                joined[-1] = last._replace(rows=[*last.rows, *between, *one.rows], doubts=doubts)
                continue
        joined.append(one)
    return joined


def _titles(outside: list[dict[str, Any]], found: list[_Found]) -> list[list[str]]:
    """For each table of a page, top down, the lines that stand above it and below the one before; of tables side by
    side, each its own."""
    titles: list[list[str]] = []
    for one in found:
        before = [other for other in found if other.top < one.top and not other.is_beside(one)]
        start = max((other.bottom for other in before), default=0.0)
        beside = [other.extent for other in found if other.is_beside(one)]
        above = [word for word in outside if start <= word["top"] and word["bottom"] <= one.top]
        titles.append(lines_of(above, one.extent, beside))
    return titles


def _aside(turned: Turned, taken: list[Box]) -> list[Shape]:
    """The characters of a page outside ``taken`` boxes that run another way than most of its text."""
    return [
        char
        for run in turned.runs
        if direction(run[0]) != 0
        for char in run
        if not any(a <= char["x0"] <= c and b <= char["top"] <= d for a, b, c, d in taken)
    ]


def _outside(page: Any, taken: list[Box]) -> list[dict[str, Any]]:
    """Words of a page but those in ``taken`` boxes."""
    return [
        word
        for word in page.extract_words(x_tolerance_ratio=_WORD_GAP)
        if word["upright"]
        and not any(
            left <= (word["x0"] + word["x1"]) / 2 <= right and top <= (word["top"] + word["bottom"]) / 2 <= bottom
            for left, top, right, bottom in taken
        )
    ]


def plain(text: str) -> str:
    """A text with the characters that its font means, and none that no database takes."""
    return text.replace("\0", NO_CHARACTER).translate(_RADICALS)


def _first_of(found: list[str]) -> str:
    return f"{found[0]} and {len(found) - 1} more" if len(found) > 1 else found[0]
