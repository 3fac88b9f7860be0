"""Text printed over other text, as where cells are too narrow for their names: no eye tells it apart, nor do we."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice

from ingestion.readers.pdf_page import Shape, Turned
from ingestion.readers.unruled import Box

_MOST = 0.1
"""Share of a page's characters; a stamp or a watermark lies over fewer. Pages in order have none to a hundredth."""
_LEAST = 20
_OVER = 0.4
"""Share of the width and of the height of a character that another one has to cover."""
_BAND = 4.0
"""Points; lines of text are looked at in bands so high, each with the next."""
_LINES = frozenset("_.…·-—─|")
"""What rules are made of: a name stands on them."""


def overprinted(turned: Turned) -> Box | None:
    """The first of the characters that lie over others, as a box on the page as shown; None where they are few."""
    bands: dict[int, list[tuple[Shape, int]]] = defaultdict(list)
    count = 0
    for number, run in enumerate(turned.runs):
        for char in run:
            if not char["text"].isspace() and char["text"] not in _LINES:
                count += 1
                bands[round((char["top"] + char["bottom"]) / 2 / _BAND)].append((char, number))
    found = {
        id(char): char
        for band, chars in bands.items()
        for pair in _pairs(sorted([*chars, *bands.get(band + 1, ())], key=lambda one: float(one[0]["x0"])))
        for char in pair
    }
    if len(found) < max(_LEAST, _MOST * count):
        return None
    first = min(found.values(), key=lambda char: (char["top"], char["x0"]))
    return turned.shown((first["x0"], first["top"], first["x1"], first["bottom"]))


def _pairs(chars: list[tuple[Shape, int]]) -> Iterator[tuple[Shape, Shape]]:
    """Pairs of characters of two runs, sorted from left to right, that lie over each other."""
    for at, (char, run) in enumerate(chars, 1):
        for other, other_run in islice(chars, at, None):
            if other["x0"] >= char["x1"]:
                break
            if run != other_run and _covers(char, other, "x0", "x1") and _covers(char, other, "top", "bottom"):
                yield char, other


def _covers(one: Shape, other: Shape, low: str, high: str) -> bool:
    least = min(one[high] - one[low], other[high] - other[low])
    return bool(min(one[high], other[high]) - max(one[low], other[low]) > _OVER * least)
