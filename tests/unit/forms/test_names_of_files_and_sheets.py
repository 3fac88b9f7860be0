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
