"""Numbers as people write them, by rules of our own and not by the library under test."""

from __future__ import annotations

DIGITS = "零一二三四五六七八九"


def in_chinese(number: int) -> str:
    """Write a number below 10^8 in Chinese, by school rules."""
    if number == 0:
        return "零"
    if number >= 10000:
        high, low = divmod(number, 10000)
        gap = "零" if 0 < low < 1000 else ""
        return in_chinese(high) + "万" + gap + (in_chinese(low) if low else "")
    out, is_gap = "", False
    for unit, place in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            out += ("零" if is_gap and out else "") + DIGITS[digit] + place
        is_gap = not digit
    return out


def full_width(text: str) -> str:
    """Digits, letters and signs as wide as a Chinese character."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
