"""What a document says of itself above its figures: whose it is and for which year.

Only read and kept; whether it is the right hospital's and the right year's is for the gate to judge.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from ingestion.forms.periods import years_in
from ingestion.readers import Document, Table, shown

_ROWS, _TABLES, _CHARACTERS = 8, 3, 400
_LONGEST_TITLE = 60
_ASKS = r"(?:填报单位|填报医院|填报机构|医院名称|单位名称|机构名称|医疗机构名称|报送单位|上报单位)(?:\([^()]*\))?"
_SAID = re.compile(rf"{_ASKS}\s*:\s*(?P<name>[^\s:]{{2,40}})")
_ASKED = re.compile(rf"{_ASKS}:?")
_KINDS = "医院|卫生院|保健院|医疗中心|防治院|疗养院"
_TITLED = re.compile(
    rf"(?:关于)?(?P<name>[^\W\d_][\w()·]{{1,30}}?(?:{_KINDS})(?:\([^()]{{1,12}}\))?)"
    r"(?=$|\W|\d|年|[一二三四五六七八九十]|关于|科室|指标|绩效|工作|总结|规划|填报|汇总)"
)
_DATE = re.compile(r"日期|时间|年\s*\d{1,2}\s*月|\d[-/.]\d{1,2}[-/.]\d")
_ORNAMENT = re.compile(r"^[#\s—\-–《“\"]+")
_NO_NAME = re.compile(
    r"^附属医院|公立医院|[一二三]级医院|各医院|本院|全国|样本医院|国家|绩效考核|医院(?:等级|评审|管理)"
)


@dataclass(frozen=True)
class Title:
    """Name of the hospital and year as the document's titles have them, with their locators; None where not said."""

    hospital_name: str | None = None
    hospital_locator: str | None = None
    year: int | None = None
    year_locator: str | None = None

    def to_json(self) -> dict[str, Any]:
        """What was said, structured."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def title_of(document: Document) -> Title:
    """The titles of a document, read from the first rows of its first tables and the first lines of its text."""
    name: tuple[str, str] | None = None
    years: dict[int, str] = {}
    for text, beside, locator in _lines(document):
        plain = _ORNAMENT.sub("", unicodedata.normalize("NFKC", text)).strip()
        if name is None and (found := _name(plain, beside)):
            name = found, locator
        if len(plain) <= _LONGEST_TITLE and not _DATE.search(plain):
            for year in years_in(plain):
                years.setdefault(year, locator)
    # Two years in the titles are a span or a date beside a year: they say nothing definite.
    said = next(iter(years.items())) if len(years) == 1 else None
    hospital, hospital_locator = name or (None, None)
    return Title(hospital, hospital_locator, *(said or (None, None)))


def texts_above(document: Document) -> list[str]:
    """All that can be a title of a document: names of its sheets, first rows of its tables, first lines of its text."""
    return [*(table.name for table in document.tables[:_TABLES]), *(text for text, _, _ in _lines(document))]


def _name(plain: str, beside: str | None) -> str | None:
    said = _SAID.search(plain)
    if said:
        return said["name"].strip("_()") or None
    if _ASKED.fullmatch(plain):
        return beside
    titled = _TITLED.match(plain) if len(plain) <= _LONGEST_TITLE else None
    return titled["name"] if titled and not _NO_NAME.search(titled["name"]) else None


def _lines(document: Document) -> Iterator[tuple[str, str | None, str]]:
    """(text, text of the next filled cell, locator) of everything that can be a title, top down."""
    if document.text:
        at = 0
        for line in document.text[:_CHARACTERS].splitlines(keepends=True):
            if "\t" in line:
                break
            if line.strip():
                yield line, None, f"chars {at}-{at + len(line.rstrip())}"
            at += len(line)
    for table in document.tables[:_TABLES]:
        yield from _above(table)


def _above(table: Table) -> Iterator[tuple[str, str | None, str]]:
    """Cells of rows before the first one that has a row of titles (four filled cells of text or more)."""
    for r, row in enumerate(table.rows[:_ROWS]):
        filled = [(c, text) for c, cell in enumerate(row) if (text := shown(cell))]
        if len({text for _, text in filled}) >= 4 and not any(":" in t or "：" in t for _, t in filled):
            return
        for number, (c, text) in enumerate(filled):
            beside = filled[number + 1][1] if number + 1 < len(filled) else None
            yield text, beside, table.locate(r, c)
