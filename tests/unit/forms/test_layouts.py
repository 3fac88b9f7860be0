"""Layouts read the tables that hospitals send, whatever surrounds them."""

from __future__ import annotations

import gc
import json
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from ingestion.entries import Entry
from ingestion.errors import Problem
from ingestion.steps.parse import read_entries


def workbook(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def read(path: Path, year: int = 2020, form: str | None = None) -> tuple[str, list[Entry]]:
    parsed = read_entries(path, path.name, year, form)
    return parsed.form.name, parsed.entries


RETURN = [
    ["1.出院患者手术占比▲", "%", 32.47, 28.96],
    ["1.1.出院患者手术人数", "人", 12158, 11328],
    ["1.2.同期出院患者人数", "人", "37,445", 39113],
    *[[f"17.2.{n}.收入", "元", n, n] for n in range(1, 12)],
    ["2.出院患者微创手术占比▲", "%", 21.59, None],
    ["2.1.出院患者微创手术人数", "人", 2625, "--"],
    ["2.2.同期出院患者手术人数", "人", 12158, 11328],
    ["3.出院患者三级手术占比▲", "%", 29.6, 23.97],
    ["3.1.出院患者三级手术人数", "人", 3599, 2715],
    ["3.2.同期出院患者手术人数", "人", 12158, 11328],
    ["4.手术患者并发症发生率▲", "%", 0.15, 0.34],
    ["4.1.手术患者并发症发生人数", "人", 14, 32],
    ["4.2.同期出院患者手术人数（择期）", "人", 9454, 9477],
    ["5.低风险组病例死亡率▲", "%", 2.94, None],
    ["5.1.低风险组死亡例数", "人", 1, None],
    ["5.2.低风险组病例数", "人", 34, None],
    ["6.抗菌药物使用强度（DDDs）▲", "DDDS", 33.0, 40.03],
    ["6.1.住院患者抗菌药物消耗量（累计DDD数）", "DDD", 96189, 116718.1],
    ["6.2.同期收治患者人天数（出院者占用总床日数）", "床日", 272818, 291550],
    ["7.基本药物采购金额占比", "%", 54.57, 56.79],
    ["7.1.医院采购基本药物金额数", "元", 57095585, 56975334],
    ["9.9.本省自加的一行", "元", 7, 8],
]


def test_a_file_that_was_read_is_freed_at_once(tmp_path: Path) -> None:
    """Nothing waits for the garbage collector: no table refers to what refers to it."""
    path = workbook(tmp_path / "r.xlsx", {"填报表": [["指标名称", "单位", "2020年", "2019年"], *RETURN]})
    read(path)
    gc.collect()
    gc.disable()
    try:
        read(path)
        assert gc.collect() < len(RETURN)
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("years", "above"),
    [
        (["2020年", "2019年"], []),
        (["Y2020", "Y2019"], [["某县医院绩效考核填报表"], []]),
        (["2020年度", "2019年度"], [["某县医院"], ["填报人：张三"], [None, None]]),
        ([2020, 2019], [["封面"]]),
    ],
)
def test_return_is_found_below_titles_whatever_its_year_headers(
    tmp_path: Path, years: list[object], above: list[list[object]]
) -> None:
    path = workbook(tmp_path / "r.xlsx", {"说明": [["x"]], "填报表": [*above, ["指标名称", "单位", *years], *RETURN]})
    form, entries = read(path)
    assert form == "secondary_national_return"
    found = {(e.line_code, e.period): e for e in entries}
    assert found["1", "2020"].value == Decimal("32.47")
    assert found["1", "2020"].locator == f"填报表!C{len(above) + 2}"
    assert found["1.2", "2020"].value == 37445
    assert "number_stored_as_text" in found["1.2", "2020"].notes
    assert ("2.1", "2019") not in found, "a marker for none is no figure"


def test_unknown_line_is_kept_and_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "r.xlsx", {"表": [["指标名称", "单位", "2020年"], *[row[:3] for row in RETURN]]})
    unknown = [e for e in read(path)[1] if e.line_code is None]
    assert [(e.label_raw, e.value_raw, e.notes) for e in unknown] == [("9.9.本省自加的一行", "7", ("unknown_line",))]


def test_label_without_code_is_the_next_line_of_that_name(tmp_path: Path) -> None:
    rows = [[str(row[0]).split(".")[-1], *row[1:3]] for row in RETURN]
    path = workbook(tmp_path / "r.xlsx", {"表": [["指标名称", "单位", "2020年"], *rows]})
    codes = [e.line_code for e in read(path)[1] if e.label_raw == "同期出院患者手术人数"]
    assert codes == ["2.2", "3.2"]


def test_department_workbook_has_one_department_a_sheet(tmp_path: Path) -> None:
    header = ["ID", "数据名", "单位", "Y2018", "Y2019"]
    rows = [header, ["01", "编制床位", "(张)", 40, "无"], ["02", "占比", "(%)", 0.5, 1]]
    path = workbook(tmp_path / "d.xlsx", {"医院": rows, "心内科": rows, "骨科": rows})
    form, entries = read(path, 2019)
    assert form == "department_workbook"
    assert {e.department_raw for e in entries} == {None, "心内科", "骨科"}
    assert len(entries) == 9
    assert entries[0].unit == "张"


