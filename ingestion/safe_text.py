"""Text of a submission that is safe to show on a terminal, and to write into a CSV file or a workbook.

A cell that begins with ``=``, ``+``, ``-`` or ``@`` is a formula to the program that opens it: text from a submission
could run there. Every writer of ours passes text through ``escape_cell``.
"""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path

_STARTS = ("=", "+", "-", "@", "|", "%")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:,\d{3})*)(?:\.\d+)?%?")
# What XML cannot hold (a workbook would not open) and what turns the reading direction of a line around.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_BREAKS = ("\t", "\r", "\n")
_UNSEEN = {"Cc", "Cf", "Zl", "Zp", "Zs"}
_FILLERS = {*"\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0", *map(chr, range(0xFE00, 0xFE10))}
"""Letters and marks without a shape."""


def one_line(text: str) -> str:
    """``text`` as one line that a terminal shows as it is: what breaks lines or steers the terminal is a ``?``."""
    return _UNSHOWABLE.sub("?", text)


def path_text(path: str | Path) -> str:
    """A path as text: a name that is no UTF-8, as an archive made on Windows unpacks, is read as GB18030."""
    return "/".join(map(_name_text, os.fsencode(path).split(b"/")))


def _name_text(name: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return name.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name.decode("utf-8", "backslashreplace")


def writable(text: str) -> str:
    """``text`` without what no workbook or page can hold, and without what turns the reading direction around."""
    return _UNWRITABLE.sub("", text)


def _is_unseen(sign: str) -> bool:
    return unicodedata.category(sign) in _UNSEEN or sign in _FILLERS


def escape_cell(text: str | None) -> str | None:
    """``text`` with an apostrophe before it where a spreadsheet would take it for a formula.

    A plain signed figure (``-3.5``, ``+2``) stays as it is; control characters and direction overrides are dropped.
    Escaping twice is the same as once. None stays None.
    """
    if text is None:
        return None
    clean = writable(text)
    seen = clean[next((n for n, sign in enumerate(clean) if not _is_unseen(sign)), 0) :]
    # Full-width and small signs are the same to some programs: ＝ and ﹢.
    begins = unicodedata.normalize("NFKC", seen[:1]).startswith(_STARTS) or clean.startswith(_BREAKS)
    return "'" + clean if begins and not _NUMBER.fullmatch(seen) else clean
