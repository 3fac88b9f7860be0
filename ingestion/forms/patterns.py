"""Words of a form with ``*`` for any text, such as the titles of its columns; each spelling is compared once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import translate
from functools import cache, cached_property, lru_cache
from typing import Any, overload

from ingestion.forms.normalise import header_pattern, name_key
from ingestion.readers import HEAD_ROWS, Table

_ANY = re.compile(r"[*?\[]")
_KEPT = 4096
"""Spellings that are remembered."""


class Sieve:
    """Finds the few texts that fit among many. What did not fit is remembered: the same texts come up in every sheet
    and file of a batch."""

    def __init__(self, fits: Callable[[str], bool]) -> None:
        self._fits = fits
        self._others: set[str] = set()
        self._fitted: set[str] = set()
        self._last = self._found = frozenset[str]()

    def fitting(self, texts: frozenset[str]) -> frozenset[str]:
        """Those of the texts that fit."""
        if texts is not self._last:  # the sheets of a workbook often have the very same
            unknown = texts - self._others
            self._last, self._found = texts, frozenset(filter(self._fits, unknown))
            if len(self._found) < len(unknown):
                self._remember(unknown - self._found)
        return self._found

    def has_fitting(self, texts: frozenset[str]) -> bool:
        """Whether one of the texts fits; looks no further than to the first."""
        if not self._fitted.isdisjoint(texts):
            return True
        unknown = texts - self._others
        if (found := next(filter(self._fits, unknown), None)) is None:
            self._remember(unknown)
        elif len(self._fitted) < _KEPT:
            self._fitted.add(found)
        return found is not None

    def _remember(self, others: frozenset[str]) -> None:
        if len(self._others) > _KEPT:
            self._others.clear()
        self._others |= others


class Patterns(Sequence[str]):
    """Patterns as a form writes them, normalised. ``fits(text)`` says whether a text is one of them.

    The same headers and names come up in every file of a batch: each spelling is compared once.
    """

    def __init__(self, written: Iterable[str] = ()) -> None:
        self._patterns = tuple(map(header_pattern, written))
        self._plain = {pattern for pattern in self._patterns if not _ANY.search(pattern)}
        wild = [translate(pattern) for pattern in self._patterns if pattern not in self._plain]
        self._wild = re.compile("|".join(wild)) if wild else None
        self.fits = lru_cache(maxsize=_KEPT)(self._fits)
        self._sieve = Sieve(self.fits)

    def _fits(self, text: str) -> bool:
        key = name_key(text)
        return bool(key) and (key in self._plain or bool(self._wild and self._wild.match(key)))

    def fitting(self, texts: frozenset[str]) -> frozenset[str]:
        """Those of some texts that are one of the patterns."""
        return self._sieve.fitting(texts)

    def rows_in(self, table: Table, first: int = 0, end: int = HEAD_ROWS) -> Iterator[int]:
        """Rows of a table's head, from ``first`` to ``end`` (not included), with one of the patterns in a cell."""
        found = self._sieve.fitting(table.head)
        if not found:
            return iter(())
        rows = table.rows
        return (row for row in range(first, min(end, len(rows))) if not found.isdisjoint(rows[row]))

    def first_in(self, row: Iterable[Any]) -> int:
        """Number of the first cell of a row that is text and one of the patterns, -1 if there is none."""
        fits = self.fits
        for number, cell in enumerate(row):
            if type(cell) is str and fits(cell):
                return number
        return -1

    @overload
    def __getitem__(self, at: int) -> str: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[str]: ...

    def __getitem__(self, at: int | slice) -> str | Sequence[str]:
        return self._patterns[at]

    def __len__(self) -> int:
        return len(self._patterns)


@cache
def patterns_of(written: tuple[str, ...]) -> Patterns:
    """The patterns of some words, one object for the same words."""
    return Patterns(written)


_NONE = patterns_of(())


class Headers(Mapping[str, Patterns]):
    """Titles of a form's columns in one reporting year, by field, in the order of column_map.csv.

    Two are the same only if they are one object, so that what was found out about a header can be kept under it; forms
    with the very titles share theirs (``headers_of``).
    """

    def __init__(self, fields: dict[str, Patterns]) -> None:
        self._fields = fields

    def of(self, field: str) -> Patterns:
        """Titles of a field; none where the form has no such column."""
        return self._fields.get(field, _NONE)

    def field_of(self, title: str) -> str | None:
        """The first field that a title names."""
        return next((name for name, patterns in self._fields.items() if patterns.fits(title)), None)

    @cached_property
    def by_code(self) -> Headers:
        """The same where nothing but a code names a line: the column of codes is that of the names."""
        others = {name: titles for name, titles in self._fields.items() if name not in ("label", "line_code")}
        return headers_of(others | {"label": self.of("line_code")})

    def __getitem__(self, field: str) -> Patterns:
        return self._fields[field]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__


def headers_of(fields: Mapping[str, Patterns]) -> Headers:
    """The titles of some fields, one object for the same titles in the same order."""
    return _headers(tuple(fields.items()))


@cache
def _headers(fields: tuple[tuple[str, Patterns], ...]) -> Headers:
    return Headers(dict(fields))