@pytest.mark.parametrize(
    "titles",
    [
        [["2020年(万元)", "2019年（人次）"]],
        [["2020年", "2019年"], ["万元", "（人次）"]],
        [["Y2020/万元", "2019年实际值 人次"]],
    ],
)
def test_the_unit_in_a_years_title_is_that_of_the_rows_that_state_none(titles: list[list[str]], tmp_path: Path) -> None:
    head = [["指标", "单位", *titles[0]], *([None, None, *row] for row in titles[1:])]
    rows = [*head, ["收入", None, 1, 2], ["门诊", "--", 3, 4], ["出院", "人次", 5, 6]]
    form, entries = read(workbook(tmp_path / "d.xlsx", {"心内科": rows}))
    assert form == "department_workbook"
    assert {(e.label_raw, e.period): (e.unit, e.value) for e in entries} == {
        ("收入", "2020"): ("万元", 1), ("门诊", "2020"): ("万元", 3), ("出院", "2020"): ("人次", 5),
        ("收入", "2019"): ("人次", 2), ("门诊", "2019"): ("人次", 4), ("出院", "2019"): ("人次", 6),
    }  # fmt: skip
    assert [(e.label_raw, e.period) for e in entries if "title_unit_differs" in e.notes] == [("出院", "2020")]


def test_a_single_column_of_figures_has_the_unit_of_its_title(tmp_path: Path) -> None:
    sheets = {
        "表": [["2020年度填报表"], ["指标名称", "填报值（万元）", "上年数(元)"], *([r[0], *r[2:4]] for r in RETURN)]
    }
    form, entries = read(workbook(tmp_path / "r.xlsx", sheets))
    assert form == "secondary_national_return"
    assert {(e.period, e.unit_raw) for e in entries} == {("2020", "万元"), ("2019", "元")}
    assert {e.unit for e in entries if e.line_code == "7.1"} == {"元"}, "the form's, and the gate compares"


def test_tidy_table_is_one_figure_a_row(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(
        '指标名称,年份,数值,单位,科室\n开放床位,2020年,"1,200",张,内科\n开放床位,十四五,1300,张,\n'.encode("gb18030")
    )
    form, entries = read(path)
    assert form == "tidy_csv"
    assert [(e.value, e.period, e.department_raw, e.locator) for e in entries] == [
        (1200, "2020", "内科", "t!C2"),
        (1300, "2021-2025", None, "t!C3"),
    ]


def test_workbook_of_no_form_is_refused_with_what_it_shows(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", {"工资表": [["姓名", "工资"], ["张三", 1]]})
    with pytest.raises(Problem, match="工资表") as caught:
        read(path)
    assert caught.value.code == "unknown-form"


def test_plan_annex_of_the_real_plan_is_read_as_annotated(shared: Path) -> None:
    path = shared / "documents" / "baotou-first-affiliated-plan-2021.txt"
    annotated = shared / "gold" / "baotou-first-affiliated-plan-2021.targets.jsonl"
    gold = [json.loads(line) for line in annotated.read_text("utf-8").splitlines()]
    form, entries = read(path, 2021)
    assert form == "plan_annex"
    assert [
        (e.section_raw, e.row_raw, e.label_raw, e.unit, e.baseline_raw, e.value_raw, e.department_raw,
         e.baseline_value, e.value, e.value_high, e.comparator, e.is_per_year)
        for e in entries
    ] == [
        (g["section"], str(g["row_no"]), g["indicator"], g["unit"], g["baseline_raw"], g["target_raw"],
         g["responsible_department"], g["baseline_value"], g["target_value"], g["target_value_high"],
         g["target_comparator"], g["per_year"])
        for g in gold
    ]  # fmt: skip
    assert {e.period for e in entries} == {"2021-2025"}
    text = path.read_text("utf-8")
    for e in entries:
        start, end = map(int, e.locator.removeprefix("chars ").split("-"))
        assert "".join(text[start:end].split()) == "".join((e.value_raw or "").split())


def test_real_return_is_read_whole(shared: Path) -> None:
    form, entries = read(shared / "returns" / "secondary-national-return-2017-2020.xlsx")
    assert form == "secondary_national_return"
    assert all(e.line_code and e.value is not None for e in entries)
    found = {(e.line_code, e.period): e for e in entries}
    assert found["1", "2020"].value == Decimal("32.47")
    assert (found["1.1", "2020"].value, found["1.2", "2020"].value) == (12158, 37445)
    assert found["23", "2020"].value == Decimal("1.55")
    assert found["17.2.10", "2020"].locator == "医院!D64"


def test_a_plan_annex_by_years_with_a_column_of_sections(tmp_path: Path) -> None:
    head = ["类别", "指标名称", "计量单位", "2020年", "2025年", "属性", "责任处室"]
    rows = [
        head,
        ["人才", "博士", "人", 12, "30人以上", "预期性", "人事处"],
        [None, "高级职称占比（%）", None, 18, "提高3-5个百分点", "预期性", None],
        ["信息化", "电子病历", "级", 4, 6, "约束性", None],
    ]
    form, entries = read(workbook(tmp_path / "plan.xlsx", {"附表": rows}), form="plan_annex")
    assert form == "plan_annex"
    assert [(e.section_raw, e.label_raw, e.period, e.value, e.baseline_value, e.department_raw) for e in entries] == [
        ("人才", "博士", "2025", 30, 12, "人事处"),
        ("人才", "高级职称占比（%）", "2025", 3, 18, "人事处"),
        ("信息化", "电子病历", "2025", 6, 4, None),
    ]
    assert entries[1].unit == "%"
    assert entries[2].detail is not None
    assert entries[2].detail["nature"] == "约束性"
