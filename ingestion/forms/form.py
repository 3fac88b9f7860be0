"""A form, read from its folder: form.yml, lines.csv, limits.csv, column_map.csv. A new form is a folder, not code."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from decimal import Decimal, InvalidOperation
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired

import yaml
from pydantic import Field, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict

from ingestion.errors import Problem
from ingestion.forms.formula import parse_formula
from ingestion.forms.normalise import joined, name_key
from ingestion.forms.patterns import Headers, Patterns, headers_of, patterns_of
from ingestion.settings import settings

_ABSENT = "-1"
_FIELDS = {
    "lines_by_year": {
        *("line_code", "line_no", "label", "unit", "campus", "department", "period"),
        *("value", "numerator", "denominator", "prior_value", "target", "derived", "note"),
        *("hospital_name", "department_name"),
    },
    "plan_table": {"row_no", "section", "label", "unit", "baseline", "target", "department", "nature", "note"},
    "tidy_table": {"label", "line_code", "period", "part_of_year", "value", "unit", "campus", "department", "note"},
    "prose": set(),
}
"""The columns that each layout reads."""
_NEEDED: dict[str, tuple[str, ...]] = {
    "lines_by_year": ("label",),
    "lines_by_year, no lines": ("line_code", "label", "unit"),
    "plan_table": ("row_no", "label", "unit", "baseline", "target", "department"),
    "tidy_table": ("line_code", "label", "department", "period", "value", "unit"),
    "prose": (),
}
"""Columns without which a layout cannot be found, or its entry workbook not be written: their titles are known."""
_ASKED = {"lines_by_year": ("min_known_lines",), "plan_table": ("min_columns", "min_years_ahead")}
"""What ``recognise`` has to say for a layout."""

Words = Annotated[str, Field(min_length=1)]


@with_config(extra="forbid")
class _Recognise(TypedDict, total=False):
    """How a document is told to be of a form; which of it a layout asks for is the layout's to say."""

    precedence: int
    min_known_lines: int
    ask_from_lines: int
    min_columns: int
    min_years_ahead: int
    titles: list[str]
    results: list[str]
    min_claims: int
    min_items_with_lead: int
    beside: list[str]
    sheet_is: Literal["department"]
    hospital_sheets: Annotated[list[str], Field(min_length=1)]
    department_sheets: list[str]
    nameless_sheets: list[str]
    remarks: list[str]
    whole_year: list[str]
    target_rows: list[str]


@with_config(extra="forbid")
class _About(TypedDict):
    """form.yml."""

    title_zh: Words
    title_en: Words
    entry_kind: Literal["value", "target", "work_item", "claim"]
    layout: Literal["lines_by_year", "plan_table", "tidy_table", "prose"]
    catalogue: NotRequired[str]
    missing_markers: NotRequired[list[str]]
    recognise: NotRequired[_Recognise]


