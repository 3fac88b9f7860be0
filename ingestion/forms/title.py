"""What a document says of itself above its figures: whose it is and for which year; and whether it is of two hospitals.

Only read and kept; whether it is the right hospital's and the right year's is for the gate to judge.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from itertools import zip_longest
from typing import Any

from ingestion.forms.hospital_words import any_of, words_of
from ingestion.forms.normalise import name_key
from ingestion.forms.patterns import Sieve, patterns_of
from ingestion.forms.periods import years_in
from ingestion.forms.values import looks_like_figure
from ingestion.readers import Document, Table, shown

_ROWS, _TABLES, _CHARACTERS = 8, 3, 400
_LONGEST_TITLE = 60
_KEPT = 256
"""Titles that are remembered: those of one file, asked for by form after form; hardly two files share any."""
_ASKS = rf"(?:{any_of('hospital_asked')})(?:\([^()]*\))?"
_SAID = re.compile(rf"{_ASKS}\s*:\s*(?P<name>[^\s:]{{2,40}})")
_SEAL = re.compile(r"_*\([^()]*章\)?_*$")
_ASKED = re.compile(rf"{_ASKS}:?")
_KINDS = any_of("hospitals")
_TITLED = re.compile(
    rf"(?:关于)?(?P<name>[^\W\d_][\w()·]{{1,30}}?(?:{_KINDS})(?:\([^()]{{1,12}}\))?"
    rf"(?:[^\W\d_]{{0,6}}?(?:{any_of('campuses')}))?)"
    rf"(?=$|\W|\d|[一二三四五六七八九十]|{any_of('followed_by', 'hospitals_followed_by')})"
)
_DATE = re.compile(r"日期|时间|年\s*\d{1,2}\s*月|\d[-/.]\d{1,2}[-/.]\d")
_ORNAMENT = re.compile(r"^[#\s—\-–《“\"]+")
_NAMES, _CODES = words_of("hospital_columns"), words_of("hospital_code_columns")
_NAMED, _CODED, _WHOSE = patterns_of(_NAMES), patterns_of(_CODES), patterns_of(_NAMES + _CODES)
"""Titles of a column that says of each row whose it is."""
_KIND = re.compile(_KINDS)
_FIRST_ROWS = 10
_TITLE_CELLS, _LEAST_TITLES, _ROWS_TO_HEADER = 2, 3, 3
_NO_NAME = re.compile(rf"^(?:{any_of('no_hospital_begins')})|{any_of('no_hospital')}")


@dataclass(frozen=True)
class Title:
    """Name of the hospital and year as the document's titles have them, with their locators; None where not said.
    ``others`` are (name, locator) of further hospitals that it names as those whose figures it holds."""

    hospital_name: str | None = None
    hospital_locator: str | None = None
    year: int | None = None
    year_locator: str | None = None
    others: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """What was said, structured."""
        return {name: value for name, value in asdict(self).items() if value not in (None, ())}

    @property
    def notes(self) -> tuple[str, ...]:
        """What to tell of at once: that two hospitals are in one file."""
        named = [(self.hospital_name, self.hospital_locator), *self.others]
        told = " and ".join(f"{name} ({locator})" for name, locator in named)
        return (f"names more than one hospital: {told}",) if self.others else ()


def title_of(document: Document, tables: Collection[Table] = ()) -> Title:
    """The titles of a document, read from the first rows of its first tables and the first lines of its text.

    Of ``tables`` that hold the figures of a form each one's own title, its sheet's name and its column of hospitals are
    looked at too: they may be another hospital's.
    """
    names: list[tuple[str, str]] = []
    years: dict[int, str] = {}
    for text, beside, locator in _lines(document):
        plain = _plain(text)
        if not names and (found := _name(plain, beside)):
            names.append((found, locator))
        if len(plain) <= _LONGEST_TITLE and not _DATE.search(plain):
            for year in years_in(plain):
                years.setdefault(year, locator)
    # Two years in the titles are a span or a date beside a year: they say nothing definite.
    said = next(iter(years.items())) if len(years) == 1 else None
    if tables:
        for other, locator in _hospitals(document, {id(table) for table in tables}):
            if not any(_is_same(other, name) for name, _ in names):
                names.append((other, locator))
    hospital, hospital_locator = names[0] if names else (None, None)
    of_year, year_locator = said or (None, None)
    return Title(hospital, hospital_locator, of_year, year_locator, tuple(names[1:]))


def _is_same(one: str, other: str) -> bool:
    """Whether two names may be one hospital's: with what its province, a branch or a campus adds, or without it."""
    if one == other:
        return True
    a, b = name_key(_of_hospital(one)), name_key(_of_hospital(other))
    return a in b or b in a


def _of_hospital(name: str) -> str:
    """A name without the department or the campus behind it."""
    return name[: max((found.end() for found in _KIND.finditer(name)), default=len(name))]


def _hospitals(document: Document, asked: set[int]) -> Iterator[tuple[str, str]]:
    """(name, locator) of every hospital that tables, those whose ids are ``asked``, are said to be of: by their titles,
    their rows or the names of their sheets, and by lines between tables that say whose the next one is."""
    asked_about = [(number, table) for number, table in enumerate(document.tables) if id(table) in asked]
    for number, table in asked_about:
        above = ((text, None, f"above {table.locate(0, 0)}") for text in table.caption)
        for text, beside, locator in (*above, *_above(document, number), *_further_down(document, number)):
            if (found := _name(_plain(text), beside)) and _KIND.search(found):
                yield found, locator
        yield from _in_column(table)
    for _, table in asked_about:
        titled = _TITLED.fullmatch(_plain(table.name))
        if titled and not _NO_NAME.search(titled["name"]):
            yield _of_hospital(titled["name"]), table.locate(0, 0)
    for said in _SAID.finditer(unicodedata.normalize("NFKC", document.text)) if document.text else ():
        if _KIND.search(said["name"]):
            yield _stated(said["name"]), f"chars {said.start('name')}-{said.end('name')}"


