"""Hidden sheets that state again what visible ones state: an earlier draft, the data that a visible sheet is made of.

What a person sees stands; the other is put aside and named, and what it states otherwise is counted. A hidden sheet is
read as any other where most of its figures stand there alone: departments that are folded away, the fill-in lines that
the visible results are computed from.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from ingestion.entries import Entry
from ingestion.forms.hospital_words import any_of
from ingestion.forms.normalise import name_key
from ingestion.readers import Document

_UNCOMPUTED = {"formula_without_value", "error_value"}
"""Notes of cells that state no figure."""
_ANY = ""
"""Whose a sheet is that is called a draft and no more."""
_Line = tuple[str, str | None]
"""The code or name of a line, and a period."""
_Figures = dict[_Line, tuple[str | None, str]]
"""Figures as written, each with its sheet."""


def without_copies(document: Document, entries: Iterable[Entry]) -> tuple[Document, tuple[str, ...]]:
    """The document without the hidden sheets most of whose ``entries`` stand on visible ones too, by line, period and
    department, and what is told of each of them. The same document where there is none."""
    hidden = {table.name for table in document.tables if table.is_hidden}
    seen: dict[str | None, _Figures] = defaultdict(dict)
    others: dict[str, dict[str | None, _Figures]] = defaultdict(lambda: defaultdict(dict))
    for entry in entries:
        if _UNCOMPUTED.isdisjoint(entry.notes):
            sheet, _, _ = entry.locator.rpartition("!")
            of_sheet = others[sheet] if sheet in hidden else seen
            line = name_key(entry.line_code or entry.label_raw or ""), entry.period
            of_sheet[_whose(entry.department_raw)].setdefault(line, (entry.value_raw, sheet))
    told = {sheet: found for sheet, own in others.items() if (found := _told(sheet, own, seen))}
    if not told:
        return document, ()
    return replace(document, tables=[t for t in document.tables if t.name not in told]), tuple(told.values())


def _told(sheet: str, own: dict[str | None, _Figures], seen: dict[str | None, _Figures]) -> str | None:
    """What is told of a hidden sheet that mostly states what is seen elsewhere; None of any other."""
    total, again, where = sum(map(len, own.values())), list[bool](), Counter[str]()
    for whose, figures in own.items():
        candidates = seen.values() if whose == _ANY else [seen.get(whose, {})]
        same = max(candidates, key=lambda stated: sum(_compared(figures, stated)), default={})
        again += _compared(figures, same)
        where.update(same[line][1] for line in figures.keys() & same.keys())
    if 2 * len(again) <= total:
        return None
    alone = f"; {total - len(again)} more stand there alone" if len(again) < total else ""
    more = f" and {len(where) - 1} more" if len(where) > 1 else ""
    return (
        f"{sheet}: hidden, and states again what {where.most_common(1)[0][0]}{more} states ({len(again)} figures, "
        f"{again.count(False) or 'none'} of them another{alone}); if it is the one that is meant, unhide it and "
        "delete the other"
    )


def _compared(figures: _Figures, stated: _Figures) -> list[bool]:
    """Of the lines that both have, whether the figures are the same."""
    return [figures[line][0] == stated[line][0] for line in figures.keys() & stated.keys()]


def _whose(department: str | None) -> str | None:
    """A department as it is compared, without what tells a copy of its sheet: 骨科 for 骨科 (2) and for 骨科-草稿."""
    return None if department is None else _copy().sub("", name_key(department))


@cache
def _copy() -> re.Pattern[str]:
    said = rf"[-_—(]?(?:{any_of('copies')})[-_—)]?"
    return re.compile(rf"^{said}|(?:{said}|[_(]\d{{1,2}}\)?)+$")