_ABOUT = TypeAdapter(_About)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a form: a row of lines.csv. ``unit`` as the form prints it; ``formula`` over other line codes."""

    line_code: Words
    ordinal: int
    label_zh: Words
    label_en: str
    unit: str
    value_type: Literal["heading", "integer", "number", "percent", "ratio", "grade", "text"]
    indicator_code: str
    is_indicator: bool
    direction: Literal["increase", "decrease", "monitor", "improve", ""]
    formula: str
    same_as: tuple[str, ...]
    at_most: tuple[str, ...]
    requirement: Literal["required", "optional", "none"]

    @property
    def carries_value(self) -> bool:
        """Whether a figure belongs into this line (a heading carries none)."""
        return self.value_type != "heading"


_LINE = TypeAdapter(Line)


@dataclass(frozen=True, slots=True)
class Limit:
    """A row of limits.csv: what a line may hold where its type does not say it (a balance may be negative, a score
    ends at 100). None is an open end. ``parts`` are lines that together cannot exceed this one."""

    line_code: str
    low: Decimal | None
    high: Decimal | None
    parts: tuple[str, ...]


@dataclass(frozen=True, eq=False)  # one form is itself: what is found out about it can be kept under it
class Form:
    """What is known of a form. ``columns`` maps a reporting year to the titles of its columns."""

    name: str
    title_zh: str
    title_en: str
    catalogue: str | None
    entry_kind: str
    layout: str
    missing_markers: frozenset[str]
    recognise: dict[str, Any]
    lines: dict[str, Line]
    limits: dict[str, Limit]
    columns: dict[int, Headers] = field(repr=False)

    @property
    def precedence(self) -> int:
        """Forms of a higher precedence are looked for first (0 unless form.yml says otherwise)."""
        return int(self.recognise.get("precedence", 0))

    def headers(self, reporting_year: int) -> Headers:
        """Titles of the columns for a reporting year.

        A year beyond the newest column of column_map.csv has that column's names, an earlier one the oldest's.
        """
        if reporting_year not in self._headers:
            known = sorted(self.columns)
            year = max((y for y in known if y <= reporting_year), default=known[0])
            self._headers[reporting_year] = self.columns[year]
        return self._headers[reporting_year]

    def is_missing(self, cell: Any) -> bool:
        """Whether a cell says nothing: empty, or a marker of this form such as ``--``."""
        return cell is None or cell == "" or (isinstance(cell, str) and name_key(cell) in self._markers)

    @cached_property
    def _markers(self) -> frozenset[str]:
        return frozenset({""} | {name_key(marker) for marker in self.missing_markers})

    def is_hospital_sheet(self, sheet: str) -> bool:
        """Whether a sheet is the whole hospital's rather than the department's that it is named after."""
        departments = self._recognised("department_sheets")
        is_all = self.is_named_hospital(sheet) or self.is_nameless_sheet(sheet)
        return is_all or bool(departments and not departments.fits(sheet))

    def is_nameless_sheet(self, sheet: str) -> bool:
        """Whether the name of a sheet says nothing: one that its program or a number gave."""
        return self._recognised("nameless_sheets").fits(sheet)

    def is_named_hospital(self, name: str) -> bool:
        """Whether a name is one that the form has for the whole hospital (全院)."""
        return self._recognised("hospital_sheets").fits(name)

    def is_titled(self, texts: Iterable[str]) -> bool:
        """Whether one of the texts above a table is a title of this form."""
        return any(map(self._recognised("titles").fits, texts))

    def is_result(self, title: str) -> bool:
        """Whether a column holds what was reached of a target."""
        return self._recognised("results").fits(title)

    def is_whole_year(self, part: str) -> bool:
        """Whether a column of months or quarters says of a row that it is of the whole year."""
        return self._recognised("whole_year").fits(part)

    def is_remark(self, label: str) -> bool:
        """Whether what stands in the column of names is no line: a remark, a signature, the letters of the columns; or
        what is wanted of the line above or beside it."""
        return self._remarks.fits(label)

    @cached_property
    def _remarks(self) -> Patterns:
        return Patterns([*self.recognise.get("remarks", ()), *self.recognise.get("target_rows", ())])

    @property
    def target_rows(self) -> Patterns:
        """Names of rows that hold what is wanted of a line, not what came of it."""
        return self._recognised("target_rows")

    def _recognised(self, name: str) -> Patterns:
        if name not in self._patterns:
            self._patterns[name] = Patterns(self.recognise.get(name, ()))
        return self._patterns[name]

    @cached_property
    def _headers(self) -> dict[int, Headers]:
        return {}

    @cached_property
    def _patterns(self) -> dict[str, Patterns]:
        return {}

    @cached_property
    def coded(self) -> dict[str, Line]:
        """Lines by what a code of theirs may be: their own, and the indicator's for the line with its figure."""
        return {line.indicator_code: line for line in self.lines.values() if line.is_indicator} | self.lines

    def department_of(self, name: str, campus: str = "") -> str | None:
        """The department that a column names, on the campus that another names (东院区·骨科); None where they name the
        whole hospital, or nothing."""
        return joined([part for part in (campus, name) if part and not self.is_named_hospital(part)]) or None

    def operand(self, line: Line, part: str) -> Line | None:
        """The line that holds the ``numerator`` or ``denominator`` of a line, where its formula names one."""
        formula = parse_formula(line.formula) if line.formula else None
        if formula is None or formula.kind != "ratio":
            return None
        coefficient = 1 if part == "numerator" else -1
        named = [term.line_code for term in formula.terms if term.coefficient == coefficient]
        return self.lines[named[0]] if len(named) == 1 else None

    @cached_property
    def lines_by_label(self) -> dict[str, list[Line]]:
        """Lines under each normalised label, in the order of the form; a label may name several lines."""
        found: dict[str, list[Line]] = {}
        for line in self.lines.values():
            found.setdefault(name_key(line.label_zh), []).append(line)
        return found


