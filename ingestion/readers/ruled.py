"""The text of the cells of a ruled table: what is printed together is read together, whatever rule it runs over.

A figure may be wider than its column and run over the rule into the next one, or fill its cell to the last point. A
run of characters is taken for the one cell that it covers; where it may be of either, both are marked as unreadable
rather than cut at the rule.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple

from pdfplumber.utils import extract_text

from ingestion.readers.document import NO_CHARACTER
from ingestion.readers.pdf_page import Run, Shape
from ingestion.readers.unruled import Box

_SAME_LINE = 0.3
_APART = 0.03
"""White at a rule that differs so much from that between the letters of a run parts two cells."""
_COVERED = 0.5
"""Share of a cell's width that text of its own covers at least where it is too wide for it."""
_MIDWAY = 0.1
"""Share of their height by which the middle of letters must be off a rule to tell which row they are of."""
_OUT = 0.5
_TOO_HIGH = 1.3
"""Letters so much higher than their cell are of a mark printed over the page."""
_PART_OF_FIGURE = re.compile(r"[-+]?[\d,，.．]+[%％]?")
_DIGIT = 0.75
"""Width of a digit, as a share of the size of letters, with the white that a program keeps beside it."""

_Cell = tuple[int, int]


class Ruled(NamedTuple):
    """A ruled table: of each row the boxes and texts of its cells (None where a cell goes on), and what is doubtful,
    by (row, column). ``lost`` are texts inside the table that stand in no cell."""

    rows: list[tuple[list[Box | None], list[str | None]]]
    doubts: dict[_Cell, str]
    lost: list[str]


def read_ruled(table: Any, page_runs: list[Run]) -> Ruled:
    """The cells of a table of pdfplumber with the text that the runs of its page give them."""
    grid = _Grid(table)
    chars: dict[_Cell, list[Shape]] = defaultdict(list)
    doubtful: dict[_Cell, list[str]] = defaultdict(list)
    lost: list[str] = []
    for run in page_runs:
        if not grid.meets(run):
            continue
        for piece, cells in _taken(run, grid):
            text = "".join(char["text"] for char in piece)
            if len(cells) == 1 and grid.ends_within(piece):
                chars[cells[0]] += piece
            elif cells:
                for cell in cells:
                    doubtful[cell].append(text)
            elif text.strip():
                lost.append(text)
    rows: list[tuple[list[Box | None], list[str | None]]] = []
    doubts: dict[_Cell, str] = {}
    for r, boxes in enumerate(grid.rows):
        texts: list[str | None] = []
        for c, box in enumerate(boxes):
            if box is None:
                texts.append(None)
                continue
            text = _text(chars.get((r, c), []), box)
            if (r, c) in doubtful:
                doubts[r, c] = "text runs over the rule beside it"
                text = "\n".join([*([text] if text else []), *doubtful[r, c]]) + NO_CHARACTER
            elif text.endswith(NO_CHARACTER):
                doubts[r, c] = "figures over several lines that may be one or several"
            texts.append(text)
        rows.append((boxes, texts))
    return Ruled(rows, doubts, lost)


class _Grid:
    """Finds the cell that a point is in."""

    def __init__(self, table: Any) -> None:
        self.rows: list[list[Box | None]] = [list(row.cells) for row in table.rows]
        self.box: Box = table.bbox
        self.boxes = {(r, c): box for r, row in enumerate(self.rows) for c, box in enumerate(row) if box}
        self.lefts = sorted({edge for box in self.boxes.values() for edge in (box[0], box[2])})
        self.tops = sorted({edge for box in self.boxes.values() for edge in (box[1], box[3])})
        self.cells: dict[tuple[int, int], _Cell] = {}
        for cell, (left, top, right, bottom) in self.boxes.items():
            for i in range(bisect_right(self.tops, top) - 1, bisect_right(self.tops, bottom) - 1):
                for j in range(bisect_right(self.lefts, left) - 1, bisect_right(self.lefts, right) - 1):
                    self.cells[i, j] = cell

    def at(self, x: float, y: float) -> _Cell | None:
        return self.cells.get((bisect_right(self.tops, y) - 1, bisect_right(self.lefts, x) - 1))

    def meets(self, run: Run) -> bool:
        """Whether any of a run is inside the table."""
        left, top, right, bottom = self.box
        y = (run[0]["top"] + run[0]["bottom"]) / 2
        return run[0]["x0"] < right and run[-1]["x1"] > left and top <= y <= bottom

    def ends_within(self, piece: Run) -> bool:
        """Whether no text runs out of the table: what a page has no room for, programs cut off."""
        return piece[0]["x0"] >= self.box[0] - _OUT and piece[-1]["x1"] <= self.box[2] + _OUT


