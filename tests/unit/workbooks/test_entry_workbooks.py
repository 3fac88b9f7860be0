"""Entry workbooks: what may be typed where, and that what comes back filled in is read as it was typed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from calculated import calculate
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from ingestion.entries import Entry
from ingestion.errors import Problem
from ingestion.forms.form import Form, Line, all_forms, get_form
from ingestion.forms.formula import parse_formula
from ingestion.settings import settings
from ingestion.steps.parse import read_entries
from ingestion.workbooks import styles
from ingestion.workbooks.known import Figure, PlanRow, hospital_name
from ingestion.workbooks.return_sheet import FIRST_ROW, depth
from ingestion.workbooks.template import entry_workbook

RETURNS = ("secondary_national_return", "tertiary_national_return")
LAYOUT_NOTES = {"label_differs", "unknown_line", "number_stored_as_text", "formula_without_value", "not_a_number"}


def known_of(form: Form, year: int, value: int = 40) -> list[Figure]:
    """A figure of ``year`` for every line that carries one."""
    return [
        Figure(None, line.line_code, None, line.label_zh, line.unit, year, Decimal(value))
        for line in form.lines.values()
        if line.carries_value
    ]


def test_a_workbook_has_the_name_of_today(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    register = tmp_path / "seeds" / "hospital.csv"
    register.parent.mkdir()
    register.write_text(
        "hospital_code,hospital_name_zh,level_code,valid_from,valid_to\n"
        "A,县医院,2A,,\nA,市医院,2A,2020-07-01,\nA,省医院,3A,2999-01-01,\n"
        "B,新医院,2A,2998-01-01,\nB,更新医院,2A,2999-01-01,\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("HIW_DBT_PROJECT_DIR", str(tmp_path))
    settings.cache_clear()
    try:
        assert [hospital_name(code) for code in ("A", "B", "C")] == ["市医院", "新医院", ""]
    finally:
        settings.cache_clear()


def year_column(sheet: Worksheet, title: str) -> int:
    titles = [cell.value for cell in sheet[FIRST_ROW - 1]]
    return titles.index(title) + 1


def fill(workbook: Workbook, form: Form, year: int) -> dict[str, float]:
    """Type a figure into every open cell of the year; returns them by line code."""
    sheet = workbook["医院"]
    column = year_column(sheet, f"{year}年")
    typed = {}
    for row, line in enumerate(form.lines.values(), FIRST_ROW):
        cell = sheet.cell(row, column)
        if line.carries_value and not cell.protection.locked:
            typed[line.line_code] = cell.value = 3 if line.value_type == "grade" else 10 + row
    return typed


def entries(path: Path, year: int, form: str) -> dict[str, Entry]:
    read = read_entries(path, path.name, year, None)
    assert read.form.name == form
    assert all(entry.period == str(year) for entry in read.entries)
    assert read.unread == ()  # nothing about its layout to complain of
    return {entry.line_code or entry.locator: entry for entry in read.entries}


def is_typed(line: Line) -> bool:
    return line.carries_value and not line.formula


@pytest.mark.parametrize("name", RETURNS)
@pytest.mark.parametrize("year", [2019, 2020, 2026])
def test_a_return_filled_in_is_read_line_by_line_without_a_remark(name: str, year: int, tmp_path: Path) -> None:
    form = get_form(name)
    workbook = entry_workbook(form, year, "A1", known_of(form, year - 1))
    typed = fill(workbook, form, year)
    assert typed.keys() == {line.line_code for line in form.lines.values() if is_typed(line)}
    workbook.save(tmp_path / "typed.xlsx")
    read = entries(calculate(tmp_path / "typed.xlsx", tmp_path / "sent.xlsx"), year, name)

    assert {code: float(read[code].value or 0) for code in typed} == typed
    assert read.keys() == {line.line_code for line in form.lines.values() if line.carries_value}
    assert not any(LAYOUT_NOTES & set(entry.notes) for entry in read.values())
    # The unit cell is the form's own, so that no unit is taken for another.
    assert {entry.unit_raw for entry in read.values()} == {
        line.unit or None for line in form.lines.values() if line.carries_value
    }


@pytest.mark.parametrize("name", RETURNS)
def test_a_return_that_no_program_computed_says_so_and_invents_nothing(name: str, tmp_path: Path) -> None:
    form = get_form(name)
    workbook = entry_workbook(form, 2020, "A1", known_of(form, 2019))
    typed = fill(workbook, form, 2020)
    workbook.save(tmp_path / "typed.xlsx")
    read = entries(tmp_path / "typed.xlsx", 2020, name)
    assert {code: float(read[code].value or 0) for code in typed} == typed
    computed = {line.line_code for line in form.lines.values() if line.formula}
    assert computed <= read.keys()
    assert all(read[code].value is None and "formula_without_value" in read[code].notes for code in computed)


@pytest.mark.parametrize("name", RETURNS)
def test_a_return_that_nobody_filled_in_holds_nothing(name: str, tmp_path: Path) -> None:
    form = get_form(name)
    entry_workbook(form, 2020, "A1", known_of(form, 2019)).save(tmp_path / "empty.xlsx")
    with pytest.raises(Problem) as refused:
        read_entries(calculate(tmp_path / "empty.xlsx", tmp_path / "sent.xlsx"), "sent.xlsx", 2020, name)
    assert refused.value.code == "empty-form"


@pytest.mark.parametrize("name", RETURNS)
def test_only_what_is_to_be_typed_is_open(name: str) -> None:
    form = get_form(name)
    sheet = entry_workbook(form, 2020, "A1", known_of(form, 2019))["医院"]
    titles = [cell.value for cell in sheet[FIRST_ROW - 1]]
    assert titles[-3:] == ["2020年", "2019年（已报）", "说明"]
    assert sheet.protection.sheet and not sheet.protection.password
    year, note = titles.index("2020年") + 1, len(titles)
    for row, line in enumerate(form.lines.values(), FIRST_ROW):
        is_open = {column for column in range(1, note + 1) if not sheet.cell(row, column).protection.locked}
        assert is_open == ({year, note} if is_typed(line) else {note}), line.line_code
        assert sheet.cell(row, year).data_type == ("f" if line.formula else "n")
    assert sheet.freeze_panes == sheet.cell(FIRST_ROW, year).coordinate


@pytest.mark.parametrize("name", RETURNS)
def test_what_is_computed_has_no_format(name: str) -> None:
    """In any but General, LibreOffice writes an empty result into xls as 0: a line left empty would state a figure."""
    form = get_form(name)
    sheet = entry_workbook(form, 2020, "A1", known_of(form, 2019))["医院"]
    computed = [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert {cell.number_format for cell in computed} == {"General"}


def test_a_growth_is_typed_where_last_year_is_not_known() -> None:
    form = get_form("secondary_national_return")
    known = [figure for figure in known_of(form, 2019) if figure.line_code != "20.1.1"]
    sheet = entry_workbook(form, 2020, "A1", known)["医院"]
    rows = {code: row for row, code in enumerate(form.lines, FIRST_ROW)}
    column = year_column(sheet, "2020年")
    unknown, other = sheet.cell(rows["20.1"], column), sheet.cell(rows["20.2"], column)
    assert (unknown.value, unknown.protection.locked) == (None, False)
    assert (other.data_type, other.protection.locked) == ("f", True)


@pytest.mark.parametrize("name", RETURNS)
def test_no_formula_goes_in_a_circle(name: str) -> None:
    lines = get_form(name).lines
    done: set[str] = set()

    def visit(code: str, above: tuple[str, ...]) -> None:
        assert code not in above, " -> ".join([*above, code])
        if code not in done and lines[code].formula:
            for term in parse_formula(lines[code].formula).terms:
                if term.year_offset == 0:
                    visit(term.line_code, (*above, code))
        done.add(code)

    for code in lines:
        visit(code, ())
    assert done == lines.keys()


def test_every_cell_is_checked_by_the_type_of_its_line() -> None:
    form = get_form("secondary_national_return")
    sheet = entry_workbook(form, 2020, "A1")["医院"]
    column = year_column(sheet, "2020年")
    rules = {
        sheet.cell(row, column).coordinate: line
        for row, line in enumerate(form.lines.values(), FIRST_ROW)
        if line.carries_value
    }
    found = {
        cell: (check.type, check.operator, check.formula1, check.formula2)
        for check in sheet.data_validations.dataValidation
        for part in check.sqref.ranges
        for (row, col) in part.cells
        for cell in [sheet.cell(row, col).coordinate]
    }
    assert found.keys() == rules.keys()
    by_code = {line.line_code: found[cell] for cell, line in rules.items()}
    assert by_code["1.1"] == ("whole", "greaterThanOrEqual", "0", None)
    assert by_code["1"] == ("decimal", "between", "0", "100")
    assert by_code["7.1"] == by_code["20.1"] == ("decimal", "between", "-1000000000000000", "1000000000000000")
    assert by_code["11"] == ("list", None, '"0,1,2,3,4,5,6,7,8"', None)
    assert by_code["23"][0] == "custom"


def test_lines_are_indented_by_their_place() -> None:
    secondary, tertiary = map(get_form, RETURNS)
    assert [depth(secondary.lines[code], secondary) for code in ("12", "12.1", "12.1.1")] == [0, 1, 2]
    assert [depth(tertiary.lines[code], tertiary) for code in ("1", "JX00101", "7.1", "JX00701")] == [0, 1, 1, 2]
    assert depth(tertiary.lines["JX0100102"], tertiary) == 2


def test_a_long_name_has_room_for_its_lines() -> None:
    form = get_form("secondary_national_return")
    sheet = entry_workbook(form, 2020, "H")["医院"]
    heights = {
        line.line_code: sheet.row_dimensions[row].height for row, line in enumerate(form.lines.values(), FIRST_ROW)
    }
    assert heights["12.1.2"] > 20
    assert heights["1"] is None
    # Programs indent a text only where it is said to stand on the left.
    assert {row[0].alignment.horizontal for row in sheet.iter_rows(FIRST_ROW)} == {"left"}


def test_three_earlier_years_at_most_and_always_the_year_before() -> None:
    form = get_form("secondary_national_return")
    known = [figure for year in (2018, 2017, 2016, 2015) for figure in known_of(form, year, year)]
    sheet = entry_workbook(form, 2020, "A1", known)["医院"]
    titles = [cell.value for cell in sheet[FIRST_ROW - 1]]
    assert titles[2:6] == ["2020年", "2019年（已报）", "2018年（已报）", "2017年（已报）"]
    assert [cell.value for cell in sheet[FIRST_ROW]][3:6] == [None, 2018, 2017]


def test_departments_keep_their_sheets_names_and_figures(tmp_path: Path) -> None:
    form = get_form("department_workbook")
    known = [
        Figure(None, None, "1", "出院人次", "人次", 2019, Decimal(900)),
        Figure("骨科", None, "1", "出院人次", "人次", 2019, Decimal(120)),
        Figure("骨科", None, "2", "平均住院日", "天", 2019, Decimal("8.5")),
        Figure("儿科", None, "1", "=cmd|' /C calc'!A1", "人次", 2019, Decimal(70)),
    ]
    workbook = entry_workbook(form, 2020, "A1", known)
    assert workbook.sheetnames == ["医院", "儿科", "骨科", "填表说明 Notes"]
    workbook["医院"]["D5"], workbook["骨科"]["D6"], workbook["儿科"]["D5"] = 950, 8.1, 75
    workbook["骨科"]["B7"], workbook["骨科"]["C7"], workbook["骨科"]["D7"] = "手术人次", "人次", 33
    workbook.save(tmp_path / "departments.xlsx")
    read = read_entries(tmp_path / "departments.xlsx", "departments.xlsx", 2020, None)
    assert read.form.name == "department_workbook"
    assert [(e.department_raw, e.label_raw, e.period, float(e.value or 0)) for e in read.entries] == [
        (None, "出院人次", "2020", 950),
        ("儿科", "'=cmd|' /C calc'!A1", "2020", 75),
        ("骨科", "平均住院日", "2020", 8.1),
        ("骨科", "手术人次", "2020", 33),
    ]
    assert not any(entry.notes for entry in read.entries)


def test_a_plan_keeps_the_rows_of_the_last_one_and_shows_its_targets(tmp_path: Path) -> None:
    form = get_form("plan_annex")
    last = [
        PlanRow("医疗质量", "四级手术占比", "%", "医务科", "≥20"),
        PlanRow("科研教学", "省级课题", "项", "科教科", "2~3"),
        PlanRow("科研教学", "专利", "项", "科教科", "5"),
    ]
    workbook = entry_workbook(form, 2021, "A1", plan=last)
    sheet = workbook["填报表"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4, max_row=8)]
    assert rows[0][3:5] == ["“十三五”末现状", "“十四五”规划目标"]
    assert rows[2] == [None, "四级手术占比", "%", None, None, "医务科", "≥20"]
    sheet["D6"], sheet["E6"], sheet["D8"], sheet["E8"] = 18.5, "≥25", 1, "3~4"
    for cell in sheet[9][1:6]:  # one that no longer applies, as the notes say
        cell.value = None
    workbook.save(tmp_path / "plan.xlsx")
    read = read_entries(tmp_path / "plan.xlsx", "plan.xlsx", 2021, None)
    assert read.form.name == "plan_annex"
    assert read.unread == ()
    assert [
        (e.section_raw, e.label_raw, e.department_raw, e.period, e.comparator, e.value, e.value_high, e.baseline_value)
        for e in read.entries
    ] == [
        ("医疗质量", "四级手术占比", "医务科", "2021-2025", ">=", 25, None, Decimal("18.5")),
        ("科研教学", "省级课题", "科教科", "2021-2025", "range", 3, 4, 1),
    ]


def test_the_plan_of_a_last_year_is_the_next_one() -> None:
    form = get_form("plan_annex")
    titles = {year: entry_workbook(form, year, "A1")["填报表"]["E4"].value for year in (2020, 2024, 2025)}
    assert titles == {2020: "“十四五”规划目标", 2024: "“十四五”规划目标", 2025: "“十五五”规划目标"}


def test_a_tidy_table_is_read_as_one(tmp_path: Path) -> None:
    workbook = entry_workbook(get_form("tidy_csv"), 2020, "A1")
    sheet = workbook["填报表"]
    for column, value in enumerate(["EJ001", "出院患者手术占比", "骨科", 2020, 32.47, "%"], 1):
        sheet.cell(FIRST_ROW, column).value = value
    workbook.save(tmp_path / "tidy.xlsx")
    read = read_entries(tmp_path / "tidy.xlsx", "tidy.xlsx", 2020, None)
    (entry,) = read.entries
    assert (read.form.name, read.unread) == ("tidy_csv", ())
    assert (entry.row_raw, entry.label_raw, entry.department_raw) == ("EJ001", "出院患者手术占比", "骨科")
    assert (entry.period, entry.value, entry.unit, entry.notes) == ("2020", Decimal("32.47"), "%", ())


def test_every_form_has_a_workbook_or_says_why_not() -> None:
    for form in all_forms().values():
        if form.layout in {"lines_by_year", "plan_table", "tidy_table"}:
            assert "填表说明 Notes" in entry_workbook(form, 2020, "A1").sheetnames
        else:
            with pytest.raises(Problem, match="filled in as a table"):
                entry_workbook(form, 2020, "A1")


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", ' =HYPERLINK("x")', "＝1+1"])
def test_text_never_becomes_a_formula(text: str, tmp_path: Path) -> None:
    workbook = Workbook()
    styles.put(workbook.worksheets[0]["A1"], text)
    workbook.save(tmp_path / "text.xlsx")
    cell = load_workbook(tmp_path / "text.xlsx").worksheets[0]["A1"]
    assert (cell.data_type, cell.value) == ("s", f"'{text}")


@pytest.mark.parametrize("text", ["%", "--", "/", "—", "-", "平均住院日", "#N/A"])
def test_text_that_runs_nothing_stays_what_it_is(text: str, tmp_path: Path) -> None:
    workbook = Workbook()
    styles.put(workbook.worksheets[0]["A1"], text)
    workbook.save(tmp_path / "text.xlsx")
    cell = load_workbook(tmp_path / "text.xlsx").worksheets[0]["A1"]
    assert (cell.data_type, cell.value) == ("s", text)


def test_what_a_workbook_cannot_hold_is_left_out(tmp_path: Path) -> None:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    for row, value in enumerate(["a\x00b\x0bc", float("nan"), Decimal("Infinity"), "长" * 40_000], 1):
        styles.put(sheet.cell(row, 1), value)
    workbook.save(tmp_path / "odd.xlsx")
    read = [row[0].value for row in load_workbook(tmp_path / "odd.xlsx").worksheets[0].iter_rows()]
    assert read[:3] == ["abc", "nan", "Infinity"]
    assert len(read[3]) == 32_767


def test_titles_of_sheets_are_allowed_and_told_apart() -> None:
    workbook = Workbook()
    workbook.worksheets[0].title = "内科"
    titles = [styles.sheet_title(workbook, wanted) for wanted in ("内科", "a/b:c*[d]?", "长" * 60, "''", "\x07")]
    assert titles == ["内科 (2)", "a_b_c__d__", "长" * 31, "Sheet", "Sheet"]


def test_a_name_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem) as refused:
        styles.save(Workbook(), tmp_path / "return.csv")
    assert refused.value.code == "not-an-xlsx-name"
    assert not (tmp_path / "return.csv").exists()