def all_forms() -> dict[str, Form]:
    """Every form in the folder of the settings, by name, sorted."""
    return _forms_of(settings().forms_dir)


@lru_cache(maxsize=4)
def _forms_of(folder: Path) -> dict[str, Form]:
    return {path.parent.name: load_form(path.parent) for path in sorted(folder.glob("*/form.yml"))}


def get_form(name: str) -> Form:
    """The form called ``name``; Problem names the forms there are where it is none of them."""
    forms = all_forms()
    if name not in forms:
        raise Problem(
            code="unknown-form",
            where="--form",
            read=name,
            expected="one of " + ", ".join(forms),
            remedy="Name one of these, or add a folder beside them (HIW_FORMS_DIR).",
        )
    return forms[name]


def load_form(folder: Path) -> Form:
    """Read a form's folder. Problem names file and line of what is wrong in it."""
    path = folder / "form.yml"
    try:
        about = _read_as(_ABOUT, yaml.safe_load(path.read_text(encoding="utf-8")), path)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise _wrong(path, line, str(error.problem), "YAML") from None
    except UnicodeDecodeError:
        raise _not_utf8(path) from None
    except (yaml.YAMLError, ValueError) as error:  # a character that YAML does not allow, a day that is none
        raise _wrong(path, None, str(error).splitlines()[0], "YAML") from None
    recognised = dict(about.get("recognise", {}))
    asked = [*_ASKED.get(about["layout"], ()), *(["hospital_sheets"] if "sheet_is" in recognised else [])]
    for name in asked:
        if name not in recognised:
            raise _wrong(path, None, f"no recognise.{name}", "it for this layout, as docs/new_form.md says")
    lines = _lines(folder / "lines.csv")
    return Form(
        name=folder.name,
        title_zh=about["title_zh"],
        title_en=about["title_en"],
        catalogue=about.get("catalogue"),
        entry_kind=about["entry_kind"],
        layout=about["layout"],
        missing_markers=frozenset(about.get("missing_markers", [])),
        recognise=recognised,
        lines=lines,
        limits=_limits(folder / "limits.csv", lines),
        columns=_columns(folder / "column_map.csv", about["layout"], has_lines=bool(lines)),
    )


def _read_as(shape: TypeAdapter[Any], data: Any, path: Path, line: int | None = None) -> Any:
    """``data`` in the shape it must have; Problem says which part of it has not."""
    try:
        return shape.validate_python(data)
    except ValidationError as error:
        first = error.errors()[0]
        name, expected = ".".join(map(str, first["loc"])), first["msg"].removeprefix("Input should be ")
        if first["type"] == "extra_forbidden":
            expected = "a key that docs/new_form.md lists"
        if first["type"] == "missing":
            name, expected = f"no {name}", "one"
        else:
            name = f"{name} {first['input']!r}".lstrip()
        raise _wrong(path, line, name, expected) from None