def _further_down(document: Document, number: int) -> Iterator[tuple[str, str | None, str]]:
    """Titles of further tables on the same sheet: rows of a text or two that name a hospital, a header close below; it
    may stand on the next page, in the table that follows."""
    table = document.tables[number]
    on_next_page = [rows for following in document.tables[number + 1 : number + 2] for rows in following.rows[:1]]
    # What names the hospital above the first table tells nothing new.
    if named := _TITLES_OF_HOSPITALS.fitting(table.words):
        named = named.difference(*table.rows[:_ROWS])
    for r, row in enumerate(table.rows[_ROWS:] if named else (), _ROWS):
        if named.isdisjoint(row):
            continue
        filled = [(c, text) for c, cell in enumerate(row) if (text := shown(cell))]
        if len(filled) > _TITLE_CELLS:
            continue
        below = [*table.rows[r + 1 :][:_ROWS_TO_HEADER], *on_next_page][:_ROWS_TO_HEADER]
        if any(map(_is_header, below)):
            texts = [text for _, text in filled]
            yield from ((t, beside, table.locate(r, c)) for (c, t), beside in zip_longest(filled, texts[1:]))


def _is_header(row: list[Any]) -> bool:
    """Whether a row is of titles alone, none of them a figure but a year."""
    filled = [text for cell in row if (text := shown(cell))]
    return len(filled) >= _LEAST_TITLES and not any(looks_like_figure(t) and len(t) != len("2024") for t in filled)


def _in_column(table: Table) -> Iterator[tuple[str, str]]:
    """The hospitals that a column names, each once; codes only where there are several, for one is nobody's name."""
    for row in _WHOSE.rows_in(table, end=_FIRST_ROWS):
        cells = table.rows[row]
        titles = _NAMED if _NAMED.first_in(cells) >= 0 else _CODED
        column = titles.first_in(cells)
        if _SAID.search(_plain(shown(cells[column]) or "")):
            continue  # no header: the name stands in the cell
        beside = next((text for cell in cells[column + 1 :] if (text := shown(cell))), None)
        if beside is None or _KIND.search(beside):
            continue  # no header: the name stands beside
        below = {text: r for r, text in reversed([*enumerate(table.texts(column))][row + 1 :]) if text}
        found = [(r, text) for text, r in below.items() if titles is _CODED or _KIND.search(text)]
        if len(found) > (titles is _CODED):
            yield from ((text, table.locate(r, column)) for r, text in sorted(found))
        return


def texts_above(document: Document) -> list[str]:
    """All that can be a title of a document: names of its sheets, first rows of its tables, first lines of its text."""
    return [*(table.name for table in document.tables[:_TABLES]), *(text for text, _, _ in _lines(document))]


@lru_cache(maxsize=_KEPT)
def _plain(text: str) -> str:
    return _ORNAMENT.sub("", unicodedata.normalize("NFKC", text)).strip()


@lru_cache(maxsize=_KEPT)
def _name(plain: str, beside: str | None) -> str | None:
    said = _SAID.search(plain)
    if said:
        return _stated(said["name"]) or None
    if _ASKED.fullmatch(plain):
        return beside
    titled = _TITLED.match(plain) if len(plain) <= _LONGEST_TITLE else None
    return titled["name"] if titled and not _NO_NAME.search(titled["name"]) else None


def _stated(name: str) -> str:
    """A name as it was filled in, without the line it stands on, brackets around it and the place for the seal."""
    bare = _SEAL.sub("", name).strip("_")
    return bare[1:-1] if bare.startswith("(") and bare.endswith(")") else bare


def _names_hospital(text: str) -> bool:
    return bool(_KIND.search(text) and _name(_plain(text), None))


_TITLES_OF_HOSPITALS = Sieve(_names_hospital)


def _lines(document: Document) -> Iterator[tuple[str, str | None, str]]:
    """(text, text of the next filled cell, locator) of everything that can be a title, top down."""
    if document.text:
        at = 0
        for line in document.text[:_CHARACTERS].splitlines(keepends=True):
            if "\t" in line or line.count(",") > 1:
                break  # a row of a table
            if line.strip():
                yield line, None, f"chars {at}-{at + len(line.rstrip())}"
            at += len(line)
    for number in range(min(len(document.tables), _TABLES)):
        yield from _above(document, number)


def _above(document: Document, number: int) -> list[tuple[str, str | None, str]]:
    """Cells of the rows of a table before the first one that is a row of titles (four filled cells of text or more)."""
    asked = _above, number
    if asked not in document.memo:
        document.memo[asked] = list(_texts_above(document.tables[number]))
    found: list[tuple[str, str | None, str]] = document.memo[asked]
    return found


def _texts_above(table: Table) -> Iterator[tuple[str, str | None, str]]:
    for r, row in enumerate(table.rows[:_ROWS]):
        filled = [(c, text) for c, cell in enumerate(row) if (text := shown(cell))]
        if len({text for _, text in filled}) >= 4 and not any(":" in t or "：" in t for _, t in filled):
            return
        for number, (c, text) in enumerate(filled):
            beside = filled[number + 1][1] if number + 1 < len(filled) else None
            yield text, beside, table.locate(r, c)
