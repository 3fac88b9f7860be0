"""Which characters bytes are: a byte-order mark, a declaration, strict UTF-8, UTF-16 by its zeros, then GB18030."""

from __future__ import annotations

import codecs
import re
import unicodedata

from charset_normalizer import from_bytes

from ingestion.readers.document import NO_CHARACTER
from ingestion.readers.problems import problem

_MARKS = ((codecs.BOM_UTF8, "utf_8"), (codecs.BOM_UTF16_LE, "utf_16_le"), (codecs.BOM_UTF16_BE, "utf_16_be"))
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_-]+)""", re.IGNORECASE)
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "utf-16": "", "unicode": ""}
"""Encodings by the name of the one that contains them: pages say gb2312 and use characters beyond it."""
_SAMPLE = 1 << 16
_MOST_CONTROLS = 0.01
"""Share of control and unassigned characters above which bytes are no text."""


def decode(content: bytes, name: str, *, declared: bool = False, is_cut: bool = False) -> str:
    """Text of ``content``, without byte-order mark; ``declared`` honours what an HTML page says of itself, ``is_cut``
    says that it may end within a character.

    Raises Problem where no encoding gives plausible text: characters are never replaced or dropped, but for a NUL,
    which is read as ``NO_CHARACTER``.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            text = _strict(content[len(mark) :], encoding, is_cut=is_cut)
            break
    else:
        candidates = ([_declaration(content)] if declared else []) + ["utf_8", _utf16_order(content), "gb18030"]
        if not _is_gb18030_likely(content):
            candidates.insert(-1, "big5")
        text = next((t for c in candidates if c and (t := _strict(content, c, is_cut=is_cut)) is not None), None)
    if text is None:
        raise problem(
            "unknown-encoding",
            name,
            "bytes that are no text in UTF-8, GB18030 or UTF-16",
            "a text file",
            "Save it as UTF-8 and send it again.",
        )
    return text.replace("\0", NO_CHARACTER)


def looks_like_utf16(content: bytes) -> bool:
    """Whether bytes with zeros in them are UTF-16 text without a byte-order mark."""
    order = _utf16_order(content)
    return bool(order) and _strict(content[: len(content) // 2 * 2], order, is_cut=True) is not None


def _utf16_order(content: bytes) -> str:
    """Byte order told by the zeros beside digits, tabs and line ends; empty where there are none."""
    sample = content[:_SAMPLE]
    low, high = sample[0::2].count(0), sample[1::2].count(0)
    if max(low, high) == 0:
        return ""
    return "utf_16_le" if high > 4 * low else "utf_16_be" if low > 4 * high else ""


def _strict(content: bytes, encoding: str, *, is_cut: bool = False) -> str | None:
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(content, final=not is_cut)
    except (UnicodeDecodeError, LookupError):
        return None
    sample = text[:_SAMPLE]
    odd = [c for c in set(sample) - set("\t\n\r\f\v") if unicodedata.category(c) in ("Cc", "Cn", "Co")]
    return None if sum(map(sample.count, odd)) > _MOST_CONTROLS * len(sample) else text


def _declaration(content: bytes) -> str:
    found = _DECLARED.search(content[:4096])
    if not found:
        return ""
    named = found[1].decode("ascii").lower()
    try:
        # Only encodings of text: codecs such as rot13 or hex are no charset.
        return _WIDER.get(named, named) if codecs.lookup(named)._is_text_encoding else ""
    except LookupError:
        return ""


def _is_gb18030_likely(content: bytes) -> bool:
    """Whether a sample reads better as GB18030 than as Big5; mainland files are GB18030 unless they look otherwise."""
    sample = content[:_SAMPLE]
    sample = sample[: sample.rfind(b"\n") + 1] or sample
    best = from_bytes(sample, cp_isolation=["gb18030", "big5"]).best()
    return best is None or best.encoding != "big5"
