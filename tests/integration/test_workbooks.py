"""Entry workbooks against the warehouse, and the answer to a submission: written, opened, mended, sent back."""

from __future__ import annotations

import re
import runpy
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from openpyxl import Workbook, load_workbook

from ingestion.errors import Problem
from ingestion.forms.form import get_form
from ingestion.pipeline import find_inbox, ingest_file
from ingestion.review import one_finding, waive
from ingestion.settings import REPOSITORY, settings
from ingestion.steps.gate import gate
from ingestion.steps.report import publish
from ingestion.steps.report_files import write_files
from ingestion.workbooks.feedback import FINDINGS_TITLE, write_feedback
from ingestion.workbooks.return_sheet import FIRST_ROW
from ingestion.workbooks.template import write_template

pytestmark = pytest.mark.integration

FORM = "secondary_national_return"
FAULTY = f"H15004-2020-{FORM}-r1"
calculate = runpy.run_path(str(REPOSITORY / "tests" / "unit" / "workbooks" / "calculated.py"))["calculate"]


@pytest.fixture(scope="module", autouse=True)
def samples(environment: dict[str, str]) -> None:
    """The sample year, taken in and validated."""
    for file in find_inbox(REPOSITORY / "samples" / "inbox", 2020):
        ingest_file(file.path, hospital_code=file.hospital_code, reporting_year=file.reporting_year, run_id="t")
    gate(2020, run_id="t")


def stated(connection: psycopg.Connection, submission_id: str, year: int) -> dict[str, Decimal | None]:
    """Figures of one year of a submission by line."""
    rows = connection.execute(
        "select line_code, value from raw.entry where submission_id = %s and period = %s", [submission_id, str(year)]
    ).fetchall()
    return dict(rows)


def list_of(path: Path) -> list[dict[str, object]]:
    """The list of findings, by its titles."""
    rows = list(load_workbook(path)[FINDINGS_TITLE].iter_rows(values_only=True))
    head = next(number for number, row in enumerate(rows) if row[0] == "编码 Code")
    return [dict(zip(map(str, rows[head]), row, strict=True)) for row in rows[head + 1 :]]


def test_a_template_shows_last_year_and_comes_back_clean(warehouse: psycopg.Connection, tmp_path: Path) -> None:
    last = stated(warehouse, f"H15002-2020-{FORM}-r1", 2020)
    path = write_template(FORM, reporting_year=2021, hospital_code="H15002", path=tmp_path / "H15002.xlsx")
    workbook = load_workbook(path)
    sheet = workbook["医院"]
    titles = [cell.value for cell in sheet[FIRST_ROW - 1]]
    assert titles[2:6] == ["2021年", "2020年（已报）", "2019年（已报）", "2018年（已报）"]
    typed = {}
    for row, line in enumerate(get_form(FORM).lines.values(), FIRST_ROW):
        grey = sheet.cell(row, 4).value
        assert grey == pytest.approx(float(last[line.line_code] or 0)) if line.line_code in last else grey is None
        if line.carries_value and not line.formula and line.line_code in last:
            typed[line.line_code] = sheet.cell(row, 3).value = grey
    workbook.save(path)
    assert len(typed) > 80

    sent = calculate(path, tmp_path / "sent.xlsx")
    outcome = ingest_file(sent, hospital_code="H15002", reporting_year=2021, run_id="t")
    assert (outcome.status, outcome.form) == ("parsed", FORM)
    years = warehouse.execute(
        "select distinct period from raw.entry where submission_id = %s", [outcome.submission_id]
    ).fetchall()
    assert years == [("2021",)]
    now = stated(warehouse, str(outcome.submission_id), 2021)
    assert {code: float(now[code] or 0) for code in typed} == pytest.approx(typed)
    growths = {line.line_code for line in get_form(FORM).lines.values() if line.formula.startswith("growth")}
    assert {now[code] for code in growths} == {Decimal(0)}
    others = now.keys() - growths
    assert last.keys() <= now.keys()
    assert {code: float(now[code] or 0) for code in others} == pytest.approx(
        {code: float(last[code] or 0) for code in others}, abs=0.0051
    )
    noted = warehouse.execute(
        "select count(*) from raw.entry where submission_id = %s and notes <> '{}'", [outcome.submission_id]
    ).fetchone()
    assert noted == (0,)
    gate(2021, run_id="t")
    failed = warehouse.execute(
        "select rule_id, line_code from audit.validation_result where submission_id = %s", [outcome.submission_id]
    ).fetchall()
    assert failed == []


