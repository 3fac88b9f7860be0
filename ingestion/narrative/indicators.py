"""Names of a catalogue that look like another name: proposals for a person to decide.

The catalogue is handed in; this module knows no indicator.
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
    """What is needed of a catalogue entry: its code, its Chinese name, its other names."""

    code: str
    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Match:
    """An indicator whose name, or one of whose names, looks like another, and how alike they are, 0 to 100."""

    code: str
    score: float


class Catalogue:
    """The indicators that names are compared with."""

    PROPOSE_FROM = 80.0

    def __init__(self, indicators: Iterable[Indicator], propose_from: float = PROPOSE_FROM) -> None:
        self.indicators = tuple(indicators)
        self.propose_from = propose_from

    @cached_property
    def _codes(self) -> dict[str, str]:
        """Code by every name; an own name goes before another indicator's other name."""
        codes: dict[str, str] = {}
        for indicator in self.indicators:
            for alias in indicator.aliases:
                codes.setdefault(plain_name(alias), indicator.code)
        return codes | {plain_name(indicator.name): indicator.code for indicator in self.indicators}

    def alike(self, name: str) -> Iterator[Match]:
        """The indicators whose names look like `name`, each once, most alike first; never to be taken as it."""
        seen: set[str] = set()
        for other, score, _ in process.extract(
            plain_name(name), self._codes.keys(), scorer=fuzz.ratio, limit=10, score_cutoff=self.propose_from
        ):
            code = self._codes[other]
            if code not in seen:
                seen.add(code)
                yield Match(code, float(score))


def plain_name(name: str) -> str:
    """Return a name without marks, numbering and blanks, for comparison only."""
    return _NOISE.sub("", re.sub(r"^\s*\d+(?:\.\d+)*[.、\s]*", "", name))
