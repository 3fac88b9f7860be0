"""A page of a PDF with its text running from left to right, however it lies on the page as it is shown.

Wide tables are printed in landscape: the page is turned when shown, or the table lies on its side on an upright page.
Such a page is laid out anew, turned so that most of its text stands upright. Boxes go back to the page as shown.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from operator import itemgetter
from typing import Any, NamedTuple

from pdfplumber.page import Page
from pdfplumber.table import merge_edges
from pdfplumber.utils import filter_edges

from ingestion.readers.unruled import Box

Shape = dict[str, Any]
"""A character, a line or an edge as pdfplumber has it."""
Run = list[Shape]

_SLANT = 0.02
"""How far from a right angle text may run and still be of the page; what slants is a stamp or a watermark."""
_THICKEST_RULE = 4.0
"""Points; a filled box that is wider and higher is the shade behind cells."""
_SHADED_ROWS = 3
"""Rows of a table that only shades draw; fewer are stripes behind every other row."""
_LEAST_RULE = 1.0
_SNAP = 3.0
"""Points within which pdfplumber takes rules for one, and ends for joined."""
_TOGETHER = 0.3
"""White within a run, as a share of the size of its letters."""
_SAME_LINE = 0.3
_LOOKED_BACK = 4
_TWICE = 1.0
"""Points within which the same character printed again is no second one: programs make letters bold so."""


class Turned(NamedTuple):
    """``page`` is turned by ``degrees`` clockwise from the page as shown, whose size in points is ``width``, ``height``
    and whose visible part begins at ``left``, ``top``; ``runs`` are its characters that follow each other."""

    page: Any
    runs: list[Run]
    degrees: int
    width: float
    height: float
    left: float
    top: float

    def shown(self, box: Box) -> Box:
        """A box of ``page`` on the page as shown."""
        x0, y0, x1, y1 = box
        if self.degrees == 90:
            x0, y0, x1, y1 = y0, self.height - x1, y1, self.height - x0
        elif self.degrees == 180:
            x0, y0, x1, y1 = self.width - x1, self.height - y1, self.width - x0, self.height - y0
        elif self.degrees == 270:
            x0, y0, x1, y1 = self.width - y1, x0, self.width - y0, x1
        return x0 - self.left, y0 - self.top, x1 - self.left, y1 - self.top


def turned_upright(page: Any) -> Turned:
    """The page with most of its text upright, without text that slants and without what is printed twice."""
    runs = list(_runs(page.chars))
    directions: Counter[int | None] = Counter()
    for run in runs:
        directions[direction(run[0])] += len(run)
    degrees = max((d for d in directions if d is not None), key=directions.__getitem__, default=0)
    crop = page.cropbox
    place = degrees, page.width, page.height, crop[0], crop[1]
    if degrees:
        page = _turned(page, degrees)
        runs = list(_runs(page.chars))
    found = [run for run in _once(runs) if direction(run[0]) is not None]
    if sum(map(len, found)) < len(page.chars):
        kept = {id(char) for run in found for char in run}
        page = page.filter(lambda one: one["object_type"] != "char" or id(one) in kept)
    return Turned(page, found, *place)


def direction(char: Shape) -> int | None:
    """Degrees by which a character is turned against the clock: 0, 90, 180 or 270; None where it slants."""
    a, b = char["matrix"][:2]
    if abs(b) <= _SLANT * abs(a):
        return 0 if a > 0 else 180
    if abs(a) <= _SLANT * abs(b):
        return 90 if b > 0 else 270
    return None


def _turned(page: Any, degrees: int) -> Any:
    """The page as its file would have it, were it shown turned by so many degrees more."""
    sheet = page.page_obj
    sheet.rotate = (sheet.rotate + degrees) % 360
    sheet.attrs = {**sheet.attrs, "Rotate": sheet.rotate}
    page.close()
    return Page(page.pdf, sheet, page.page_number, page.initial_doctop)


def _runs(chars: list[Shape]) -> Iterator[Run]:
    """Characters in the order in which they are printed, parted where the next one does not follow the one before."""
    run: Run = []
    for char in chars:
        if run and _follows(run[-1], char):
            run.append(char)
        elif not (run and _is_again(run[-1], char)):
            if run:
                yield run
            run = [char]
    if run:
        yield run


def _follows(last: Shape, char: Shape) -> bool:
    size = char["size"]
    return bool(
        last["upright"]
        and char["upright"]
        and abs(char["top"] - last["top"]) <= _SAME_LINE * size
        and -_SAME_LINE * size <= char["x0"] - last["x1"] <= _TOGETHER * size
        and not (last["text"].isspace() and char["text"].isspace())
    )


def _is_again(one: Shape, other: Shape) -> bool:
    return bool(
        one["text"] == other["text"]
        and abs(one["x0"] - other["x0"]) <= _TWICE
        and abs(one["top"] - other["top"]) <= _TWICE
    )


def _once(runs: Iterable[Run]) -> Iterator[Run]:
    """Runs without those that are printed over the same text."""
    seen: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        text = "".join(char["text"] for char in run)
        before = seen[text]
        if text.isspace() or not any(_is_again(one[0], run[0]) for one in before[-_LOOKED_BACK:]):
            before.append(run)
            yield run


def ruled_tables(page: Any) -> list[Any]:
    """Tables of two columns and more that rules draw, those that have no border at a side included; where there are
    none, those that shaded cells draw."""
    is_shade = {id(rect) for rect in page.rects if _is_shade(rect)}
    plain = page.filter(lambda one: id(one) not in is_shade) if is_shade else page
    tables = _tables(plain)
    if is_shade and not tables:
        tables = [one for one in _tables(page) if len(one.rows) >= _SHADED_ROWS]
    return tables


def _tables(page: Any) -> list[Any]:
    edges = filter_edges(page.edges, min_length=_LEAST_RULE)
    if not edges:
        return []
    edges = merge_edges(edges, _SNAP, _SNAP, _SNAP, _SNAP)
    edges += [*_borders(edges, "h"), *_borders(edges, "v")]
    lines = {axis: [edge for edge in edges if edge["orientation"] == axis] for axis in "vh"}
    if min(map(len, lines.values())) < 2:
        return []
    settings = {
        "vertical_strategy": "explicit",
        "horizontal_strategy": "explicit",
        "explicit_vertical_lines": lines["v"],
        "explicit_horizontal_lines": lines["h"],
    }
    return [one for one in page.find_tables(settings) if len(one.columns) > 1]


def _is_shade(rect: Shape) -> bool:
    return bool(rect["fill"] and not rect["stroke"] and min(rect["width"], rect["height"]) > _THICKEST_RULE)


def _borders(edges: list[Shape], orientation: str) -> Iterator[Shape]:
    """The border that is missing across the ends of rules of one orientation: from each to the next of those that end
    level, where a rule inside the table joins the two."""
    first, last, low, high = ("x0", "x1", "top", "bottom") if orientation == "h" else ("top", "bottom", "x0", "x1")
    across = [edge for edge in edges if edge["orientation"] != orientation]
    for end in (first, last):
        level: dict[int, list[Shape]] = defaultdict(list)
        for edge in edges:
            if edge["orientation"] == orientation:
                level[round(edge[end] / _SNAP)].append(edge)
        for ends in level.values():
            for one, other in pairwise(sorted(ends, key=itemgetter(low))):
                joins = [
                    edge
                    for edge in across
                    if edge[low] <= one[low] + _SNAP
                    and edge[high] >= other[low] - _SNAP
                    and one[first] - _SNAP <= edge[first] <= one[last] + _SNAP
                ]
                if joins and not any(abs(edge[first] - one[end]) <= _SNAP for edge in joins):
                    yield {
                        "object_type": "line_edge",
                        "orientation": "v" if orientation == "h" else "h",
                        first: one[end], last: one[end], low: one[low], high: other[low],
                        "width": 0.0 if orientation == "h" else other[low] - one[low],
                        "height": other[low] - one[low] if orientation == "h" else 0.0,
                    }  # fmt: skip
