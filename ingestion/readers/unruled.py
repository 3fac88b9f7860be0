"""Tables on a page that are set without lines: columns told by the white between them, rows by their distance.

Only what is certain is taken. White that runs through all lines of a table parts its columns; where a word stands
across it, or titles and figures cannot be paired, the table is refused rather than cut wrongly.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise
from operator import itemgetter
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
_LEAST_WHITE = 0.5
_MOST_HEADER_LINES = 3
_AIRY = 1.15
"""Rows that stand so much further apart than the lines of one name have air between them."""
_FAR = 3.0
_FIGURE = re.compile(r"[-+≥≤＞＜<>]?[\d,，.．]*\d[\d,，.．]*[%％]?(?:[-~～〜—][\d.]+[%％]?)?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_ALIGNED = 0.6
"""Share of the height of figures by which the ends or the middles of one column may differ: a digit or a sign."""
_NEXT_LINE = "\n"
_DIGIT = 0.6
"""Width of a digit, as a share of the height of letters."""
_SHORT, _MANY = 30, 0.4
_COVERED = 0.5
"""Share of a column, or of a cell, that the one has in common with the other at least."""


@dataclass(frozen=True)
class Cell:
    """Words that stand together."""

    text: str
    box: Box
    parts: tuple[Cell, ...] = ()
    """Its words."""

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


@dataclass(frozen=True)
class Refused:
    """Lines that stand in columns which cannot be told apart: where on the page, and whether they are figures to a good
    part, no prose."""

    box: Box
    is_figures: bool


def unruled_tables(words: Iterable[dict[str, Any]], before: list[Extent] | None) -> tuple[list[Unruled], list[Refused]]:
    """The tables that words (text, x0, x1, top, bottom) are set as, top down, and those refused.

    ``before`` are the columns of such a table at the end of the page before, which may go on here by a single row.
    """
    found: list[Unruled] = []
    refused: list[Refused] = []
    lines = _lines(list(words))
    free = 0  # the first line that is of no table yet
    apart = [_apart(line) for line in lines]
    for first, last in [*_runs(lines), (len(lines), len(lines))]:
        first, last, table = _set_as(lines, apart, free, first, last)
        if before and not found:
            start = next((n for n, line in enumerate(lines) if len(line) > 1), len(lines))
            until = first if table else len(lines)
            count, some = max(
                ((_more(some[start:until], some[min(start, len(some) - 1)], before), some) for some in (lines, apart)),
                key=itemgetter(0),
            )
            end = start + count
            found += _table(some[start:end], before)
            free, before = max(free, end), None
        if last < free:
            continue
        found += table
        if not table and first < len(lines):
            refused.append(_refused(lines[first : last + 1]))
        free = last + 1
    return found, refused


def _set_as(lines: list[Line], apart: list[Line], free: int, first: int, last: int) -> tuple[int, int, list[Unruled]]:
    """The table of a run, from its first line to its last with those above and below that are of it; none where it is
    refused.

    Words of two columns may stand close to each other: then titles tell how many columns there are.
    """
    titled = {len(line) for line in lines[first : first + _MOST_HEADER_LINES]}
    for some in (apart, lines):
        columns = _columns(some[first : last + 1])
        if columns is None or (some is apart and len(columns) not in titled):
            continue
        top = first - _more(some[free:first][::-1], some[first], columns)
        bottom = last + _more(some[last + 1 :], some[last], columns)
        bottom += _rest_of_name(lines[top : bottom + 1], lines[bottom + 1 :], columns)
        if table := _table(some[top : bottom + 1], columns):
            return top, bottom, table
    return first, last, []


def _refused(lines: list[Line]) -> Refused:
    cells = [cell for line in lines for cell in line]
    figures = sum(any(_is_figure(part.text) for part in cell.parts) for cell in cells if len(cell.text) <= _SHORT)
    lefts, tops, rights, bottoms = zip(*(cell.box for cell in cells), strict=True)
    return Refused((min(lefts), min(tops), max(rights), max(bottoms)), figures >= _MANY * len(cells))


def _apart(line: Line) -> Line:
    """The words of a line."""
    return [part for cell in line for part in cell.parts]


def lines_of(words: Iterable[dict[str, Any]], own: Extent, beside: list[Extent]) -> list[str]:
    """Words above a table as lines of running text, top down. What stands above tables ``beside`` it and not above its
    ``own`` extent is theirs where that has titles as high or higher, and else a title of all."""
    found: list[str] = []
    has_own = False
    for line in _lines(list(words)):
        theirs = [cell for cell in line if _overlapped(cell, beside) and not _overlapped(cell, [own])]
        has_own = has_own or any(_overlapped(cell, [own]) and not _overlapped(cell, beside) for cell in line)
        if kept := [cell.text for cell in line if not (has_own and cell in theirs)]:
            found.append(" ".join(kept))
    return found


def rows_within(words: Iterable[dict[str, Any]], columns: list[Extent]) -> list[list[Cell | None]]:
    """The lines of words as rows of columns that are known: each with a name and a figure, and every word within its
    column. None where that is not so of each of them."""
    rows: list[list[Cell | None]] = []
    for line in map(_apart, _lines(list(words))):
        row: list[Cell | None] = [None] * len(columns)
        for cell in line:
            places = [c for c, (left, right) in enumerate(columns) if left <= cell.box[0] and cell.box[2] <= right]
            if len(places) != 1:
                return []
            there = row[places[0]]
            row[places[0]] = _beside(there, cell) if there else cell
        if row[0] is None or _is_figure(row[0].text) or not any(cell and _is_figure(cell.text) for cell in row):
            return []
        rows.append(row)
    return rows


def _table(lines: list[Line], columns: list[Extent]) -> list[Unruled]:
    """The table that lines are; none where a cell stands in no column, or two in one."""
    laid = [row for line in lines if (row := _laid(line, columns))]
    is_sure = laid and len(laid) == len(lines) and all(map(_are_aligned, zip(*laid, strict=True)))
    return [Unruled(_rows(laid, columns), columns)] if is_sure else []


def _are_aligned(column: tuple[Cell | None, ...]) -> bool:
    """Whether the figures of a column are set below each other: by their ends on one side, or by their middles. Where
    they are not, two tables were taken for one."""
    figures = [cell.box for cell in column if cell and _is_figure(cell.text) and not _YEAR.fullmatch(cell.text)]
    if len(figures) < 2:
        return True
    most = _ALIGNED * median(bottom - top for _, top, _, bottom in figures)
    sides = (
        [left for left, *_ in figures],
        [right for _, _, right, _ in figures],
        [(a + b) / 2 for a, _, b, _ in figures],
    )
    return any(max(side) - min(side) <= most for side in sides)


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
        last = groups[-1][-1] if groups else None
        is_near = last is not None and word["x0"] - last["x1"] <= _JOINED * _height(word)
        # However near, two figures are of two columns.
        if is_near and not (last and _is_figure(last["text"]) and _is_figure(word["text"])):
            groups[-1].append(word)
        else:
            groups.append([word])
    found: list[Cell] = []
    for group in groups:
        single = [Cell(word["text"], (word["x0"], word["top"], word["x1"], word["bottom"])) for word in group]
        found.append(replace(reduce(_beside, single), parts=tuple(replace(cell, parts=(cell,)) for cell in single)))
    return found


def _beside(left: Cell, right: Cell) -> Cell:
    """Two cells that stand together in one line."""
    a, b = left.box, right.box
    return Cell(f"{left.text} {right.text}", (a[0], min(a[1], b[1]), b[2], max(a[3], b[3])))


def _are_near(left: Cell, right: Cell) -> bool:
    """Whether two parts of a line may be one cell."""
    gap, height = right.box[0] - left.box[2], right.box[3] - right.box[1]
    return gap <= _JOINED * height and not (_is_figure(left.text) and _is_figure(right.text))


def _is_figure(text: str) -> bool:
    return bool(_FIGURE.fullmatch(text))


def _runs(lines: list[Line]) -> list[tuple[int, int]]:
    """First and last line of what may be tables: lines of three cells and more, with shorter ones between them."""
    runs: list[tuple[int, int]] = []
    many = [n for n, line in enumerate(lines) if len(line) >= _LEAST_COLUMNS]
    for n in many:
        if (
            runs
            and not _is_again(lines[n], lines[runs[-1][0]])
            and all(_may_stand_between(line, lines[runs[-1][1]]) for line in lines[runs[-1][1] + 1 : n])
        ):
            runs[-1] = runs[-1][0], n
        else:
            runs.append((n, n))
    return [(a, b) for a, b in runs if sum(a <= n <= b for n in many) >= _LEAST_ROWS]


def _has_figure(line: Line) -> bool:
    return any(_is_figure(part.text) and not _YEAR.fullmatch(part.text) for cell in line for part in cell.parts)


def _is_again(line: Line, header: Line) -> bool:
    """Whether a line is the header of the table once more, of another table that is."""
    return [cell.text for cell in line] == [cell.text for cell in header] and not _has_figure(line)


def _may_stand_between(line: Line, full: Line) -> bool:
    """Whether a short line may belong to a table: a section's title or the rest of a name, no line of prose."""
    return len(line) > 1 or line[0].box[2] <= full[-1].box[0]


