"""Grades: B++, 七级, 四级甲等, 三甲."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from ingestion.narrative import wordlists
from ingestion.narrative.numerals import half_width


@dataclass(frozen=True)
class Grade:
    """A grade as written, its level where it is numbered, and whether it is only a floor (七级及以上)."""

    text: str
    level: int | None
    at_least: bool


@cache
def level_pattern() -> str:
    """Return the pattern of a numbered grade: 七级, 5级, 四级甲等, 三甲."""
    lists = wordlists.load("grades")
    level, sub = f"[{''.join(lists['levels'])}1-9]", wordlists.alternatives(lists["sub"])
    return f"{level}级(?:{sub})?|{level}(?:{sub})"


@cache
def letter_pattern() -> str:
    """Return the pattern of a letter grade: B++, A+, AAA."""
    return wordlists.alternatives(wordlists.load("grades")["letters"])


@cache
def _whole(is_declared: bool) -> re.Pattern[str]:
    lists, tails = wordlists.load("grades"), wordlists.load("targets")["grade_tail"]
    level = f"[{''.join(lists['levels'])}1-9]"
    suffix, tail = wordlists.alternatives(lists["letter_suffix"]), wordlists.alternatives(tails)
    bare = f"|{level}" if is_declared else ""
    return re.compile(
        f"(?P<floor>不低于|至少|≥)?(?P<grade>{level_pattern()}|(?:{letter_pattern()})(?:{suffix})?{bare})"
        f"(?P<tail>(?:{tail})*)"
    )


def level_of(text: str) -> int | None:
    """Return the level a numbered grade begins with (四级甲等 is 4), or None."""
    first = half_width(text)[:1]
    return int(first) if first.isdigit() else wordlists.load("grades")["levels"].get(first)


def read_grade(phrase: str, is_declared: bool = False) -> Grade | None:
    """Read a phrase that is nothing but a grade; a bare figure only where the column `is_declared` one."""
    text = half_width(phrase).upper().replace(" ", "")
    found = _whole(is_declared).fullmatch(text)
    if not found:
        return None
    grade = found["grade"]
    if is_declared and re.fullmatch(r".", grade) and level_of(grade):
        grade += "级"
    floor = bool(found["floor"]) or "以上" in found["tail"]
    return Grade(text=grade, level=level_of(grade), at_least=floor)
