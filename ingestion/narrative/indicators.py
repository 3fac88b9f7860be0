"""Which catalogue indicator a claim speaks of: by exact name, by alias, else as a proposal for a person to decide.

The catalogue is handed in; this module knows no indicator. A claim that maps to none stays a fact of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process

_NOISE = re.compile(r"[^\u4e00-\u9fffA-Za-z0-9]|▲")


@dataclass(frozen=True)
class Indicator:
    """What is needed of a catalogue entry: its code, its Chinese name, its other names, its canonical unit or None."""

    code: str
    name: str
    aliases: tuple[str, ...] = ()
    unit: str | None = None


@dataclass(frozen=True)
class Match:
    """A claim's indicator: how it was found ('exact', 'alias', 'proposal') and how alike the names are, 0 to 100."""

    code: str
    how: str
    score: float


class Catalogue:
    """The indicators a document's claims are matched against."""

    PROPOSE_FROM = 80.0

    def __init__(self, indicators: Iterable[Indicator], propose_from: float = PROPOSE_FROM) -> None:
        self.indicators = tuple(indicators)
        self.propose_from = propose_from

    @cached_property
    def _names(self) -> dict[str, tuple[Indicator, str]]:
        names: dict[str, tuple[Indicator, str]] = {}
        for indicator in self.indicators:
            for alias in indicator.aliases:
                names.setdefault(plain_name(alias), (indicator, "alias"))
        for indicator in self.indicators:
            names[plain_name(indicator.name)] = (indicator, "exact")
        return names

    def match(self, measure: str, unit: str | None = None) -> Match | None:
        """Return the indicator that `measure` names, or None.

        A claim whose unit is another one than the indicator's is never matched: 手术 counted in cases is not
        the share of operations. Only exact names and aliases may be taken without a person's word.
        """
        name = plain_name(measure)
        if not name:
            return None
        found = self._names.get(name)
        if found and _fits(found[0], unit):
            return Match(found[0].code, found[1], 100.0)
        return next(self.alike(measure, unit), None)

    def alike(self, name: str, unit: str | None = None) -> Iterator[Match]:
        """The indicators whose names look like `name`, most alike first: for a person to decide, never to be taken."""
        for other, score, _ in process.extract(
            plain_name(name), self._names.keys(), scorer=fuzz.ratio, limit=5, score_cutoff=self.propose_from
        ):
            if _fits(self._names[other][0], unit):
                yield Match(self._names[other][0].code, "proposal", float(score))


def plain_name(name: str) -> str:
    """Return a name without marks, numbering and blanks, for comparison only."""
    return _NOISE.sub("", re.sub(r"^\s*\d+(?:\.\d+)*[.、\s]*", "", name))


def _fits(indicator: Indicator, unit: str | None) -> bool:
    return indicator.unit is None or unit is None or indicator.unit == unit