def _taken(run: Run, grid: _Grid) -> Iterator[tuple[Run, list[_Cell]]]:
    """A run in the pieces that rules part, each with its cell; with several where it may be of each, none where of
    none."""
    places = [grid.at(*_middle(char)) for char in run]
    height = run[0]["bottom"] - run[0]["top"]
    if all(place and height > _TOO_HIGH * (grid.boxes[place][3] - grid.boxes[place][1]) for place in places):
        return
    if len(set(places)) == 1:
        cell = places[0]
        x, y = _middle(run[0])
        others = {grid.at(x, y - _MIDWAY * height), grid.at(x, y + _MIDWAY * height)} - {cell, None}
        yield run, [*([cell] if cell else []), *others]  # type: ignore[list-item]
        return
    gaps = [b["x0"] - a["x1"] for a, b in pairwise(run)]
    usual, apart = median(gaps), _APART * run[0]["size"]
    first = 0
    for n, gap in enumerate(gaps, 1):
        is_blank = run[n - 1]["text"].isspace() or run[n]["text"].isspace()
        if places[n - 1] != places[n] and (abs(gap - usual) > apart or is_blank):
            yield from _owned(run[first:n], places[first:n], grid)
            first = n
    yield from _owned(run[first:], places[first:], grid)


def _owned(piece: Run, places: list[_Cell | None], grid: _Grid) -> Iterator[tuple[Run, list[_Cell]]]:
    """A piece with the cell that it covers, where it meets several: text too wide for its cell covers most of that."""
    cells = list(dict.fromkeys(place for place in places if place))
    if len(cells) > 1:
        left, right = piece[0]["x0"], piece[-1]["x1"]
        shares = {c: _overlap(left, right, grid.boxes[c]) / (grid.boxes[c][2] - grid.boxes[c][0]) for c in cells}
        covered = [c for c, share in shares.items() if share >= _COVERED]
        cells = covered or cells
    yield piece, cells


def _overlap(left: float, right: float, box: Box) -> float:
    return min(right, box[2]) - max(left, box[0])


def _middle(char: Shape) -> tuple[float, float]:
    return (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2


def _text(chars: list[Shape], box: Box) -> str:
    """The text of a cell, line by line; what stands on its side follows, as it was printed.

    Figures that go on in the next line are one where each line fills the cell; else they are marked as unreadable.
    """
    level = [char for char in chars if char["upright"]]
    text = extract_text(level) if level else ""
    on_side = "".join(char["text"] for char in chars if not char["upright"]).strip()
    if on_side:
        return f"{text}\n{on_side}" if text else on_side
    lines = text.split("\n")
    if len(lines) > 1 and all(map(_PART_OF_FIGURE.fullmatch, lines)):
        return "".join(lines) if _is_filled(level, box) else text + NO_CHARACTER
    return text


def _is_filled(chars: list[Shape], box: Box) -> bool:
    """Whether no digit more has room in any line of a cell but the last."""
    by_line: list[list[Shape]] = []
    for char in sorted(chars, key=lambda char: (char["top"], char["x0"])):
        if by_line and char["top"] - by_line[-1][0]["top"] <= _SAME_LINE * char["size"]:
            by_line[-1].append(char)
        else:
            by_line.append([char])
    extents = [(min(c["x0"] for c in line), max(c["x1"] for c in line)) for line in by_line]
    margin = min(min(left - box[0], box[2] - right) for left, right in extents)
    room = box[2] - box[0] - 2 * max(margin, 0)
    return all(room - (right - left) < _DIGIT * chars[0]["size"] for left, right in extents[:-1])
