"""What a resubmission would change, before it is accepted: every value that the star would show otherwise."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import psycopg
import pytest
from fixtures.return_variants import Sheets
from test_gate import clean_figures, write_return

from ingestion.diff import diff
from ingestion.names import decide
from ingestion.pipeline import ingest_file
from ingestion.steps.gate import gate
from ingestion.submissions import withdraw

pytestmark = pytest.mark.integration

YEAR = 2033


def submit(path: Path, hospital: str, year: int = YEAR, kind: str = "full", form: str | None = None) -> str:
    outcome = ingest_file(
        path, hospital_code=hospital, reporting_year=year, form=form, revision_kind=kind, run_id="diff"
    )
    assert outcome.status == "parsed", outcome.line()
    assert outcome.submission_id
    return outcome.submission_id


def changes(connection: psycopg.Connection, submission_id: str) -> set[tuple[str | None, ...]]:
    return {(c.change, c.label, c.period, *c.shown()) for c in diff(connection, submission_id)}


def test_a_unit_a_word_and_a_name_are_compared_as_the_star_reads_them(
    warehouse: psycopg.Connection, tmp_path: Path
) -> None:
    def table(name: str, *rows: str) -> Path:
        (tmp_path / name).write_text("\n".join(["科室,指标,年度,数值,单位", *rows]), encoding="utf-8")
        return tmp_path / name

    submit(
        table("1.csv", ",药品收入,2033,120,万元", ",等级评审,2033,已通过,", "心内科,床位,2033,40,张",
              ",满意度,2033,95,%", ",护士,2033,300,人", ",医师,2033,200,人"), "D1",
    )  # fmt: skip
    gate(YEAR, run_id="diff")
    decide(warehouse, "department", "心内科", "心血管内科", scope="D1", reason="同一科室", decided_by="统计科 王五")
    warehouse.commit()
    second = submit(
        table("2.csv", ",药品收入,2033,120,元", ",等级评审,2033,未通过,", "心血管内科,床位,2033,40,张",
              ",满意度,2033,95.0,%", ",护士,2033,310,人", ",出院人数,2033,9,人"), "D1",
    )  # fmt: skip
    expected = {
        ("changed", "药品收入", "2033", "120 (unit 万元)", "120 (unit 元)"),
        ("changed", "等级评审", "2033", "已通过", "未通过"),
        ("changed", "护士", "2033", "300", "310"),
        ("added", "出院人数", "2033", None, "9"),
        ("removed", "医师", "2033", "200", None),
    }
    assert changes(warehouse, second) == expected
    gate(YEAR, run_id="diff")
    assert changes(warehouse, second) == expected, "the same once it is accepted"
    patch = submit(table("3.csv", ",护士,2033,--,人", ",满意度,2033,96,%"), "D1", kind="patch", form="tidy_csv")
    assert changes(warehouse, patch) == {
        ("removed", "护士", "2033", "310", "--"), ("changed", "满意度", "2033", "95.0", "96"),
    }  # fmt: skip


def test_a_target_that_is_no_number_changes_too(warehouse: psycopg.Connection, tmp_path: Path) -> None:
    def plan(name: str, *targets: tuple[str, str, str, str]) -> Path:
        rows = [["序号", "指标", "单位", "2032年现状", "2037年目标值", "责任部门"]]
        same = ("丁率", "5", "7", "医务部")
        rows += [[str(n), label, "%", *cells] for n, (label, *cells) in enumerate((*targets, same), 1)]
        return Sheets({"附表": rows}).save(tmp_path / name)

    rate, share, score = (
        ("甲率", "10", "逐步提高", "医务部"),
        ("乙率", "20", "≥30", "护理部"),
        ("丙率", "3", "4", "质控办"),
    )
    submit(plan("1.xlsx", rate, share, score), "D2")
    gate(YEAR, run_id="diff")
    rate, share, score = (
        ("甲率", "10", "逐步降低", "医务部"),
        ("乙率", "25", "≤30", "护理部"),
        ("丙率", "3", "4", "医务部"),
    )
    second = submit(plan("2.xlsx", rate, share, score), "D2")
    found = {c.label: (c.change, set(c.fields)) for c in diff(warehouse, second)}
    assert found.keys() == {"甲率", "乙率", "丙率"}
    assert found["甲率"][1] >= {"text", "direction"}
    assert found["乙率"][1] >= {"comparator", "baseline"}
    assert found["丙率"] == ("changed", {"department"})


def test_the_year_before_is_compared_with_the_return_of_that_year(
    warehouse: psycopg.Connection, tmp_path: Path
) -> None:
    figures = clean_figures(YEAR)
    submit(write_return(tmp_path / "1.xlsx", figures), "D3", YEAR - 1)
    gate(YEAR - 1, run_id="diff")
    restated = submit(write_return(tmp_path / "2.xlsx", figures | {("1.1", YEAR - 1): 7}), "D3", YEAR)
    (change,) = diff(warehouse, restated)
    assert (change.line_code, change.period, change.new_raw) == ("1.1", str(YEAR - 1), "7")
    assert change.old_submission == f"D3-{YEAR - 1}-secondary_national_return-r1"


def test_a_figure_in_another_unit_is_shown_with_it(warehouse: psycopg.Connection, tmp_path: Path) -> None:
    figures = clean_figures(YEAR)
    submit(write_return(tmp_path / "1.xlsx", figures), "D9")
    gate(YEAR, run_id="diff")
    book = openpyxl.load_workbook(write_return(tmp_path / "2.xlsx", figures))
    row = next(row for row in book.worksheets[0].iter_rows() if any(cell.value == "元" for cell in row))
    for cell in row:
        cell.value = "万元" if cell.value == "元" else cell.value
    book.save(tmp_path / "2.xlsx")
    second = submit(tmp_path / "2.xlsx", "D9")
    found = diff(warehouse, second)
    assert found
    for change in found:
        assert change.new and change.old
        assert change.new["value"] == 10_000 * change.old["value"]
        assert change.shown() == (f"{change.old_raw} (unit 元)", f"{change.new_raw} (unit 万元)")


def test_what_was_taken_back_is_not_compared_with(warehouse: psycopg.Connection, tmp_path: Path) -> None:
    figures = {key: value for key, value in clean_figures(YEAR).items() if key[1] == YEAR}
    submit(write_return(tmp_path / "1.xlsx", figures), "D4")
    gate(YEAR, run_id="diff")
    second = submit(write_return(tmp_path / "2.xlsx", figures | {("1.1", YEAR): 7}), "D4")
    gate(YEAR, run_id="diff")
    withdraw(warehouse, second, reason="报错", decided_by="信息科 赵六", run_id="diff")
    warehouse.commit()
    third = submit(write_return(tmp_path / "3.xlsx", figures | {("1.1", YEAR): 8}), "D4")
    assert {c.change for c in diff(warehouse, third)} == {"added"}, "nothing stands that it could change"
