"""Names as people write them, brought to one spelling before they are compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_MARKUP = re.compile(r"<[^<>]{1,20}>")
_IGNORED = re.compile(r"[\s▲△★☆*·•“”\"'‘’《》]+")
BRACKETS = str.maketrans("【】〔〕[]{}", "()()()()")
_CJK_GAP = re.compile(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])")
_WILD = re.compile(r"(\*|\?|\[[^\[\]]+\])")
_SERIAL = re.compile(r"\s*[(（]?(?:[一二三四五六七八九十]{1,3}|\d{1,3})(?:[)）]\s*[、.．]?|[、.．])\s*")
_LETTERED = r"[A-Z]{1,4}-?\d+(?:[-.]\d+)*"
_CODE = re.compile(
    rf"^[\s▲△★☆*]*(?:[(\[【〔](?P<bracketed>{_LETTERED}|\d+(?:\.\d+)+)[)\]】〕]|(?P<code>{_LETTERED}|\d+(?:\.\d+)*))"
    r"\s*[.、．:：)）\s]?\s*(?P<label>.*)$",
    re.DOTALL,
)
"""A number in brackets is a code only with a point in it: (1) counts the rows of a group."""


@lru_cache(maxsize=4096)
def name_key(text: str) -> str:
    """``text`` as it is compared: half-width, lower case, one kind of brackets, without spaces, quotes and marks such
    as ▲. The same in SQL is reference.name_key."""
    plain = unicodedata.normalize("NFKC", _MARKUP.sub("", text)).translate(BRACKETS)
    return _IGNORED.sub("", plain).casefold()


def joined(names: Sequence[str]) -> str:
    """One name of several, the widest first: 手术患者·死亡率. The dot does not count where names are compared."""
    return "·".join(names)


def mend(text: str) -> str:
    """``text`` without markup and without the breaks that a table cell puts inside a word (科研 管理科).

    A space beside a figure or a Latin letter stays: it is part of how the source writes (新增 1).
    """
    plain = re.sub(r"\s+", " ", _MARKUP.sub("", text)).strip()
    return _CJK_GAP.sub("", plain)


@lru_cache(maxsize=4096)
def split_code(text: str) -> tuple[str | None, str]:
    """Code and label of a line: ``12.1.1.参加项目数▲`` is (``12.1.1``, ``参加项目数▲``), and so is
    ``▲（12.1.1）参加项目数▲``; (None, text) without a code."""
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _CODE.match(plain)
    # A figure alone (a year, a row number) is no line name, and 17种抗癌药品 begins with a quantity, not a code.
    if not found or not found["label"]:
        return None, plain
    if found["bracketed"]:
        return found["bracketed"], found["label"].strip()
    code = found["code"]
    separated = plain[found.end("code")] in ".、:) " or "." in code or (code[0].isalpha() and "-" not in code)
    return (code, found["label"].strip()) if separated else (None, plain)


def without_serial(text: str) -> str:
    """``text`` without the number that an outline puts before it: 骨科 for 一、骨科 and 3.骨科; nothing for a
    number alone."""
    found = _SERIAL.match(text)
    rest = text[found.end() :] if found else text
    return "" if rest.strip().isdecimal() else rest


def header_pattern(text: str) -> str:
    """A header as column_map.csv writes it, normalised like the cells it is compared with; ``*`` is any text, ``?`` any
    character, ``[0-9]`` one of these."""
    return "".join(part if _WILD.fullmatch(part) else name_key(part) for part in _WILD.split(text))