def _rows(path: Path, needed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """(line of the file, row) of a data file that has the columns ``needed``; Problem where it or a row has not."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise _not_utf8(path) from None
    with io.StringIO(text, newline="") as file:
        reader = csv.DictReader(file)
        columns = reader.fieldnames or ()
        if missing := [name for name in needed if name not in columns]:
            raise _wrong(path, 1, f"no column {', '.join(missing)}", f"the columns {', '.join(needed)}")
        try:
            for number, row in enumerate(reader, 2):
                if None in row or None in row.values():
                    raise _wrong(path, number, "more or fewer cells than columns", f"{len(columns)} cells")
                yield number, row
        except csv.Error as error:
            raise _wrong(path, reader.line_num, str(error), "a quotation mark closed where its cell ends") from None


def _lines(path: Path) -> dict[str, Line]:
    if not path.exists():
        return {}
    lines: dict[str, Line] = {}
    columns = tuple(column.name for column in fields(Line) if column.name != "ordinal")
    for number, row in _rows(path, columns):
        code = row["line_code"]
        if code in lines:
            raise _wrong(path, number, f"line code {code} a second time", "each code once")
        read: dict[str, Any] = {name: row[name] for name in columns} | {"ordinal": number - 1}
        read["same_as"], read["at_most"] = _split(row["same_as"]), _split(row["at_most"])
        lines[code] = _read_as(_LINE, read, path, number)
    indicators = {line.indicator_code for line in lines.values() if line.is_indicator}
    for line in lines.values():
        if line.indicator_code not in indicators:
            said = f"indicator {line.indicator_code!r} of line {line.line_code}"
            raise _wrong(path, line.ordinal + 1, said, "one that another line has the figure of (is_indicator true)")
        for named in (*_operands(line, path), *line.same_as, *line.at_most):
            if named not in lines or not lines[named].carries_value:
                raise _wrong(path, line.ordinal + 1, f"line {named}", "a line of lines.csv that carries a figure")
    return lines


def _operands(line: Line, path: Path) -> list[str]:
    try:
        return [term.line_code for term in parse_formula(line.formula).terms] if line.formula else []
    except Problem as problem:
        raise _wrong(path, line.ordinal + 1, f"formula {problem.read}", problem.expected) from None


def _limits(path: Path, lines: dict[str, Line]) -> dict[str, Limit]:
    if not path.exists():
        return {}
    limits: dict[str, Limit] = {}
    for number, row in _rows(path, ("line_code", "low", "high", "parts")):
        code, parts = row["line_code"], _split(row["parts"])
        if code in limits:
            raise _wrong(path, number, f"line code {code} a second time", "each code once")
        for named in (code, *parts):
            if named not in lines or not lines[named].carries_value:
                raise _wrong(path, number, f"line {named}", "a line of lines.csv that carries a figure")
        try:
            low, high = (Decimal(row[end]) if row[end] else None for end in ("low", "high"))
        except InvalidOperation:
            raise _wrong(path, number, f"{row['low']!r} to {row['high']!r}", "two numbers, or nothing") from None
        limits[code] = Limit(code, low, high, parts)
    return limits


def _columns(path: Path, layout: str, *, has_lines: bool) -> dict[int, Headers]:
    if layout == "prose":
        return {}
    fields_read = _FIELDS[layout]
    if not path.exists():
        raise _wrong(path, None, "no such file", "one: this layout has columns")
    titles: dict[int, dict[str, Patterns]] = {}
    for number, row in _rows(path, ("field",)):
        name = row.pop("field")
        if name not in fields_read:
            raise _wrong(path, number, f"field {name!r}", "one of " + ", ".join(sorted(fields_read)))
        for year, written in row.items():
            if not re.fullmatch(r"\d{4}", year):
                raise _wrong(path, 1, f"column {year!r}", "a reporting year")
            patterns = patterns_of(() if written == _ABSENT else _split(written))
            if not patterns and written != _ABSENT:
                raise _wrong(path, number, f"no title of {name} in {year}", "its titles, or -1 where it has no column")
            titles.setdefault(int(year), {})[name] = patterns
    if not titles:
        raise _wrong(path, 1, "no column of a year", "the first year of the form")
    for of_year, by_field in titles.items():
        for name in _NEEDED["lines_by_year, no lines" if layout == "lines_by_year" and not has_lines else layout]:
            if not by_field.get(name):
                raise _wrong(path, None, f"no title of {name} in {of_year}", "the titles that the column may have")
    return {year: headers_of(by_field) for year, by_field in titles.items()}


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|") if part.strip())


def _not_utf8(path: Path) -> Problem:
    return _wrong(path, None, "text that is not UTF-8", "UTF-8; Excel writes it as 'CSV UTF-8 (comma delimited)'")


def _wrong(path: Path, line: int | None, read: str, expected: str) -> Problem:
    return Problem(
        code="form-data",
        where=f"{path.parent.name}/{path.name}" + (f" line {line}" if line else ""),
        read=read,
        expected=expected,
        remedy="Mend the data file of the form.",
    )
