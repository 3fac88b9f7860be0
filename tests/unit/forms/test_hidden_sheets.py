"""Hidden sheets: read where they alone state their lines, put aside and named where a visible one states them too."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from fixtures.return_variants import Figures, Row, Sheets

from ingestion.steps.parse import Parsed, read_entries

NAMES = ("出院人次", "床位数", "门诊人次", "手术例数")
HEADER: Row = ["指标", "单位", "2023年", "2024年"]


def rows(shift: int, names: tuple[str, ...] = NAMES) -> list[Row]:
    return [HEADER, *([name, "人次", shift + n, shift + n + 0.5] for n, name in enumerate(names))]


def read(sheets: dict[str, list[Row]], folder: Path, *hidden: str) -> Parsed:
    path = Sheets(sheets).save(folder / "d.xlsx")
    book = openpyxl.load_workbook(path)
    for number, name in enumerate(hidden):
        book[name].sheet_state = ("hidden", "veryHidden")[number % 2]
    book.save(path)
    return read_entries(path, path.name, 2024, None)


def sheets_of(parsed: Parsed) -> set[str]:
    return {entry.locator.split("!")[0] for entry in parsed.entries}


@pytest.mark.parametrize("hidden_first", [False, True])
def test_of_a_return_the_visible_sheet_stands(hidden_first: bool, tmp_path: Path) -> None:
    figures = Figures.of("secondary_national_return", [2023, 2024], 30)
    sheet = [figures.header(), *figures.rows()]
    draft = [["某市第二人民医院2022年"], *(list(row) for row in sheet)]
    draft[2][3] += 7
    both = {"填报表": sheet, "旧稿": draft}
    parsed = read(dict(reversed(both.items())) if hidden_first else both, tmp_path, "旧稿")
    assert {(e.line_code, e.period): float(e.value or 0) for e in parsed.entries} == figures.expected()
    assert parsed.unread == (
        "旧稿: hidden, and states again what 填报表 states (60 figures, 1 of them another); if it is the one that is "
        "meant, unhide it and delete the other",
    )
    assert parsed.title.hospital_name is parsed.title.year is None


@pytest.mark.parametrize(
    ("copy", "is_of"),
    [
        ("骨科 (2)", "骨科"),
        ("骨科（旧）", "骨科"),
        ("骨科-草稿", "骨科"),
        ("副本骨科", "骨科"),
        ("骨科2024年备份", "骨科"),
        ("骨科_2", "骨科"),
        ("全院(旧)", "全院"),
        ("草稿", "骨科"),
        ("Sheet1", "全院"),
    ],
)
def test_a_copy_of_a_department_is_none_of_its_own(copy: str, is_of: str, tmp_path: Path) -> None:
    parsed = read({copy: rows(20), "全院": rows(90), "骨科": rows(20)}, tmp_path, copy)
    assert {entry.department_raw for entry in parsed.entries} == {None, "骨科"}
    [told] = parsed.unread
    assert told.startswith(f"{copy}: hidden, and states again what {is_of} states")


def test_what_hidden_sheets_alone_state_is_read(tmp_path: Path) -> None:
    sheets = {"全院": rows(90), "骨科": rows(20), "儿科": rows(40), "旧院区": rows(60)}
    parsed = read(sheets, tmp_path, "儿科", "旧院区")
    assert sheets_of(parsed) == {*sheets}
    assert parsed.unread == ()


def test_a_hidden_sheet_of_fill_in_lines_is_read(tmp_path: Path) -> None:
    """Its results stand on the visible sheet too, its numerators and denominators nowhere else."""
    of_form = Figures.of("secondary_national_return", [2023, 2024], 60)
    results = Figures([line for line in of_form.lines if "." not in line.line_code], of_form.years)
    sheets = {"填报表": [results.header(), *results.rows()], "数据": [of_form.header(), *of_form.rows()]}
    parsed = read(sheets, tmp_path, "数据")
    assert {(e.line_code, e.period) for e in parsed.entries} == set(of_form.expected())
    assert parsed.unread == ()


def test_empty_cells_and_open_formulas_state_nothing(tmp_path: Path) -> None:
    visible = [HEADER, *([name, "人次", None, f"=数据!D{n}"] for n, name in enumerate(NAMES, 2))]
    parsed = read({"全院": visible, "全院数据": rows(20)}, tmp_path, "全院数据")
    assert sum(e.locator.startswith("全院数据!") for e in parsed.entries) == 2 * len(NAMES)


def test_figures_that_stand_on_a_copy_alone_are_counted(tmp_path: Path) -> None:
    parsed = read({"全院": rows(90), "全院 (2)": rows(90, (*NAMES, "急诊人次"))}, tmp_path, "全院 (2)")
    assert len(parsed.entries) == 2 * len(NAMES)
    assert "(8 figures, none of them another; 2 more stand there alone)" in parsed.unread[0]


def test_a_hidden_copy_of_a_plan_is_put_aside(tmp_path: Path) -> None:
    header: Row = ["序号", "指标名称", "单位", "2020年基线值", "2025年目标值", "责任部门"]
    plan: list[Row] = [["十四五发展规划附表"], header]
    plan += [[n, name, "人次", 100 + n, 200 + n, "医务部"] for n, name in enumerate(NAMES, 1)]
    draft = [*plan[:-1], [4, NAMES[-1], "人次", 104, 250, "医务部"]]
    parsed = read({"附表": plan, "初稿": draft}, tmp_path, "初稿")
    assert sheets_of(parsed) == {"附表"}
    assert parsed.unread[0].startswith("初稿: hidden, and states again what 附表 states (4 figures, 1 of them another)")
    parsed = read({"附表": plan, "科教": [*plan[:2], [1, "论文数", "篇", 1, 5, "科教部"]]}, tmp_path, "科教")
    assert sheets_of(parsed) == {"附表", "科教"}
