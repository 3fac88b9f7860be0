"""Text that calamine passes over: raw text (``<![CDATA[1]]>``) it takes for nothing, and what follows a comment or an
instruction within a text it drops. No office program writes either into a workbook, and what it reads is a wrong
figure or an empty cell without a word."""

from __future__ import annotations

import re

from ingestion.readers.problems import damaged_sheet, problem

_ENDS = {b"<!--": b"-->", b"<?": b"?>", b"<![CDATA[": b"]]>"}
_RAW = b"<![CDATA["
_BEGINS = re.compile(b"|".join(map(re.escape, _ENDS)))
_ESCAPED = (b"&", b"&amp;"), (b"<", b"&lt;"), (b">", b"&gt;")
_DECLARATION, _LONGEST_DECLARATION = b"<?xml ", 256
_BESIDE_TEXT = re.compile(rb"<!\[CDATA\[|[^>\s]<(?:!--|\?)")
_LENGTH = 16
"""Bytes that hold any such sign."""


def tags_and_text(content: bytes, where: str) -> bytes:
    """The same XML without comments and instructions, raw text written as text; the same object where it has none.

    Raises Problem where one of them has no end.
    """
    at = content.find(b"?>", 0, _LONGEST_DECLARATION) + 1 if _DECLARATION in content[: len(_DECLARATION) + 3] else 0
    # One byte is found several times faster than two, and most parts have none.
    has_raw = b"!" in content and b"<!" in content
    if not has_raw and (content.find(b"?", at) < 0 or content.find(b"<?", at) < 0):
        return content
    parts = [content[:at]]
    while begins := _BEGINS.search(content, at):
        mark = begins[0]
        end = content.find(_ENDS[mark], begins.end())
        if end < 0:
            raise damaged_sheet(where, f"{mark.decode()} without its end")
        parts.append(content[at : begins.start()])
        if mark == _RAW:
            text = content[begins.end() : end]
            for character, written in _ESCAPED:
                text = text.replace(character, written)
            parts.append(text)
        at = end + len(_ENDS[mark])
    return b"".join((*parts, content[at:]))


class RawText:
    """Looks for such text in a part that is too large to be written anew."""

    def __init__(self, where: str) -> None:
        self.where, self.tail = where, b""

    def add(self, chunk: bytes) -> None:
        """Look at the next bytes; raises Problem where they hold such text."""
        seen = self.tail + chunk
        if (b"!" in seen or b"?" in seen) and (found := _BESIDE_TEXT.search(seen)):
            raise problem(
                "odd-text",
                self.where,
                f"text beside a comment, or raw text ({found[0].decode(errors='replace')})",
                "cells as office programs write them",
                "Open the workbook in its program, save it again and resend it.",
            )
        self.tail = chunk[-_LENGTH:]