def test_a_quarantined_figure_is_not_shown_as_known(tmp_path: Path) -> None:
    path = write_template(FORM, reporting_year=2021, hospital_code="H15004", path=tmp_path / "H15004.xlsx")
    sheet = load_workbook(path)["医院"]
    rows = {code: row for row, code in enumerate(get_form(FORM).lines, FIRST_ROW)}
    assert sheet.cell(rows["16"], 4).value is None, "138.5 % was quarantined"
    assert sheet.cell(rows["7.1"], 4).value is None, "a text was quarantined"
    assert sheet.cell(rows["7.2"], 4).value, "a figure beside them was not"


def test_a_hospital_nobody_knows_gets_an_empty_template(tmp_path: Path) -> None:
    path = write_template(FORM, reporting_year=2020, hospital_code="NEW1", path=tmp_path / "new" / "NEW1.xlsx")
    sheet = load_workbook(path)["医院"]
    assert "NEW1" in sheet["A2"].value
    assert {sheet.cell(row, 4).value for row in range(FIRST_ROW, sheet.max_row + 1)} == {None}
    with pytest.raises(Problem, match="a code of ASCII letters"):
        write_template(FORM, reporting_year=2020, hospital_code="=NEW1", path=tmp_path / "other.xlsx")
    with pytest.raises(Problem, match="a file that is there already"):
        write_template(FORM, reporting_year=2020, hospital_code="NEW1", path=path)


def test_the_rows_of_the_last_plan_come_back(warehouse: psycopg.Connection, tmp_path: Path) -> None:
    path = write_template("plan_annex", reporting_year=2025, hospital_code="H15003", path=tmp_path / "plan.xlsx")
    workbook = load_workbook(path)
    sheet = workbook["填报表"]
    for row in range(FIRST_ROW, sheet.max_row + 1):
        if sheet.cell(row, 7).value:
            sheet.cell(row, 5).value = sheet.cell(row, 7).value
    workbook.save(path)
    outcome = ingest_file(path, hospital_code="H15003", reporting_year=2025, run_id="t")
    assert (outcome.status, outcome.form) == ("parsed", "plan_annex")
    columns = "section_raw, label_raw, unit_raw, department_raw, value_raw, value, value_high, comparator"
    old, new = (
        warehouse.execute(
            f"select {columns} from raw.entry where submission_id = %s order by ordinal", [submission]
        ).fetchall()
        for submission in ("H15003-2020-plan_annex-r1", outcome.submission_id)
    )
    assert new == old and len(new) == 16
    periods = warehouse.execute(
        "select distinct period from raw.entry where submission_id = %s", [outcome.submission_id]
    ).fetchall()
    assert periods == [("2026-2030",)]


