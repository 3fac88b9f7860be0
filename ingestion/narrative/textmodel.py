"""A clean reading of a document in which every character still knows where it stood in the original.

The clean text has no markup, no page numbers, no spaces inside figures and no line breaks inside sentences; digits
and Latin letters are half-width. ``CleanText.span`` leads any stretch of it back to the original characters.
"""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass
from functools import cached_property

from ingestion.narrative import layout

# Sentence marks become full-width and figures half-width, whichever way they were typed.
_SAME = {c: c - 0xFEE0 for c in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_SAME |= {
    ord(a): b
    for a, b in zip(
        "％．＋－～〜∼／（）：＞＜＝＃＆“”\u3000\xa0;!?〔〕［］∶﹪", "%.+-~~~/():><=#&“”  ；！？[][]:%", strict=True
    )
}
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,60}>|&(?:nbsp|ensp|emsp|lt|gt|amp|#\d+);|\*\*|__")
_MATH = re.compile(r"\$([^$\n]{1,60})\$")
# 二○二三年: years in Chinese digits are read as those in Arabic ones, letter by letter
_YEAR = re.compile("(?<![〇零○一二三四五六七八九十百千])(?:一九|二[〇零○])[〇零○一二三四五六七八九]{2}(?=年)")
_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
# 12 500 and 3 6 0: print puts blanks between groups of figures or between all of them
_REACH = 16  # characters of a figure on either side of a line break
_GROUPED = re.compile(r"(?<![\d.])(?:\d{1,3}(?: \d{3})+|\d(?: \d)+)(?![\d])|(?<=[^\d\s]\d)(?: \. ?|\. )(?=\d)")


@dataclass(frozen=True)
class CleanText:
    """The clean text, the original, and for each clean character its place in the original.

    clean      characters; '\\n' stands between paragraphs, '\\t' between table cells
    places     original index of each clean character
    headings   spans of headings in the clean text
    """

    original: str
    clean: str
    places: array[int]
    headings: tuple[tuple[int, int], ...]
    tables: tuple[tuple[int, int], ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the original span of the clean characters from `start` up to `end`."""
        return self.places[start], self.places[end - 1] + 1

    def written(self, start: int, end: int) -> str:
        """Return the original characters of a clean span, exactly as they stand there."""
        first, last = self.span(start, end)
        return self.original[first:last]

    def on_one_line(self, start: int, end: int) -> str:
        """Return a clean span in its original letters and signs, without line breaks and layout blanks."""
        return "".join(self.original[self.places[i]] for i in range(start, end) if self.clean[i] != "\n")

    @cached_property
    def paragraphs(self) -> tuple[tuple[int, int], ...]:
        """Spans of the paragraphs in the clean text."""
        spans, at = [], 0
        for part in self.clean.split("\n"):
            if part:
                spans.append((at, at + len(part)))
            at += len(part) + 1
        return tuple(spans)


def is_chinese(text: str) -> bool:
    """Tell whether a text is one that this grammar can read: at least one letter in ten is Chinese."""
    chinese, latin = len(re.findall("[\u4e00-\u9fff]", text)), len(re.findall("[A-Za-z]", text))
    return chinese > 0 and chinese * 9 >= latin


def read(text: str) -> CleanText:
    """Return the clean reading of `text`; nothing is lost but markup, page furniture and layout blanks."""
    chars: list[str] = []
    places = array("l")
    headings, tables = [], []
    for line in layout.lines(text):
        if line.is_new and chars:
            chars.append("\n")
            places.append(line.start - 1 if line.start else 0)
        begin = len(chars)
        for char, place in _clean_line(text, line.start, line.end):
            chars.append(char)
            places.append(place)
        if begin and not line.is_new:
            _close_groups(chars, places, begin)
        if line.is_heading:
            headings.append((begin, len(chars)))
        if line.is_table:
            tables.append((begin, len(chars)))
    return CleanText(text, "".join(chars), places, tuple(headings), tuple(tables))


def _close_groups(chars: list[str], places: array[int], seam: int) -> None:
    """Take the blanks out of a figure that a line break divides (3 86, 0例); the seam lies in front of a line."""
    if not (chars[seam - 1].isdigit() and seam < len(chars) and chars[seam].isdigit()):
        return
    first = max(0, seam - _REACH)
    for grouped in _GROUPED.finditer("".join(chars[first : seam + _REACH])):
        start, end = first + grouped.start(), first + grouped.end()
        if start < seam < end:
            for i in reversed([i for i in range(start, end) if chars[i] == " "]):
                del chars[i], places[i]


def _clean_line(text: str, start: int, end: int) -> list[tuple[str, int]]:
    line = text[start:end]
    dropped: set[int] = set()
    for tag in _TAG.finditer(line):
        dropped.update(range(tag.start(), tag.end()))
    for math in _MATH.finditer(line):
        dropped.update((math.start(), math.end() - 1))
        dropped.update(math.start(1) + i for i, c in enumerate(math[1]) if c in " \\{}")
    heading = re.match(r"#{1,6}\s+", line)
    if heading:
        dropped.update(range(heading.end()))
    for grouped in _GROUPED.finditer(line):
        dropped.update(grouped.start() + i for i, c in enumerate(grouped[0]) if c == " ")
    kept: list[tuple[str, int]] = []
    plain = _YEAR.sub(lambda year: year[0].translate(_DIGITS), line.translate(_SAME))
    for i, char in enumerate(plain):
        if i in dropped or (char == "\\" and i + 1 < len(line) and line[i + 1] in "%~*_-+.#()[]"):
            continue
        if char == " " and not _is_needed_blank(line, i):
            continue
        if char == "," and not (_is_digit(line, i - 1) and re.match(r"\d{3}(?!\d)", line[i + 1 : i + 5])):
            char = "，"
        elif (
            char == "，"
            and re.search(r"(?<!\d)\d{1,3}$", line[max(0, i - 4) : i])
            and re.match(r"[０-９]{3}(?![０-９])", line[i + 1 : i + 5])
        ):
            char = ","
        kept.append((char, start + i))
    return kept


def _is_digit(line: str, i: int) -> bool:
    return 0 <= i < len(line) and line[i].isdigit()


def _is_needed_blank(line: str, i: int) -> bool:
    """A blank matters only between two Latin words or figures; elsewhere print put it there."""
    left = line[:i].rstrip()[-1:]
    right = line[i + 1 :].lstrip()[:1]
    if not (left and right and left.isascii() and right.isascii()):
        return False
    return left.isalnum() and right.isalnum() and line[i - 1 : i] == left