def _columns(run: list[Line]) -> list[Extent] | None:
    """Where columns run; None where white does not part them, or titles without figures stand beside figures without
    titles and do not pair."""
    full = [line for line in run if len(line) > 1]
    for skipped in range(min(_MOST_HEADER_LINES + 1, len(full) - 1)):  # a title may span columns
        if any(map(_has_figure, full[:skipped])):
            return None
        columns = _parted(full[skipped:])
        if columns is not None:
            return _paired(columns, full[skipped:])
    return None


def _parted(lines: list[Line]) -> list[Extent] | None:
    columns: list[Extent] = []
    for left, right in sorted(cell.extent for line in lines for cell in line):
        if columns and left - columns[-1][1] < _LEAST_WHITE:
            columns[-1] = columns[-1][0], max(right, columns[-1][1])
        else:
            columns.append((left, right))
    is_parted = all(
        _column(left, columns) != _column(right, columns) or _are_near(left, right)
        for line in lines
        for left, right in pairwise(line)
    )
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
        is_near = abs(line[0].box[1] - beside[0].box[1]) <= _FAR * height
        is_row = all(len(_places(cell, columns)) == 1 for cell in line) and _laid(line, columns) is not None
        if not (is_near and is_row) or number - count > _MOST_HEADER_LINES:
            break
        count = number if len(line) > 1 else count
        beside = line
    return count


