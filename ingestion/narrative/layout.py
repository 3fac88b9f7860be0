"""Which lines of an extracted document belong together, and which are page furniture.

Text extracted from print breaks sentences over lines, puts blank lines between printed lines and page numbers in
the middle. The decisions made here are about whole lines; characters are the business of `textmodel`.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

_PAGE_NUMBER = re.compile(
    r"[-—–\s·]*(?:第\s*)?\d{1,4}(?:\s*页)?(?:\s*[/,，]?\s*(?:共\s*)?\d{1,4}\s*页)?[-—–\s·]*|[-—–·\s]+[IVXivx一二三四五六七八九十]+[-—–·\s]+"
)
_OPENING = re.compile(
    r"\s*(?:#{1,6}\s|第[一二三四五六七八九十百\d]+[章节篇]|第[一二三四五六七八九十]+部分|[一二三四五六七八九十]{1,3}、"
    r"|[(（][一二三四五六七八九十\d]{1,3}[)）]|\d{1,2}[.、．](?!\d)|[①-⑳]|——|附件|[-*]\s|[•·●◆■▪➢]\s*(?=\S))"
)
_CLOSED = re.compile(r"[。！？；!?;：:][”’」』）)\]】\"']*\s*(?:\*\*)?$|[。！？][^。！？]{0,2}$")
_OPEN_END = re.compile(r"[，、,（(“《〈—\-~～0-9A-Za-z]$|\d[.．]$|\d[万亿千百]$")
_TITLE_YEAR = re.compile(r"(?<![\d.])(?:19|20)\d{2}$")  # a short line that ends with a year is a title
_GAP = re.compile(r"(?<=\S)[ \u3000]{2,}(?=\S)")
_OPEN_START = re.compile(r"\s*[，。、；：）”》,.;:)%％]")


@dataclass(frozen=True)
class Line:
    """A line kept: its span in the original, whether it starts a paragraph, and whether it is a heading."""

    start: int
    end: int
    is_new: bool
    is_heading: bool
    is_table: bool


def lines(text: str) -> list[Line]:
    """Return the lines of `text` that are content, each marked as a new paragraph or the rest of the last one."""
    spans = _content(text)
    width, is_wrapped = _wrap(text, spans)
    is_aligned = [end - start < 400 and len(_GAP.findall(text, start, end)) > 1 for start, end in spans]
    kept: list[Line] = []
    for i, (start, end) in enumerate(spans):
        line = text[start:end]
        # columns set with blanks are a table where they stand under each other
        is_set = is_aligned[i] and any(is_aligned[max(0, i - 1) : i] + is_aligned[i + 1 : i + 2])
        is_table = is_set or "\t" in line or line.lstrip().startswith("|")
        is_new = (
            not kept
            or kept[-1].is_table
            or is_table
            or not _continues(text[kept[-1].start : kept[-1].end], line, width, is_wrapped)
        )
        is_heading = is_new and not is_table and _is_heading(line) and not _runs_on(line, width, is_wrapped)
        kept.append(Line(start, end, is_new or (bool(kept) and kept[-1].is_heading), is_heading, is_table))
    return kept


def _content(text: str) -> list[tuple[int, int]]:
    spans, at = [], 0
    for line in text.splitlines(keepends=True):
        body = line.strip()
        if body and not _PAGE_NUMBER.fullmatch(body):
            left = len(line) - len(line.lstrip())
            spans.append((at + left, at + left + len(body)))
        at += len(line)
    # a short line that comes back page after page is a running header
    seen = Counter(re.sub(r"[\d\s]+", "", text[a:b]) for a, b in spans if b - a <= 40)
    return [(a, b) for a, b in spans if b - a > 40 or not _is_running(text[a:b], seen)]


def _is_running(line: str, seen: Counter[str]) -> bool:
    bare = re.sub(r"[\d\s]+", "", line)
    return seen[bare] >= 3 and len(bare) >= 6 and not re.search(r"[\t，。；：、]|\d\s*[%个项人例台张篇万亿]", line)


def _wrap(text: str, spans: list[tuple[int, int]]) -> tuple[int, bool]:
    """Return the width that printed lines have, and whether the document is broken at that width at all."""
    lengths = [_width(text[a:b]) for a, b in spans if b - a >= 8]
    if len(lengths) < 8:
        return 40, False
    common = Counter(lengths)
    width = max(common, key=lambda w: sum(common[v] for v in range(w - 2, w + 3)))
    share = sum(common[v] for v in range(width - 2, width + 3)) / len(lengths)
    return (width, True) if share >= 0.4 and 12 <= width <= 70 else (40, False)


def _width(line: str) -> int:
    return len(line.encode("gb18030", "replace")) // 2  # two bytes a full-width letter, one a half-width


def _continues(before: str, line: str, width: int, is_wrapped: bool) -> bool:
    is_full = _width(before) >= width - 4
    is_closed = bool(_CLOSED.search(before))
    if _OPENING.match(line) and (is_closed or not is_full or not is_wrapped or before.endswith(("）", ")"))):
        return False
    if is_wrapped and is_full:
        return not (_OPENING.match(before) and _is_heading(before) and not _runs_on(before, width, is_wrapped))
    if is_closed or before.endswith(("）", ")")) or (not is_full and _TITLE_YEAR.search(before)):
        return False
    return is_full or bool(_OPEN_END.search(before) or _OPEN_START.match(line))


def _runs_on(line: str, width: int, is_wrapped: bool) -> bool:
    """Tell whether a printed line plainly goes on: a full one with a comma in it, or one that breaks a figure."""
    is_full = _width(line) >= width - 4
    return is_wrapped and bool(_OPEN_END.search(line) or (is_full and re.search("[，,]", line)))


def _is_heading(line: str) -> bool:
    body = line.strip()
    if body.startswith("#"):
        return True
    return bool(_OPENING.match(body)) and len(body) <= 40 and not re.search(r"[。；;]", body)
