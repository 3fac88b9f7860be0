"""Tables on a page that are set without lines: columns told by the white between them, rows by their distance.

Only what is certain is taken. White that runs through all lines of a table parts its columns; where a word stands
across it, or titles and figures cannot be paired, the table is refused rather than cut wrongly.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in points from the top left."""
Extent = tuple[float, float]

_LEAST_COLUMNS = 3
_LEAST_ROWS = 2
_JOINED = 0.6
"""White within a cell, as a share of the height of its letters; a blank has a quarter to a half."""
_SAME_LINE = 0.5
"""Share of the height by which letters of one line may be apart: those of two fonts hardly stand level."""
_SAME_ROW = 0.85
"""Share of the height by which two lines of one row may be apart: a figure set midway between the lines of its name."""
_LEAST_WHITE = 1.0
_MOST_HEADER_LINES = 3
_AIRY = 1.15
"""Rows that stand so much further apart than the lines of one name have air between them."""
_FAR = 3.0


@dataclass(frozen=True)
class Cell:
    """Words that stand together."""

    text: str
    box: Box

    @property
    def extent(self) -> Extent:
        """From left to right."""
        return self.box[0], self.box[2]


Line = list[Cell]


@dataclass(frozen=True)
class Unruled:
    """A table: rows of cells (None where there is none), and where each column runs from left to right."""

    rows: list[list[Cell | None]]
    columns: list[Extent]


def unruled_tables(words: Iterable[dict[str, Any]], before: list[Extent] | None) -> tuple[list[Unruled], int]:
    """The tables that words (text, x0, x1, top, bottom) are set as, top down, and the number of those refused.

    ``before`` are the columns of such a table at the end of the page before, which may go on here by a single row.
    """
    found: list[Unruled] = []
    refused = 0
    lines = _lines(list(words))
    free = 0  # the first line that is of no table yet
    for first, last in [*_runs(lines), (len(lines), len(lines))]:
        columns = _columns(lines[first : last + 1])
        if columns is not None:
            first -= _more(lines[free:first][::-1], lines[first], columns)
            last += _more(lines[last + 1 :], lines[last], columns)
        if before and not found:
            start = next((n for n, line in enumerate(lines) if len(line) > 1), len(lines))
            end = start + _more(lines[start : first if columns else None], lines[min(start, len(lines) - 1)], before)
            found += _table(lines[start:end], before)
            free, before = max(free, end), None
        if last < free:
            continue
        table = _table(lines[first : last + 1], columns) if columns else []
        found += table
        refused += not table and first < len(lines)
        free = last + 1
    return found, refused


def lines_of(words: Iterable[dict[str, Any]]) -> list[str]:
    """Words as lines of running text, top down."""
    return [" ".join(cell.text for cell in line) for line in _lines(list(words))]


def _table(lines: list[Line], columns: list[Extent]) -> list[Unruled]:
    """The table that lines are; none where a cell stands in no column, or two in one."""
    laid = [row for line in lines if (row := _laid(line, columns))]
    return [Unruled(_rows(laid), columns)] if laid and len(laid) == len(lines) else []


def _lines(words: list[dict[str, Any]]) -> list[Line]:
    """Words in lines, top down, and in each from left to right, joined where they stand together."""
    lines: list[list[dict[str, Any]]] = []
    for word in sorted(words, key=lambda w: (w["top"] + w["bottom"], w["x0"])):
        last = lines[-1][-1] if lines else None
        if last and _middle(word) - _middle(last) <= _SAME_LINE * _height(word):
            lines[-1].append(word)
        else:
            lines.append([word])
    return [_cells(sorted(line, key=lambda w: float(w["x0"]))) for line in lines]


def _middle(word: dict[str, Any]) -> float:
    return float(word["top"] + word["bottom"]) / 2


def _height(word: dict[str, Any]) -> float:
    return float(word["bottom"] - word["top"])


def _cells(words: list[dict[str, Any]]) -> Line:
    groups: list[list[dict[str, Any]]] = []
    for word in words:
        if groups and word["x0"] - groups[-1][-1]["x1"] <= _JOINED * _height(word):
            groups[-1].append(word)
        else:
            groups.append([word])
    return [
        Cell(
            " ".join(word["text"] for word in group),
            (
                group[0]["x0"],
                min(word["top"] for word in group),
                group[-1]["x1"],
                max(word["bottom"] for word in group),
            ),
        )
        for group in groups
    ]


def _runs(lines: list[Line]) -> list[tuple[int, int]]:
    """First and last line of what may be tables: lines of three cells and more, with shorter ones between them."""
    runs: list[tuple[int, int]] = []
    many = [n for n, line in enumerate(lines) if len(line) >= _LEAST_COLUMNS]
    for n in many:
        if runs and all(_may_stand_between(line, lines[runs[-1][1]]) for line in lines[runs[-1][1] + 1 : n]):
            runs[-1] = runs[-1][0], n
        else:
            runs.append((n, n))
    return [(a, b) for a, b in runs if sum(a <= n <= b for n in many) >= _LEAST_ROWS]


