"""Campuses are parts of a hospital; and a list that may be a return is asked about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fixtures.return_variants import Figures, Row, Sheets

from ingestion.errors import Problem
from ingestion.forms.form import get_form
from ingestion.steps.parse import Parsed, read_entries

N = None
Rows = list[Row]
FORMS = "secondary_national_return", "tertiary_national_return"
EAST, WEST = "东院区", "西院区"


def read(sheets: dict[str, Rows], folder: Path, form: str | None = None, name: str = "d.xlsx") -> Parsed:
    path = Sheets(sheets).save(folder / name)
    return read_entries(path, path.name, 2024, form)


def figures(parsed: Parsed) -> dict[tuple[str | None, str | None, str | None], float]:
    found = {(e.department_raw, e.label_raw, e.period): float(e.value or 0) for e in parsed.entries}
    assert len(found) == len(parsed.entries)
    return found


def one(beds: int) -> Rows:
    return [["指标", "单位", "2024年"], ["床位", "张", beds]]


@pytest.mark.parametrize(
    "sheets",
    [
        pytest.param({EAST: one(1), WEST: one(2), "合计": one(3)}, id="sheets"),
        pytest.param(
            {"青石县人民医院东院区": one(1), "青石县人民医院西院区": one(2), "青石县人民医院": one(3)},
            id="sheets_with_hospital",
        ),
        pytest.param({"汇总": [["指标", EAST, WEST, "合计"], ["床位", 1, 2, 3]]}, id="columns"),
        pytest.param(
            {"汇总": [["指标", "2024年", N, N], [N, EAST, WEST, "全院"], ["床位", 1, 2, 3]]}, id="columns_below_a_year"
        ),
        pytest.param({"汇总": [["院区", "指标", "2024年"], [EAST, "床位", 1], [WEST, "床位", 2], ["合计", "床位", 3]]},
                     id="column_of_campuses"),
        pytest.param({"汇总": [["指标", "2024年"], [EAST, N], ["床位", 1], [WEST, N], ["床位", 2],
                             ["全院", N], ["床位", 3]]}, id="rows_between"),
    ],
)  # fmt: skip
def test_a_campus_is_a_part_of_the_hospital(sheets: dict[str, Rows], tmp_path: Path) -> None:
    parsed = read(sheets, tmp_path)
    assert parsed.form.name == "department_workbook"
    assert figures(parsed) == {(EAST, "床位", "2024"): 1, (WEST, "床位", "2024"): 2, (N, "床位", "2024"): 3}
    assert not parsed.title.others


def test_campuses_down_the_rows_are_turned(tmp_path: Path) -> None:
    parsed = read({"汇总": [["院区", "床位", "出院人次"], [EAST, 1, 10], [WEST, 2, 20], ["合计", 3, 30]]}, tmp_path)
    assert {(e.department_raw, e.label_raw): float(e.value or 0) for e in parsed.entries} == {
        (EAST, "床位"): 1, (EAST, "出院人次"): 10, (WEST, "床位"): 2, (WEST, "出院人次"): 20,
        (N, "床位"): 3, (N, "出院人次"): 30,
    }  # fmt: skip


@pytest.mark.parametrize(
    "sheets",
    [
        pytest.param(
            {"汇总": [["院区", "科室", "指标", "2024年"],
                    [EAST, "骨科", "床位", 1], [N, "儿科", "床位", 2], [WEST, "骨科", "床位", 3], [N, N, "手术室", 4]]},
            id="columns_of_names",
        ),
        pytest.param(
            {"汇总": [["院区", "科室", "床位", "手术室"],
                    [EAST, "骨科", 1, N], [N, "儿科", 2, N], [WEST, "骨科", 3, 4]]},
            id="down_the_rows",
        ),
        pytest.param(
            {EAST: [["指标", "骨科", "儿科"], ["床位", 1, 2]], WEST: [["科室", "指标", "2024年"], ["骨科", "床位", 3],
                                                            [N, "手术室", 4]]},
            id="departments_on_the_sheet_of_a_campus",
        ),
    ],
)  # fmt: skip
def test_a_department_stands_on_its_campus(sheets: dict[str, Rows], tmp_path: Path) -> None:
    assert figures(read(sheets, tmp_path, name="2024年.xlsx")) == {
        ("东院区·骨科", "床位", "2024"): 1, ("东院区·儿科", "床位", "2024"): 2, ("西院区·骨科", "床位", "2024"): 3,
        ("西院区·骨科", "手术室", "2024"): 4,
    }  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("shape", ["sheets", "columns", "years"])
def test_campuses_of_a_return_are_not_the_hospital(shape: str, form: str, tmp_path: Path) -> None:
    made = Figures.of(form, [2024], most=30)
    values = [(row, [row[2] + n for n in range(3)]) for row in made.rows()]
    titles = [EAST, WEST, "合计"]
    if shape == "sheets":
        sheets = {t: [made.header(), *([*row[:2], v[n]] for row, v in values)] for n, t in enumerate(titles)}
    else:
        head: Rows = [["指标名称", "单位", *titles]]
        if shape == "years":
            head = [["指标名称", "单位", "2024年", N, N], [N, N, *titles]]
        sheets = {"填报表": [*head, *([*row[:2], *v] for row, v in values)]}
    parsed = read(sheets, tmp_path)
    assert parsed.form.name == form
    assert {(e.department_raw, e.line_code): float(e.value or 0) for e in parsed.entries} == {
        (whose, line.line_code): made.value(line, 2024) + n
        for n, whose in enumerate((EAST, WEST, None))
        for line in made.lines
    }


def test_a_return_of_one_campus_says_so_by_its_name(tmp_path: Path) -> None:
    made = Figures.of("secondary_national_return", [2024], most=30)
    rows: Rows = [["青石县人民医院东院区2024年度二级公立医院绩效考核填报表"], made.header(), *made.rows()]
    parsed = read({"Sheet1": rows}, tmp_path)
    assert {e.department_raw for e in parsed.entries} == {None}
    assert parsed.title.hospital_name == "青石县人民医院东院区"


def listed(form: str, count: int, more: int = 0, header: Row | None = None) -> Rows:
    lines = [line for line in get_form(form).lines.values() if line.carries_value][:count]
    own: Rows = [[f"自设指标{n}", "个", 1] for n in range(more)]
    return [header or ["指标名称", "单位", "2024年"], *([line.label_zh, line.unit, 7] for line in lines), *own]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("count", "more"), [(10, 0), (19, 0), (16, 3)])
def test_a_list_that_may_be_a_return_is_asked_about(form: str, count: int, more: int, tmp_path: Path) -> None:
    rows = listed(form, count, more)
    with pytest.raises(Problem) as caught:
        read({"Sheet1": rows}, tmp_path)
    assert (caught.value.code, caught.value.where) == ("ambiguous-form", "d.xlsx: Sheet1!A2")
    for named in (form, "department_workbook"):
        assert f"--form {named} " in caught.value.remedy
        assert len(read({"Sheet1": rows}, tmp_path, named).entries) == count + more


@pytest.mark.parametrize(
    "sheets",
    [
        {"Sheet1": listed(FORMS[0], 9)},
        {"Sheet1": listed(FORMS[0], 15, 10)},
        {"骨科": listed(FORMS[0], 19)},
        {"Sheet1": [["填报科室：骨科"], *listed(FORMS[0], 19)]},
        {"Sheet1": [["医院与科室年度指标工作簿"], *listed(FORMS[0], 19)]},
        {"Sheet1": listed(FORMS[0], 19), "骨科": one(1)},
    ],
)
def test_a_list_of_its_own_is_not_asked_about(sheets: dict[str, Any], tmp_path: Path) -> None:
    assert read(sheets, tmp_path).form.name == "department_workbook"
