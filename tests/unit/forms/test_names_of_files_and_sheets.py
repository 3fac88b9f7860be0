"""The year and the department that only the name of a file or of its sheet tells."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from fixtures.bad_files import ods, ods_cell
from fixtures.return_variants import Figures, Sheets

from ingestion.errors import Problem
from ingestion.steps.parse import Parsed, read_entries

N = None
Rows = list[list[Any]]
BEDS: Rows = [["指标", "单位", "填报值"], ["床位", "张", 40], ["出院人次", "人次", 1000]]


def read(rows: Rows, path: Path, sheet: str = "Sheet1", year: int = 2024) -> Parsed:
    Sheets({sheet: rows}).save(path)
    return read_entries(path, path.name, year, None)


def told(parsed: Parsed) -> tuple[set[str | None], set[str | None], set[str]]:
    """Departments, years and notes of all figures."""
    entries = parsed.entries
    return {e.department_raw for e in entries}, {e.period for e in entries}, {n for e in entries for n in e.notes}


@pytest.mark.parametrize("form", ["secondary_national_return", "tertiary_national_return"])
@pytest.mark.parametrize("title", ["本年", "数值", "填报值"])
@pytest.mark.parametrize(
    ("file", "sheet", "year", "note"),
    [
        ("2024年度绩效考核填报表", "Sheet1", "2024", "year_from_file"),
        ("绩效考核填报表", "2024年", "2024", "year_from_sheet"),
        ("2023年度绩效考核填报表", "填报表", "2023", "year_from_file"),
        ("2024年绩效", "2023年", "2023", "year_from_sheet"),
        ("绩效考核填报表（2024年）2025年1月15日", "Sheet1", "2024", "year_from_file"),
        ("填报表_2025-01-15", "Sheet1", "2024", "year_from_submission"),
        ("2023-2024年绩效", "Sheet1", "2024", "year_from_submission"),
        ("填报表20250115", "Sheet1", "2024", "year_from_submission"),
    ],
)
def test_a_return_with_a_column_of_values_has_the_year_of_its_sheet_or_file(
    file: str, sheet: str, year: str, note: str, title: str, form: str, tmp_path: Path
) -> None:
    made = Figures.of(form, [2024], most=30)
    parsed = read([["指标名称", "单位", title], *made.rows()], tmp_path / f"{file}.xlsx", sheet)
    assert parsed.form.name == form
    assert told(parsed) == ({N}, {year}, {note})


@pytest.mark.parametrize(
    ("file", "sheet", "department", "year", "note"),
    [
        ("骨科2024年度指标", "Sheet1", "骨科", "2024", "year_from_file"),
        ("某市人民医院骨科2024年度指标", "1", "骨科", "2024", "year_from_file"),
        ("2024年", "骨科", "骨科", "2024", "year_from_file"),
        ("骨科", "2024年", N, "2024", "year_from_sheet"),
        ("2024年指标", "2023年骨科", "骨科", "2023", "year_from_sheet"),
        ("骨科2024年度指标", "全院", N, "2024", "year_from_file"),
        ("各科室2024年度指标", "Sheet1", N, "2024", "year_from_file"),
        ("质控科2024年各科室指标", "Sheet1", N, "2024", "year_from_file"),
    ],
)
def test_a_workbook_has_the_year_and_the_department_of_its_name(
    file: str, sheet: str, department: str | None, year: str, note: str, tmp_path: Path
) -> None:
    parsed = read(BEDS, tmp_path / f"{file}.xlsx", sheet)
    assert parsed.form.name == "department_workbook"
    assert told(parsed) == ({department}, {year}, {note})


def test_a_title_goes_before_the_names_of_sheet_and_file(tmp_path: Path) -> None:
    parsed = read([["儿科2022年度指标"], *BEDS], tmp_path / "骨科2024年.xlsx")
    assert told(parsed) == ({"儿科"}, {"2022"}, {"year_from_title"})
    parsed = read([["2024年度指标（2025年1月15日）"], *BEDS], tmp_path / "骨科.xlsx")
    assert told(parsed) == ({"骨科"}, {"2024"}, {"year_from_title"})


def test_this_year_and_the_one_before_go_by_the_name_of_the_file(tmp_path: Path) -> None:
    rows = [["指标", "单位", "本年", "上年"], ["床位", "张", 40, 39]]
    entries = read(rows, tmp_path / "2023年指标.xlsx").entries
    assert {e.period: float(e.value or 0) for e in entries} == {"2023": 40, "2022": 39}


def test_tables_of_departments_go_by_the_name_of_the_file(tmp_path: Path) -> None:
    down = [["科室", "床位", "出院人次"], ["心内科", 40, 1000], ["骨科", 50, 1200]]
    along = [["指标", "心内科", "骨科"], ["床位", 40, 50], ["出院人次", 1000, 1200]]
    for rows in (down, along):
        parsed = read(rows, tmp_path / "2023年各科室指标.xlsx", "汇总")
        assert told(parsed) == ({"心内科", "骨科"}, {"2023"}, {"year_from_file"})


@pytest.mark.parametrize("ending", ["ods", "csv"])
def test_other_kinds_of_files_are_read_alike(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"骨科2024年度指标.{ending}"
    if ending == "csv":
        path.write_text("\n".join(",".join(map(str, row)) for row in BEDS), encoding="utf-8")
    else:
        texts = [
            [f"<table:table-cell office:value-type='string'><text:p>{c}</text:p></table:table-cell>" for c in row[:2]]
            for row in BEDS
        ]
        third = [texts[0][0].replace("指标", str(BEDS[0][2])), *(ods_cell(row[2]) for row in BEDS[1:])]
        rows = (f"<table:table-row>{''.join(two)}{c}</table:table-row>" for two, c in zip(texts, third, strict=True))
        path.write_bytes(ods("".join(rows)))
    parsed = read_entries(path, path.name, 2024, None)
    assert told(parsed)[:2] == ({"骨科"}, {"2024"})


@pytest.mark.parametrize("file", ["指标", "2023-2024年指标", "指标20250115"])
def test_figures_without_a_year_are_shown_where_they_stand(file: str, tmp_path: Path) -> None:
    with pytest.raises(Problem) as caught:
        read(BEDS, tmp_path / f"{file}.xlsx", "骨科")
    assert caught.value.code == "unknown-form"
    assert caught.value.remedy.startswith("The figures from 骨科!C1 on are of no year: write it, as 2024年, above")


@pytest.mark.parametrize("file", ["2024年6月指标", "2024年上半年指标"])
def test_a_file_named_by_a_part_of_a_year_is_refused_for_that(file: str, tmp_path: Path) -> None:
    with pytest.raises(Problem) as caught:
        read(BEDS, tmp_path / f"{file}.xlsx", "骨科")
    assert caught.value.code == "unknown-form"
    assert caught.value.remedy.startswith(f"骨科: {file!r} is of a part of a year: send the figures of the whole year")


def test_the_name_is_the_one_that_the_sender_gave(tmp_path: Path) -> None:
    stored = tmp_path / "2001.bin"
    shutil.move(Sheets({"Sheet1": BEDS}).save(tmp_path / "a.xlsx"), stored)
    assert told(read_entries(stored, "儿科2024年.xlsx", 2024, None))[:2] == ({"儿科"}, {"2024"})


def of_sheets(sheets: dict[str, Rows], path: Path) -> tuple[dict[str, str | None], tuple[str, ...]]:
    """The department of each sheet that was read, and what was not read."""
    Sheets(sheets).save(path)
    parsed = read_entries(path, path.name, 2024, None)
    return {e.locator.split("!")[0]: e.department_raw for e in parsed.entries}, parsed.unread


BEDS_OF_2024: Rows = [["指标", "单位", "2024年"], ["床位", "张", 40], ["出院人次", "人次", 1000]]


@pytest.mark.parametrize("numbers", [("09", "10", "11"), ("1", "2", "3"), ("2", "7", "9")])
def test_numbers_that_keep_the_sheets_in_order_are_no_part_of_their_names(
    numbers: tuple[str, ...], tmp_path: Path
) -> None:
    names = ("心胸外科", "骨科一病区", "病理科")
    sheets = {f"{number}{name}": BEDS_OF_2024 for number, name in zip(numbers, names, strict=True)}
    others = {f"科{n}": BEDS_OF_2024 for n in range(8)}
    read_of, _ = of_sheets({**others, **sheets, "120急救中心": BEDS_OF_2024}, tmp_path / "各科.xlsx")
    assert [read_of[sheet] for sheet in sheets] == [*names]
    assert read_of["120急救中心"] == "120急救中心"


@pytest.mark.parametrize(
    "names",
    [
        ("5病区", "6病区", "7病区"), ("5东病区", "6东病区", "7东病区"), ("11东病区", "11西病区", "12东病区"),
        ("1楼内科", "2楼外科", "3楼妇科"), ("1区骨科", "2区眼科", "3区妇科"), ("骨科", "12345热线中心", "120急救中心"),
    ],
)  # fmt: skip
def test_numbers_that_belong_to_the_names_of_departments_stay(names: tuple[str, ...], tmp_path: Path) -> None:
    sheets = dict.fromkeys(names, BEDS_OF_2024) | {f"科{n}": BEDS_OF_2024 for n in range(12)}
    read_of, _ = of_sheets(sheets, tmp_path / "各科.xlsx")
    assert [read_of[name] for name in names] == [*names]


@pytest.mark.parametrize(
    ("title", "department"),
    [
        ("科室：神经外科    统计年度：2024年", "神经外科"),
        ("填报科室：神经外科　　填报人：李强", "神经外科"),
        ("科室:神经外科 负责人:李强", "神经外科"),
        ("科室：神经外科；年度：2024", "神经外科"),
        ("科室：ICU 二病区", "ICU 二病区"),
        ("2024年度科室指标统计表（神经外科）", "神经外科"),
        ("某市医院2024年各科室指标统计表（神经外科）", "神经外科"),
        ("科室年度指标表——神经外科", "神经外科"),
        *((f"2024年度科室指标统计表（{name}）", name) for name in ("手术室", "急诊科", "门诊部", "内科门诊", "药学部")),
        ("2024年科室工作量 - 骨科二病区", "骨科二病区"),
        ("2024年度指标统计表（不含急诊科）", N),
        ("2024年度指标统计表（质控科）", N),
        ("2024年度指标统计表（含门诊部）", N),
        ("2024年度指标统计表（各科室）", N),
        ("2024年度指标统计表（单位：万元）", N),
    ],
)
def test_a_title_says_whose_the_table_is_wherever_it_does(title: str, department: str | None, tmp_path: Path) -> None:
    assert told(read([[title], *BEDS_OF_2024], tmp_path / "指标.xlsx"))[0] == {department}


def test_sheets_without_a_name_that_state_the_same_are_nobodys_beside_departments(tmp_path: Path) -> None:
    sheets = {
        "Sheet1": [["某市医院2024年指标"], *BEDS_OF_2024], "骨科": BEDS_OF_2024, "Sheet3": BEDS_OF_2024,
        "Sheet4": [["2024年完成情况"], *BEDS_OF_2024],
    }  # fmt: skip
    read_of, unread = of_sheets(sheets, tmp_path / "各科.xlsx")
    assert read_of == {"Sheet1": None, "骨科": "骨科"}
    assert unread == ("Sheet3: names no department", "Sheet4: names no department")
    del sheets["Sheet4"], sheets["Sheet1"]
    assert of_sheets(sheets, tmp_path / "各科.xlsx") == ({"骨科": "骨科", "Sheet3": None}, ())
