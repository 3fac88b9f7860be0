"""Ranks: 第七, 前12名, 首位, 前三."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from ingestion.narrative import wordlists
from ingestion.narrative.numerals import CHINESE, Number, half_width, plain, read_number


@dataclass(frozen=True)
class Rank:
    """A rank: its figure, '=' for a place or '<=' for a place among the first so many, and among whom."""

    value: Number
    comparator: str
    scope: str | None


@cache
def place_pattern() -> str:
    """Return the pattern of a written place; group names carry a suffix-free figure."""
    figure = rf"(?:\d+|{CHINESE})"
    return (
        rf"(?P<among>(?<![目提以此先之年会术])前{figure})(?:名|位|强|甲)?"
        rf"|(?P<place>第{figure})(?:名|位)?|(?P<first>首位|榜首|首名)"
    )


@cache
def _whole() -> re.Pattern[str]:
    scope = wordlists.alternatives(wordlists.load("mentions")["rank"]["scopes"])
    return re.compile(
        rf"(?:排名)?(?P<scope>(?:{scope})*)"
        rf"(?:排名|位列|位居|进入)?(?:{place_pattern()})(?:以内|之内)?"
    )


def rank_of(found: re.Match[str]) -> tuple[Number, str] | None:
    """Return figure and comparator of a match of `place_pattern`, or None where the figure cannot be read."""
    if found["first"]:
        return 1, "="
    written = found["among"] or found["place"]
    value = read_number(written[1:])
    return None if value is None else (plain(value), "<=" if found["among"] else "=")


def read_rank(phrase: str) -> Rank | None:
    """Read a phrase that is nothing but a rank, such as 全区前三 or 第一名."""
    found = _whole().fullmatch(half_width(phrase).replace(" ", ""))
    if found is None:
        return None
    read = rank_of(found)
    return Rank(read[0], read[1], found["scope"] or None) if read else None
