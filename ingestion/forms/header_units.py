"""The unit that a title or a name carries: 2024年(万元), 本年数（单位：人次）, Y2024 %, 平均住院日（天）."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import cache, lru_cache

from ingestion.forms.normalise import BRACKETS, name_key
from ingestion.narrative.units import Unit, is_known, read_unit

_WITH_UNIT = re.compile(
    r"(?P<title>.*?)\s*(?:\((?:单位\s*:)?\s*(?P<bracketed>[^()]{1,12})\)"
    r"|(?:单位\s*:|[/,\s])\s*(?P<behind>[^\s/,()]{1,6})|(?P<sign>[%‰]))",
    re.DOTALL,
)
_OF_DATES = {"year", "month", "day"}
"""2024 年 is a year and no number of them."""


@lru_cache(maxsize=8192)
def without_unit(title: str) -> tuple[str, str | None]:
    """A title without the unit that ends it, and that unit; the title as it is, and None, where it ends in none."""
    found = _WITH_UNIT.fullmatch(unicodedata.normalize("NFKC", title).translate(BRACKETS).strip())
    if not found:
        return title, None
    written = found["bracketed"] or found["behind"] or found["sign"]
    is_after_all = bool(found["title"]) or not found["behind"]
    return (found["title"], written) if is_after_all and is_unit(written, found["title"]) else (title, None)


def is_unit(written: str, title: str = "") -> bool:
    """Whether what stands behind a title is a unit: a known one, one per another (元/人次), or one of a form's own."""
    parts = [read_unit(part) for part in written.split("/")]
    if all(unit and is_known(unit) for unit in parts):
        return not (title[-1:].isdigit() and any(unit and unit.name in _OF_DATES for unit in parts))
    return name_key(written) in _of_forms()


@cache
def _of_forms() -> frozenset[str]:
    from ingestion.forms.form import all_forms

    return frozenset(name_key(line.unit) for form in all_forms().values() for line in form.lines.values() if line.unit)


def is_another_unit(one: str, other: str) -> bool:
    """Whether two units, as written, are not the same."""
    return name_key(one) != name_key(other) and _meant(one) != _meant(other)


def is_same_kind(one: str, other: str) -> bool:
    """Whether two units, as written, count the same, be it by another factor: 元 and 万元."""
    first, second = read_unit(one), read_unit(other)
    return first is not None and second is not None and first.name == second.name


@lru_cache(maxsize=1024)
def factor_to(unit: str, written: str) -> Decimal | None:
    """What a figure in the unit ``written`` is multiplied with to be one in ``unit``: 10000 for 元 and 万元; None where
    they are the same, or not of one kind."""
    asked, stated = read_unit(unit), read_unit(written)
    if asked is None or stated is None or asked.name != stated.name or asked.factor == stated.factor:
        return None
    return stated.factor / asked.factor


def _meant(written: str) -> tuple[str, object] | None:
    unit: Unit | None = read_unit(written)
    return (unit.name, unit.factor) if unit else None