def test_the_answer_marks_every_wrong_cell_and_lists_it(warehouse: psycopg.Connection, tmp_path: Path) -> None:
    path = write_feedback(FAULTY, tmp_path / "answer.xlsx")
    workbook = load_workbook(path)
    assert workbook.sheetnames == [FINDINGS_TITLE, "医院"]
    expected = warehouse.execute(
        "select line_code, locator, rule_id from audit.validation_result where submission_id = %s", [FAULTY]
    ).fetchall()
    listed = list_of(path)
    assert sorted((row["编码 Code"], row["单元格 Cell"], row["规则 Rule"]) for row in listed) == sorted(expected)
    percent = next(row for row in listed if row["规则 Rule"] == "percent-impossible")
    assert (percent["编码 Code"], percent["填报值 Stated"], percent["期间 Period"]) == ("16", 138.5, "2020")
    assert percent["处理 Disposition"] == "隔离 quarantined"

    sheet, findings = workbook["医院"], workbook[FINDINGS_TITLE]
    links = {
        cell.hyperlink.location
        for row in findings.iter_rows()
        for cell in row
        if cell.hyperlink and not cell.hyperlink.target
    }
    assert links == {f"'医院'!{locator.split('!')[1]}" for _, locator, _ in expected}
    marked = {cell.coordinate: cell for row in sheet.iter_rows() for cell in row if cell.comment}
    assert marked.keys() == {locator.split("!")[1] for _, locator, _ in expected}
    wrong = marked["D49"]
    assert wrong.value == 138.5 and wrong.fill.fgColor.rgb.endswith("E69F00")
    for part in ("■", "138.5", "39.93", "占比超出", "percent"):
        assert part in wrong.comment.text
    summary = {row[0]: row[2] for row in findings.iter_rows(max_row=11, values_only=True)}
    counts = warehouse.execute(
        "select count(*), count(*) filter (where disposition <> 'quarantined'),"
        " count(*) filter (where disposition = 'quarantined') from audit.entry_disposition where submission_id = %s",
        [FAULTY],
    ).fetchone()
    assert counts == (
        summary["读取 Parsed"],
        summary["接受（含有提示） Accepted, flagged included"],
        summary["隔离 Quarantined"],
    )
    with zipfile.ZipFile(path) as archive:
        relations = b"".join(archive.read(name) for name in archive.namelist() if name.endswith(".rels"))
    assert b"External" not in relations


def test_a_mended_answer_is_a_resubmission(warehouse: psycopg.Connection, tmp_path: Path) -> None:
    path = write_feedback(FAULTY, tmp_path / "answer.xlsx")
    workbook = load_workbook(path)
    workbook["医院"]["D49"] = 39.93
    workbook.save(path)
    outcome = ingest_file(path, hospital_code="A9", reporting_year=2020, run_id="t")
    assert (outcome.status, outcome.form) == ("parsed", FORM)
    compared = "locator, line_code, period, value, unit_raw, notes"
    before, after = (
        {row[0]: row for row in warehouse.execute(f"select {compared} from raw.entry where submission_id = %s", [s])}
        for s in (FAULTY, outcome.submission_id)
    )
    assert {key for key in before if before[key] != after.get(key)} == {"医院!D49"}
    assert before.keys() == after.keys()


def test_the_answer_to_a_text_lists_findings_with_their_words(warehouse: psycopg.Connection, tmp_path: Path) -> None:
    annex = tmp_path / "annex.txt"
    annex.write_text(
        "规划指标\t单位\t“十三五”末现状\t“十四五”规划目标\t责任部门\n"
        "四级手术占比\t%\t18\t≥20\t医务科\n"
        "省级课题\t项\t1\t5~2\t科教科\n",
        encoding="utf-8",
    )
    outcome = ingest_file(annex, hospital_code="T1", reporting_year=2022, run_id="t")
    gate(2022, run_id="t")
    path = write_feedback(str(outcome.submission_id), tmp_path / "answer.xlsx")
    assert load_workbook(path).sheetnames == [FINDINGS_TITLE]
    (found,) = [row for row in list_of(path) if row["规则 Rule"] == "target-range-reversed"]
    assert str(found["单元格 Cell"]).startswith("chars ")
    assert found["原文 Quote"] == "省级课题\t项\t1\t5~2\t科教科"


def test_the_answer_to_an_unreadable_file_says_why(tmp_path: Path) -> None:
    path = write_feedback("H15005-2020-unrecognised-r1", tmp_path / "answer.xlsx")
    words = " ".join(str(cell) for row in load_workbook(path)[FINDINGS_TITLE].values for cell in row if cell)
    assert "无法读取 unreadable" in words and "not-a-workbook" in words and "另存为 .xlsx 后重新报送" in words