def _may_stand_between(line: Line, full: Line) -> bool:
    """Whether a short line may belong to a table: a section's title or the rest of a name, no line of prose."""
    return len(line) > 1 or line[0].box[2] <= full[-1].box[0]


def _columns(run: list[Line]) -> list[Extent] | None:
    """Where columns run; None where white does not part them, or titles without figures stand beside figures without
    titles and do not pair."""
    full = [line for line in run if len(line) > 1]
    for skipped in range(min(_MOST_HEADER_LINES, len(full) - 1)):  # a title may span columns
        columns = _parted(full[skipped:])
        if columns is not None:
            return _paired(columns, full) if skipped == 0 else columns
    return None


def _parted(lines: list[Line]) -> list[Extent] | None:
    columns: list[Extent] = []
    for left, right in sorted(cell.extent for line in lines for cell in line):
        if columns and left - columns[-1][1] < _LEAST_WHITE:
            columns[-1] = columns[-1][0], max(right, columns[-1][1])
        else:
            columns.append((left, right))
    is_parted = all(len({_column(cell, columns) for cell in line}) == len(line) for line in lines)
    return columns if is_parted and len(columns) >= _LEAST_COLUMNS else None


def _paired(columns: list[Extent], lines: list[Line]) -> list[Extent] | None:
    """The same columns, titles joined with the figures that are set beside rather than below them; None where figures
    may belong to the title on either side."""
    rows = [{_column(cell, columns) for cell in line} for line in lines[1:]]
    titled = {_column(cell, columns) for cell in lines[0]}
    groups = [[c] for c in range(len(columns))]
    while len(groups) > _LEAST_COLUMNS:
        may_join = {
            g: [
                other
                for other in (g - 1, g + 1)
                if 0 <= other < len(groups)
                and titled.intersection(groups[other])
                and not any(row.intersection(groups[g]) and row.intersection(groups[other]) for row in rows)
            ]
            for g in range(len(groups))
            if not titled.intersection(groups[g])
        }
        sure = next(((g, others[0]) for g, others in may_join.items() if len(others) == 1), None)
        if sure is None:
            if any(may_join.values()):
                return None
            break
        left, right = sorted(sure)
        groups[left : right + 1] = [groups[left] + groups[right]]
    return [(columns[group[0]][0], columns[group[-1]][1]) for group in groups]


def _overlapped(cell: Cell, columns: list[Extent]) -> list[int]:
    return [c for c, (left, right) in enumerate(columns) if cell.box[0] < right and cell.box[2] > left]


def _column(cell: Cell, columns: list[Extent]) -> int:
    return next(iter(_overlapped(cell, columns)), -1)


def _more(lines: list[Line], beside: Line, columns: list[Extent]) -> int:
    """How many of the lines above or below a table are of it: up to the last of two cells, none far from the next."""
    count = 0
    for number, line in enumerate(lines, 1):
        height = beside[0].box[3] - beside[0].box[1]
        places = [_overlapped(cell, columns) for cell in line]
        is_near = abs(line[0].box[1] - beside[0].box[1]) <= _FAR * height
        is_row = all(len(p) == 1 for p in places) and len({p[0] for p in places}) == len(line)
        if not (is_near and is_row) or number - count > _MOST_HEADER_LINES:
            break
        count = number if len(line) > 1 else count
        beside = line
    return count


def _laid(line: Line, columns: list[Extent]) -> list[Cell | None] | None:
    """The cells of a line in their columns; None where one stands in none, or two in one.

    A cell across several begins in its own: a title above them, or a name that runs on over empty cells.
    """
    row: list[Cell | None] = [None] * len(columns)
    for cell in line:
        c = _column(cell, columns)
        if c < 0 or row[c] is not None:
            return None
        row[c] = cell
    return row


def _rows(laid: list[list[Cell | None]]) -> list[list[Cell | None]]:
    """Lines of one row put together: those that overlap in height, and a line of few cells close to its neighbour."""
    tops = [min(cell.box[1] for cell in row if cell) for row in laid]
    apart = _SAME_ROW * median(cell.box[3] - cell.box[1] for row in laid for cell in row if cell)
    steps = [b - a for a, b in pairwise(tops)]
    is_whole = [bool(row[0]) and sum(map(bool, row)) > 1 for row in laid]
    least = min((step for step in steps if step > apart), default=0.0)
    between = [step for step, (a, b) in zip(steps, pairwise(is_whole), strict=True) if a and b and step > apart]
    usual = median(between or [step for step in steps if step > _AIRY * least] or [0.0])
    close = (least + usual) / 2 if usual > _AIRY * least else 0.0
    rows: list[list[Cell | None]] = [list(laid[0])]
    for step, above, row in zip(steps, laid, laid[1:], strict=False):
        is_part = min(sum(map(bool, above)), sum(map(bool, row))) == 1
        if step <= apart or (is_part and step < close):
            rows[-1] = [_joined(a, b) for a, b in zip(rows[-1], row, strict=True)]
        else:
            rows.append(list(row))
    return rows


def _joined(upper: Cell | None, lower: Cell | None) -> Cell | None:
    if upper is None or lower is None:
        return upper or lower
    a, b = upper.box, lower.box
    return Cell(f"{upper.text}\n{lower.text}", (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])))
