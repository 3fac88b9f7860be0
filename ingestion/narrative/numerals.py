"""Reading of one written number: Arabic or Chinese digits, thousands separators, scale words."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from ingestion.narrative import wordlists

Number = int | float

_LISTS = wordlists.load("numerals")
SCALE: dict[str, int] = _LISTS["scale"]
DIGITS: str = _LISTS["digits"]
MULTIPLIERS: str = _LISTS["multipliers"]

SCALE_WORD = wordlists.alternatives(SCALE)
# 3亿5千万, 2亿5000万, 7万5千4百, 1万2000: parts with a scale word each but maybe the last, which add up
MIXED = (
    rf"\d{{1,9}}(?:\.\d{{1,9}})?(?:{SCALE_WORD})(?:零?\d{{1,9}}(?:{SCALE_WORD}))+"
    r"|\d{1,9}万\d{4}(?![\d万亿])"
)
# No figure has more digits than these: a longer run of them is none, not a part of one.
_FIGURE = r"(?<!\d)\d{1,30}(?:\.\d{1,30}(?!\d)|(?!\d)(?!\.\d{31}))"
ARABIC = rf"{MIXED}|\d{{1,3}}(?:[,，]\d{{3}})+(?:\.\d+)?(?!\d)|{_FIGURE}"
CHINESE = f"[{DIGITS}{MULTIPLIERS}百万亿]+(?:点[{DIGITS}]+)?"

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_FULL_WIDTH[0x3000] = 0x20
_CHINESE_NUMBER = re.compile(CHINESE)
_PART = re.compile(rf"(\d+(?:\.\d+)?)({SCALE_WORD}|$)")


def half_width(text: str) -> str:
    """Return `text` with full-width digits, letters and signs made half-width; its length is unchanged."""
    return text.translate(_FULL_WIDTH)


def plain(value: Decimal) -> Number:
    """Return a Decimal as int where it is whole, else as float: what JSON can hold without surprise."""
    return int(value) if value == value.to_integral_value() else float(value)


@lru_cache(maxsize=16384)
def read_chinese(text: str) -> Decimal | None:
    """Return the value of a Chinese numeral (``三百二十``, ``两万``, ``一点五亿``), or None if it is not one.

    A leading multiplier stands for one of it (``百`` in 百余名 is 100), as in speech.
    """
    if len(text) > 24 or not _CHINESE_NUMBER.fullmatch(text) or text in ("〇", "零"):
        return Decimal(0) if text in ("〇", "零") else None
    import cn2an  # not at the top: its import costs more than the rest of the package

    if text[0] in "百千万亿":
        text = "一" + text
    try:
        return Decimal(str(cn2an.cn2an(text, "smart")))
    except (ValueError, KeyError):
        return None


@lru_cache(maxsize=16384)
def read_number(text: str) -> Decimal | None:
    """Return the value of one written number without unit, scale words multiplied out, or None.

    >>> read_number("2.3万"), read_number("12,500"), read_number("三十六")
    (Decimal('23000.0'), Decimal('12500'), Decimal('36'))
    """
    text = half_width(text).replace(" ", "")
    if text in _LISTS["halves"]:
        return Decimal("0.5")
    if re.fullmatch(MIXED, text):
        return sum((Decimal(part[1]) * SCALE.get(part[2], 1) for part in _PART.finditer(text)), Decimal(0))
    found = re.fullmatch(f"({ARABIC})({SCALE_WORD})?", text)
    if found:
        return Decimal(found[1].replace(",", "")) * SCALE.get(found[2], 1)
    return read_chinese(text)
