"""The unit that the figures of each row are in, as the row, the title of its column or the table says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from ingestion.forms.form import Form, Line
from ingestion.forms.header_units import is_another_unit, is_same_kind, is_unit, without_unit
from ingestion.forms.normalise import name_key, split_code
from ingestion.forms.tables.figures import LineRow
from ingestion.forms.tables.rows import Lines
from ingestion.forms.tables.year_columns import YearColumns
from ingestion.readers import HEAD_ROWS

_MARKS = "▲△★☆* "
_UNIT_SAID = re.compile(r"单\s*位\s*[:：]\s*([^\s()（）:：，,;；、]{1,8})")


def with_units(part: YearColumns, found: Lines) -> tuple[list[LineRow], Sequence[str]]:
    """Rows, and the unit of each: as its column says, else as ends its name, else as stands above the table, there only
    for what may be measured in it. A row that no form knows may be measured in anything: it notes where its unit is
    from."""
    texts = part.table.texts(part.column("unit"))
    bare = [at for at, text in enumerate(found.of(texts)) if not text]
    if not bare:
        return found.rows, texts
    rows, units, above = list(found.rows), list(texts), _unit_above(part)
    for at in bare:
        number, label, line, notes = rows[at]
        own = _unit_behind(label, line)
        units[number] = own or (above if above and (line is None or is_same_kind(line.unit, above)) else "")
        if line is None and units[number] and not own:
            rows[at] = (number, label, line, (*notes, "unit_from_title"))
    return rows, units


def measured_in(unit: str, form: Form, rows: list[LineRow], units: Sequence[str]) -> tuple[list[LineRow], list[str]]:
    """Rows below a title that carries a unit, and the unit of each: its own where it states one; where that is another,
    the row says so."""
    own = ["" if form.is_missing(text) else text for text in units]
    doubted = [
        (*row[:3], (*row[3], "title_unit_differs")) if own[row[0]] and is_another_unit(own[row[0]], unit) else row
        for row in rows
    ]
    return doubted, [stated or unit for stated in own]


@lru_cache(maxsize=1024)
def _unit_behind(label: str, line: Line | None) -> str | None:
    """The unit that ends a row's name, where that is not the very name of its line."""
    is_of_form = line is not None and name_key(line.label_zh) == name_key(split_code(label)[1])
    return None if is_of_form else without_unit(label.rstrip(_MARKS))[1]


def _unit_above(part: YearColumns) -> str:
    """The unit that the title nearest above a table says: 单位：万元. 单位：某医院 is none; and where titles of columns
    carry theirs, those hold."""
    if part.units:
        return ""
    for row in reversed(part.table.rows[: part.first_row][-HEAD_ROWS:]):
        for cell in row:
            if type(cell) is str and (said := _UNIT_SAID.search(cell)) and is_unit(said[1]):
                return said[1]
    for text in reversed(part.table.caption):
        if (said := _UNIT_SAID.search(text)) and is_unit(said[1]):
            return said[1]
    return ""
