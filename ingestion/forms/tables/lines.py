"""Which line of a form a row is: by code and name together, and where they disagree by the one that can be trusted.

Spreadsheets change codes: 1.10 stored as a number is 1.1, and 3.2.1 stored as a date is a day. Names are cut off,
renamed, or stand in several lines. A code and a name that agree are sure; a name that is word for word another line's
outweighs a code, because rows get renumbered; a code outweighs a name that no line has.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from ingestion.forms.form import Form, Line
from ingestion.forms.header_units import without_unit
from ingestion.forms.normalise import name_key, split_code, without_serial
from ingestion.forms.patterns import Sieve

_GLUED = re.compile(r"[\s▲△★☆*]*(\d+(?:\.\d+)*)(\D.*)", re.DOTALL)
"""A code and a name without anything between: 1出院患者手术占比."""
PART_NAMED = re.compile(r"(?:其中\s*[:：]?\s*)?(?P<part>分[子母])\s*[:：(（—–-]+\s*(?P<name>.+?)\s*[)）]?")
"""A numerator or a denominator with its own name: 分子：手术人数."""
_LEAST_OVERLAP = 4
"""Characters that a cut-off label must share with the full one to count as the same."""


@lru_cache(maxsize=4096, typed=True)
def identify(
    form: Form, written: str, code_cell: Any, number_cell: Any, after: int
) -> tuple[Line | None, tuple[str, ...]]:
    """The line of a row and what is doubtful about it; the files of a batch have the same rows, each is sought once.

    ``written`` is its name, with its code before it or not, ``code_cell`` the cell of a column of codes,
    ``number_cell`` one that may hold a code or a mere row number. Where a name stands in the form several times, the
    first one after the line with ordinal ``after`` is meant. Notes: ``unknown_line``, ``label_differs``,
    ``code_differs``.
    """
    code, label = split_code(written)
    if code is None and (line := form.coded.get(_plain_code(label))):
        return line, ()  # a code for a name
    # Most rows: the code before the name, and the very name of that line.
    line = form.lines.get(code) if code and code_cell is None else None
    if line and same_label(line.label_zh, label):
        return line, ()
    sure_codes = [*codes_of(code_cell), *([code.strip(". ")] if code else [])]
    for candidate in (*sure_codes, *codes_of(number_cell)):
        line = form.coded.get(candidate)
        if line and (same_label(line.label_zh, label) or not label):
            return line, ()
    coded = next((line for c in sure_codes if (line := form.coded.get(c))), None)
    known = next((found for key in _keys(label) if (found := form.lines_by_label.get(key))), [])
    named = _in_turn(known, after)
    if named:
        return named, ("code_differs",) if coded else ()
    glued = _GLUED.match(label) if code is None else None
    if glued and (line := form.lines.get(glued[1])) and same_label(line.label_zh, glued[2]):
        return line, ()
    return (coded, ("label_differs",)) if coded else (None, ("unknown_line",))


def _keys(label: str) -> Iterator[str]:
    """What a name is compared by: the name itself, else without its unit, the number of its row, or both; and without
    what says that it is a numerator."""
    named = PART_NAMED.fullmatch(label)
    for name in (label, without_serial(label), *([f"{named['name']})", named["name"]] if named else ())):
        yield name_key(name)
        yield name_key(without_unit(name)[0])


def is_any_named(form: Form, texts: frozenset[str]) -> bool:
    """Whether one of the texts may be the name of a line of the form; where none may, ``identify`` knows no row by its
    name."""
    return _names(form).has_fitting(texts)


@lru_cache(maxsize=32)
def _names(form: Form) -> Sieve:
    """What may be the name of a line, by its beginning, or a code that is no mere number."""
    beginnings = {label[:_LEAST_OVERLAP] for label in form.lines_by_label}

    def fits(text: str) -> bool:
        code, label = split_code(text)
        if code is None and (plain := _plain_code(label)) in form.coded and not plain.isdecimal():
            return True
        glued = _GLUED.match(label) if code is None else None
        keys = {*_keys(label), name_key(glued[2] if glued else label)}
        # A short name may go on in brackets: 医护比(1:X).
        return any(name[:_LEAST_OVERLAP] in beginnings for key in keys for name in (key, key.partition("(")[0]))

    return Sieve(fits)


def _in_turn(lines: list[Line], after: int) -> Line | None:
    """The first of ``lines`` after an ordinal; the only one wherever it stands."""
    if len(lines) == 1:
        return lines[0]
    return next((line for line in lines if line.ordinal > after), None)


def codes_of(cell: Any) -> Iterator[str]:
    """Codes that a cell may stand for: as written; and what a spreadsheet made a number or a date of."""
    if isinstance(cell, datetime.date):
        day = cell
        yield f"{day.month}.{day.day}"
        yield f"{day.year % 100}.{day.month}.{day.day}"
        yield f"{day.month}.{day.day}.{day.year % 100}"
        yield f"{day.day}.{day.month}.{day.year % 100}"
        if day.day == 1:
            yield f"{day.month}.{day.year % 100}"
    elif isinstance(cell, bool) or cell is None:
        return
    elif isinstance(cell, (int, float)):
        text = format(cell, ".10g")
        yield text
        if "." in text:
            yield text + "0"  # 1.10 as a number
    else:
        text = _plain_code(str(cell))
        if text:
            yield text


@lru_cache(maxsize=4096)
def _plain_code(text: str) -> str:
    return name_key(text).strip(".、:()").upper()


def same_label(known: str, written: str) -> bool:
    """Whether a label is the form's: equal, cut off by the program that made the file, or with a remark behind."""
    return _same_key(name_key(known), name_key(written))


@lru_cache(maxsize=4096)
def _same_key(a: str, b: str) -> bool:
    short, long = sorted((a, b), key=len)
    return a == b or (long.startswith(short) and (len(short) >= _LEAST_OVERLAP or long[len(short) :][:1] == "("))
