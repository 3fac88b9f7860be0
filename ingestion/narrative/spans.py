"""Stretches of a document that are never quantities: dates, numbering, models, names in quotation marks."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from ingestion.narrative import wordlists


@dataclass(frozen=True)
class Spans:
    """Sorted, possibly nested spans with a name each."""

    items: tuple[tuple[int, int, str], ...]
    starts: tuple[int, ...]

    def covering(self, start: int, end: int) -> str | None:
        """Return the name of a span that overlaps `start` up to `end`, or None."""
        at = bisect_right(self.starts, end - 1)
        for first, last, name in reversed(self.items[max(0, at - 12) : at]):
            if first < end and last > start:
                return name
        return None

    def around(self, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        """Yield the spans that hold all of `start` up to `end`, the innermost first."""
        before = bisect_right(self.starts, start)
        for first, last, name in reversed(self.items[max(0, before - 12) : before]):
            if last >= end:
                yield first, last, name


@cache
def _excluded_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((name, re.compile(pattern)) for name, pattern in wordlists.load("exclusions").items())


def excluded(clean: str) -> Spans:
    """Return the spans of dates, numbering, models and the like; see ``data/exclusions.yml``."""
    return _spans(
        (found.start(), found.end(), name)
        for name, pattern in _excluded_patterns()
        for found in pattern.finditer(clean)
    )


def quoted(clean: str) -> Spans:
    """Return the insides of quotation marks, named by their opening mark. Pairs do not cross a paragraph."""
    found: list[tuple[int, int, str]] = []
    for pair in wordlists.load("mentions")["quotes"]:
        inside = re.compile(f"{pair[0]}([^{pair}\\n]{{1,120}}){pair[1]}")
        found.extend((match.start(1), match.end(1), pair[0]) for match in inside.finditer(clean))
    return _spans(found)


def _spans(items: Iterable[tuple[int, int, str]]) -> Spans:
    ordered = tuple(sorted(items))
    return Spans(ordered, tuple(first for first, _, _ in ordered))
