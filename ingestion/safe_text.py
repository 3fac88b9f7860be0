"""Text that is safe to write into a CSV file or a workbook.

A cell that begins with ``=``, ``+``, ``-`` or ``@`` is a formula to the program that opens it: text from a submission
could run there. Every writer of ours passes text through ``escape_cell``.
"""

from __future__ import annotations

import re

_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", "|", "%")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:,\d{3})*)(?:\.\d+)?%?")
# What XML cannot hold (a workbook would not open) and what turns the reading direction of a line around.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_BLANK = " \u00a0\u3000\u200b\ufeff"


def escape_cell(text: str | None) -> str | None:
    """``text`` with an apostrophe before it where a spreadsheet would take it for a formula.

    A plain signed figure (``-3.5``, ``+2``) stays as it is; control characters and direction overrides are dropped.
    Escaping twice is the same as once. None stays None.
    """
    if text is None:
        return None
    clean = _UNWRITABLE.sub("", text)
    seen = clean.lstrip(_BLANK)
    if seen.startswith(_STARTS) and not _NUMBER.fullmatch(seen):
        return "'" + clean
    return clean
