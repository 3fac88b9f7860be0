"""The entry workbook of a form for a hospital and year: what ``hiw template`` writes, and what comes back filled in.

Only the column of the reporting year is recognised when it comes back. Earlier figures stand beside it under a title
that no reader takes for a year, so that a return never restates by accident what was accepted before.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from ingestion.errors import Problem
from ingestion.forms.entry_workbook import NOTES_SHEET
from ingestion.forms.form import Form, get_form
from ingestion.steps.land import check_hospital_code
from ingestion.store import database
from ingestion.workbooks import known, open_sheets, return_sheet, styles
from ingestion.workbooks.known import Figure, PlanRow

_MOST_EARLIER_YEARS = 3
_NOTES = Path(__file__).with_name("notes.yml")
_HINT = "白色填写，浅蓝自动计算，灰色为已报数据 · Type into white, pale blue is computed, grey was reported"


def write_template(form_name: str, *, reporting_year: int, hospital_code: str, path: Path) -> Path:
    """Write the entry workbook of a form to ``path`` (.xlsx) and return it.

    Earlier figures, departments and the last plan come from what the warehouse holds as accepted. Raises Problem for
    an unknown form, one that is not filled in as a table, what is no code of a hospital, a ``path`` that does not end
    in .xlsx, or one that is there already: it may be filled in.
    """
    form = get_form(form_name)
    check_hospital_code(hospital_code, "--hospital")
    if path.exists():
        raise Problem(
            code="file-exists",
            where=str(path),
            read="a file that is there already",
            expected="a new one: an entry workbook may be filled in",
            remedy="Name another file, or move that one away.",
        )
    is_plan = _kind(form) == "plan"
    with database.connect() as connection:
        figures = known.figures(connection, form.name, hospital_code, reporting_year)
        plan = known.plan_rows(connection, form.name, hospital_code, reporting_year) if is_plan else []
    return styles.save(entry_workbook(form, reporting_year, hospital_code, figures, plan), path)


def entry_workbook(
    form: Form,
    reporting_year: int,
    hospital_code: str,
    figures: Sequence[Figure] = (),
    plan: Sequence[PlanRow] = (),
) -> Workbook:
    """The workbook itself, from the figures of earlier years and the rows of the last plan that are to stand in it."""
    kind = _kind(form)
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    earlier = known.years_of(figures, reporting_year, _MOST_EARLIER_YEARS)
    if kind == "department":
        for sheet, of_sheet in open_sheets.departments(workbook, form, figures):
            open_sheets.fill_department(sheet, form, reporting_year, of_sheet, earlier)
    elif kind == "return":
        return_sheet.fill(workbook.create_sheet("医院"), form, reporting_year, figures, earlier)
    elif kind == "plan":
        open_sheets.fill_plan(workbook.create_sheet("填报表"), form, reporting_year, plan)
    else:
        open_sheets.fill_tidy(workbook.create_sheet("填报表"), form, reporting_year)
    for sheet in workbook.worksheets:
        _head(sheet, form, reporting_year, hospital_code)
    _notes(workbook, kind)
    workbook.properties.title = f"{form.title_zh} {hospital_code} {reporting_year}"
    workbook.properties.creator = "Hospital Indicator Warehouse"
    # The formulas carry no figures yet: the program that opens the workbook computes them.
    workbook.calculation.fullCalcOnLoad = True
    return workbook


def _kind(form: Form) -> str:
    if form.layout == "lines_by_year":
        return "return" if form.lines else "department"
    kinds = {"plan_table": "plan", "tidy_table": "tidy"}
    if form.layout not in kinds:
        raise Problem(
            code="no-entry-workbook",
            where=form.name,
            read=f"a form laid out as {form.layout}",
            expected="a form that is filled in as a table",
            remedy="Send this form as a document.",
        )
    return kinds[form.layout]


def _head(sheet: Worksheet, form: Form, reporting_year: int, hospital_code: str) -> None:
    """Title, hospital and year, and a hint, in the three rows above the header."""
    hospital = f"{hospital_code} {known.hospital_name(hospital_code)}".strip()
    styles.put_row(sheet, 1, [f"{form.title_zh} {form.title_en}"], styles.TITLE)
    whose = f"填报单位 Hospital: {hospital}    填报年度 Reporting year: {reporting_year}"
    styles.put_row(sheet, 2, [whose], styles.BOLD)
    styles.put_row(sheet, 3, [_HINT], styles.GREY)


def _notes(workbook: Workbook, kind: str) -> None:
    sheet = workbook.create_sheet(NOTES_SHEET)
    notes = yaml.safe_load(_NOTES.read_text(encoding="utf-8"))
    styles.put_row(sheet, 1, ["填表说明", "How to fill in"], styles.BOLD)
    for row, note in enumerate([*notes["common"], *notes[kind]], 2):
        styles.put_row(sheet, row, [note["zh"], note["en"]])
        for column in (1, 2):
            styles.at(sheet, row, column).alignment = styles.WRAPPED
    styles.widths(sheet, [60, 70])
    styles.protect(sheet)
    styles.printed(sheet, landscape=True)