def _rest_of_name(table: list[Line], below: list[Line], columns: list[Extent]) -> int:
    """How many lines below a table go on with the last name: closer than its rows are, one cell each."""
    tops = [line[0].box[1] for line in table if len(line) > 1]
    pitch = median([b - a for a, b in pairwise(tops)] or [0.0])
    count, last = 0, table[-1][0].box[1]
    for line in below:
        if len(line) > 1 or line[0].box[1] - last >= pitch or len(_places(line[0], columns)) != 1:
            break
        count, last = count + 1, line[0].box[1]
    return count


def _laid(line: Line, columns: list[Extent]) -> list[Cell | None] | None:
    """The cells of a line in their columns; None where one stands in none, or two in one.

    As many titles as columns are theirs in order. Else a cell across several begins in its own: a title above them, or
    a name that runs on over empty cells.
    """
    row: list[Cell | None] = [None] * len(columns)
    is_whole = len(line) == len(columns)
    for number, cell in enumerate(line):
        places = _places(cell, columns)
        if is_whole and (not places or number in places or _overlapped(cell, columns) == [number]):
            places = [number]
        if not places or (len(places) > 1 and _has_figure([cell])):
            return None
        there = row[places[0]]
        if there is not None and not _are_near(there, cell):
            return None
        row[places[0]] = _beside(there, cell) if there else cell
    return row


def _places(cell: Cell, columns: list[Extent]) -> list[int]:
    """The columns that a cell is above or below for the most part, of theirs or of its own width."""
    return [c for c in _overlapped(cell, columns) if _share(cell, columns[c]) >= _COVERED]


def _share(cell: Cell, column: Extent) -> float:
    left, right = cell.extent
    return (min(right, column[1]) - max(left, column[0])) / min(right - left, column[1] - column[0])


def _rows(laid: list[list[Cell | None]], columns: list[Extent]) -> list[list[Cell | None]]:
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
            rows[-1] = [_joined(a, b, c) for a, b, c in zip(rows[-1], row, columns, strict=True)]
        else:
            rows.append(list(row))
    return rows


def _joined(upper: Cell | None, lower: Cell | None, column: Extent) -> Cell | None:
    if upper is None or lower is None:
        return upper or lower
    a, b = upper.box, lower.box
    box = min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])
    is_one = _is_figure(upper.text.replace("\n", "")) and _is_figure(lower.text) and _is_filled(upper, column)
    return Cell(f"{upper.text}{'' if is_one else _NEXT_LINE}{lower.text}", box)


def _is_filled(cell: Cell, column: Extent) -> bool:
    """Whether no digit more has room in a line of a column."""
    left, top, right, bottom = cell.box
    return column[1] - column[0] - (right - left) < _DIGIT * (bottom - top)