def test_hostile_text_comes_back_as_text(tmp_path: Path) -> None:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "外科"
    for row, values in enumerate(
        [["数据名", "单位", "2020年"], ["=cmd|' /C calc'!A1", "人", 5], ["@x", "+1+1", "=1+1"]], 1
    ):
        for column, value in enumerate(values, 1):
            cell = sheet.cell(row, column, value)
            cell.data_type = "s" if isinstance(value, str) else "n"
    workbook.save(tmp_path / "hostile.xlsx")
    outcome = ingest_file(tmp_path / "hostile.xlsx", hospital_code="T2", reporting_year=2023, run_id="t")
    gate(2023, run_id="t")
    path = write_feedback(str(outcome.submission_id), tmp_path / "answer.xlsx")
    cells = [cell for sheet in load_workbook(path) for row in sheet.iter_rows() for cell in row if cell.value]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    assert not [cell.value for cell in cells if isinstance(cell.value, str) and cell.value[0] in "=+@"]
    assert load_workbook(path)["外科"]["A2"].value == "'=cmd|' /C calc'!A1"


def test_an_unknown_submission_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(Problem) as refused:
        write_feedback("H15001-1999-nothing-r1", tmp_path / "answer.xlsx")
    assert refused.value.code == "unknown-submission"


def test_a_year_is_answered_whole_and_only_what_changed_is_written_again(warehouse: psycopg.Connection) -> None:
    sent = warehouse.execute("select hospital_code from audit.submission where reporting_year = 2020")
    hospitals = {row[0] for row in sent}
    folder = settings().reports_dir / "2020"
    written = {path.relative_to(folder).as_posix() for path in write_files(warehouse, 2020)}
    assert {name.split("/")[0] for name in written if name.endswith("report.html")} == hospitals
    assert f"H15004/{FAULTY}.xlsx" in written and "H15005/H15005-2020-unrecognised-r1.xlsx" in written
    assert write_files(warehouse, 2020) == []
    page = (folder / "H15004" / "report.html").read_text(encoding="utf-8")
    assert "占比超出" in page and "138.5" in page and "没有。 None." in page
    for (code,) in warehouse.execute(
        "select distinct hospital_code from audit.rule_outcome join audit.submission using (submission_id)"
        " where reporting_year = 2020"
    ):
        assert "gate run G2020-" in (folder / code / "report.html").read_text(encoding="utf-8"), code
    listed = (folder / "hospitals.html").read_text(encoding="utf-8")
    assert f'href="H15004/{FAULTY}.xlsx"' in listed

    finding = one_finding(warehouse, hospital_code="H15004", rule_id="percent-impossible", reporting_year=2020)
    waive(
        warehouse, finding, reason="<b>底稿7</b>", decided_by="李明", expires_on=date(2099, 12, 31), today=date.today()
    )
    again = {path.relative_to(folder).as_posix() for path in write_files(warehouse, 2020)}
    assert again == {"H15004/report.html", f"H15004/{FAULTY}.xlsx"}
    page = (folder / "H15004" / "report.html").read_text(encoding="utf-8")
    assert "豁免至 2099-12-31" in page and "&lt;b&gt;底稿7&lt;/b&gt;" in page, "words of people are shown, not run"
    assert not re.search(r"""(src|href|url)\s*[=(]\s*["']?(https?:)?//""", page), "nothing is fetched"
    (row,) = [row for row in list_of(folder / "H15004" / f"{FAULTY}.xlsx") if row["规则 Rule"] == "percent-impossible"]
    assert "2099-12-31" in str(row["核实或豁免 Decision"]) and "李明" in str(row["核实或豁免 Decision"])


def test_a_hospital_without_anything_has_no_report(warehouse: psycopg.Connection) -> None:
    with pytest.raises(Problem, match="nothing-to-report"):
        write_files(warehouse, 2020, "NOBODY")


def test_every_link_of_the_published_pages_leads_somewhere(warehouse: psycopg.Connection) -> None:
    outcome = publish(2020, run_id="links")
    front = settings().reports_dir / "index.html"
    assert outcome.pages["all years"] == str(front)
    assert any(problem.startswith("2020/H15005/return.xlsx: ") for problem in outcome.problems)
    year = front.with_name("2020")
    for page in (front, year / "index.html", year / "hospitals.html"):
        links = re.findall(r'href="([^"]+)"', page.read_text(encoding="utf-8"))
        assert links
        assert [link for link in links if not (page.parent / link).exists()] == [], page
