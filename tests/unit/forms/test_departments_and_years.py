"""Whose a figure is and of which year, wherever rows, columns and merged cells of a table say so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
from fixtures.return_variants import Figures, Sheets

from ingestion.errors import Problem
from ingestion.readers.document import column_number
from ingestion.steps.parse import Parsed, read_entries

N = None
Rows = list[list[Any]]
FIGURES = {
    (department, label, year): float(shift + n * 10 + (year - 2023))
    for shift, department in ((1000, "心内科"), (2000, "骨科"))
    for n, label in enumerate(("床位", "出院人次"))
    for year in (2023, 2024)
}
BEDS, OUT = "床位", "出院人次"


def value(department: str, label: str, year: int) -> float:
    return FIGURES[department, label, year]


def read(rows: Rows, folder: Path, sheet: str = "汇总") -> Parsed:
    path = Sheets({sheet: rows}).save(folder / "d.xlsx")
    return read_entries(path, path.name, 2024, None)


def check(rows: Rows, folder: Path, expected: dict[tuple[str | None, str, int], float]) -> Parsed:
    """Exactly these figures are read, each from the cell that its locator names."""
    parsed = read(rows, folder)
    assert {
        (e.department_raw, e.label_raw, int(e.period or 0)): float(e.value or 0) for e in parsed.entries
    } == expected
    assert len(parsed.entries) == len(expected)
    for entry in parsed.entries:
        address = entry.locator.rsplit("!", 1)[1]
        letters = address.rstrip("0123456789")
        assert rows[int(address.removeprefix(letters)) - 1][column_number(letters)] == float(entry.value or 0)
    return parsed


def of(*cells: tuple[str, int], whose: str) -> list[float]:
    return [value(whose, label, year) for label, year in cells]


ALONG_YEARS = (BEDS, 2023), (OUT, 2023), (BEDS, 2024), (OUT, 2024)
ALONG_NAMES = (BEDS, 2023), (BEDS, 2024), (OUT, 2023), (OUT, 2024)
BOTH = ("心内科", "骨科")


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(
            [
                ["科室", "2023年", N, "2024年", N],
                [N, BEDS, OUT, BEDS, OUT],
                *([whose, *of(*ALONG_YEARS, whose=whose)] for whose in BOTH),
            ],
            id="years_above_names",
        ),
        pytest.param(
            [
                ["某市人民医院各科室指标"],
                [],
                ["序号", "科室名称", "2023年度", N, "2024年度", N, "备注"],
                [N, N, BEDS, OUT, BEDS, OUT, N],
                *([n, whose, *of(*ALONG_YEARS, whose=whose), "新楼"] for n, whose in enumerate(BOTH, 1)),
                ["填表人：王五"],
            ],
            id="with_numbers_remarks_and_a_title",
        ),
        pytest.param(
            [
                [N, "2023年", N, "2024年", N],
                ["科室", BEDS, OUT, BEDS, OUT],
                *([whose, *of(*ALONG_YEARS, whose=whose)] for whose in BOTH),
            ],
            id="title_of_departments_in_the_lower_row",
        ),
        pytest.param(
            [
                ["部门", BEDS, N, OUT, N],
                [N, 2023, 2024, 2023, 2024],
                *([whose, *of(*ALONG_NAMES, whose=whose)] for whose in BOTH),
            ],
            id="names_above_years",
        ),
        pytest.param(
            [
                ["科室", "指标", N, N, N],
                [N, "2023年", N, "2024年", N],
                [N, BEDS, OUT, BEDS, OUT],
                *([whose, *of(*ALONG_YEARS, whose=whose)] for whose in BOTH),
            ],
            id="three_rows_of_header",
        ),
        pytest.param(
            [
                ["科室", BEDS, OUT],
                *(
                    row
                    for year in (2023, 2024)
                    for row in (
                        [f"{year}年", N, N],
                        *([whose, *of((BEDS, year), (OUT, year), whose=whose)] for whose in BOTH),
                    )
                ),
            ],
            id="years_between_the_rows",
        ),
        pytest.param(
            [
                ["2024年各科室工作量"],
                ["科室", BEDS, N, OUT, N],
                [N, "本期", "同期", "实际", "上年"],
                *([whose, *of((BEDS, 2024), (BEDS, 2023), (OUT, 2024), (OUT, 2023), whose=whose)] for whose in BOTH),
            ],
            id="this_year_and_the_one_before_below_names",
        ),
        pytest.param(
            [
                ["2023年工作量", N, N, N, "2024年工作量", N, N],
                ["科室", BEDS, OUT, N] * 2,
                *(
                    [v for w, y in ((one, 2023), (other, 2024)) for v in (w, *of((BEDS, y), (OUT, y), whose=w), N)]
                    for one, other in (BOTH, BOTH[::-1])
                ),
            ],
            id="tables_of_a_year_side_by_side",
        ),
        pytest.param(
            [
                ["年份", "心内科", N, "骨科", N],
                [N, BEDS, OUT, BEDS, OUT],
                *(
                    [f"{year}年", *(v for whose in BOTH for v in of((BEDS, year), (OUT, year), whose=whose))]
                    for year in (2023, 2024)
                ),
            ],
            id="departments_above_names_years_down",
        ),
        pytest.param(
            [
                ["科室", "年份", "工作量", N],
                [N, N, BEDS, OUT],
                *(
                    [whose if year == 2023 else N, year, *of((BEDS, year), (OUT, year), whose=whose)]
                    for whose in BOTH
                    for year in (2023, 2024)
                ),
            ],
            id="departments_and_years_down_below_groups",
        ),
        pytest.param(
            [
                ["指标", "2023年", N, "2024年", N],
                [N, *BOTH, *BOTH],
                *([label, *(value(whose, label, y) for y in (2023, 2024) for whose in BOTH)] for label in (BEDS, OUT)),
            ],
            id="years_above_departments",
        ),
        pytest.param(
            [
                ["序号", "指标", "2023年", "2024年"],
                *(
                    row
                    for whose in BOTH
                    for row in (
                        [whose, N, N, N],
                        *([n, label, *of((label, 2023), (label, 2024), whose=whose)]
                          for n, label in enumerate((BEDS, OUT), 1)),
                    )
                ),
            ],
            id="departments_between_the_rows",
        ),
    ],
)  # fmt: skip
def test_departments_and_years_are_told_apart(rows: Rows, tmp_path: Path) -> None:
    parsed = check(rows, tmp_path, dict(FIGURES))
    assert parsed.form.name == "department_workbook"
    assert not parsed.unread


def test_rows_may_go_on_beside_themselves(tmp_path: Path) -> None:
    rows: Rows = [
        ["2024年各科室工作量"],
        ["序号", "科室", BEDS, OUT, "序号", "科室", BEDS, OUT],
        [1, "心内科", 1, 2, 3, "儿科", 5, 6],
        [2, "骨科", 3, 4, N, "合计", 9, 12],
    ]
    whose = {"心内科": (1, 2), "骨科": (3, 4), "儿科": (5, 6), N: (9, 12)}
    expected = {(name, BEDS, 2024): float(beds) for name, (beds, _) in whose.items()}
    check(rows, tmp_path, expected | {(name, OUT, 2024): float(out) for name, (_, out) in whose.items()})


def test_tables_side_by_side_are_of_the_years_above_each(tmp_path: Path) -> None:
    rows: Rows = [
        ["2023年指标", N, N, "2024年指标", N, N],
        ["指标", "单位", "数值"] * 2,
        [BEDS, "张", 1, BEDS, "张", 2],
    ]
    check(rows, tmp_path, {(N, BEDS, 2023): 1, (N, BEDS, 2024): 2})


def test_the_whole_hospital_stands_beside_its_departments(tmp_path: Path) -> None:
    rows: Rows = [
        ["科室", "2023年", N, "2024年", N],
        [N, "床位（张）", "死亡率（%）", "床位（张）", "死亡率（%）"],
        ["心内科", 40, 1.5, 41, 1.6],
        ["骨科", 50, "--", 51, 0.5],
        ["合计", 90, 1, 92, 1.1],
    ]
    parsed = read(rows, tmp_path)
    assert [(e.period, e.label_raw, e.unit, float(e.value or 0)) for e in parsed.entries if not e.department_raw] == [
        ("2023", "床位（张）", "张", 90), ("2023", "死亡率（%）", "%", 1),
        ("2024", "床位（张）", "张", 92), ("2024", "死亡率（%）", "%", 1.1),
    ]  # fmt: skip
    assert len(parsed.entries) == 11
    banners: Rows = [
        ["指标", "单位", "2024年"],
        ["心内科", N, N], ["床位", "张", 40], ["骨科", N, N], ["床位", "张", 50], ["全院", N, N], ["床位", "张", 90],
    ]  # fmt: skip
    assert {e.department_raw: float(e.value or 0) for e in read(banners, tmp_path).entries} == {
        "心内科": 40, "骨科": 50, None: 90,
    }  # fmt: skip


def test_a_unit_below_the_names_of_a_turned_table_is_theirs(tmp_path: Path) -> None:
    rows: Rows = [
        ["科室", "2024年", N],
        [N, "床位", "收入"],
        [N, "张", "万元"],
        ["心内科", 40, 1000],
        ["骨科", 50, 1200],
    ]
    entries = read(rows, tmp_path).entries
    assert [(e.department_raw, e.label_raw, e.unit, float(e.value or 0)) for e in entries] == [
        ("心内科", "床位", "张", 40), ("心内科", "收入", "万元", 1000),
        ("骨科", "床位", "张", 50), ("骨科", "收入", "万元", 1200),
    ]  # fmt: skip


def test_equal_names_below_different_groups_of_a_turned_table_carry_their_group(tmp_path: Path) -> None:
    rows: Rows = [
        ["科室", "手术患者", N, "住院患者", N],
        [N, "死亡率", "感染率", "死亡率", "平均住院日"],
        ["心内科", 1, 2, 3, 4],
        ["骨科", 5, 6, 7, 8],
    ]
    entries = read(rows, tmp_path, "2024年").entries
    assert [e.label_raw for e in entries][:4] == ["手术患者·死亡率", "感染率", "住院患者·死亡率", "平均住院日"]
    assert {e.period for e in entries} == {"2024"}


def test_a_section_is_no_department_and_a_department_may_stand_above_all_rows(tmp_path: Path) -> None:
    sections: Rows = [
        ["指标", "单位", "2024年"], ["医疗质量", N, N], ["床位", "张", 40], ["运营效率", N, N], ["手术", "台", 50],
    ]  # fmt: skip
    assert {e.department_raw for e in read(sections, tmp_path).entries} == {None}
    one: Rows = [["指标", "单位", "2024年"], ["心内科", N, N], ["床位", "张", 40], ["出院人次", "人次", 50]]
    assert {e.department_raw for e in read(one, tmp_path).entries} == {"心内科"}


def test_departments_that_answer_for_a_part_of_the_figures_are_not_whose_they_are(tmp_path: Path) -> None:
    rows: Rows = [
        ["指标", "2024年"],
        ["医务科", N],
        ["死亡率", 1],
        ["财务科", N],
        ["收入", 2],
        ["信息科", N],
        ["机房", 3],
    ]
    parsed = read(rows, tmp_path)
    assert {e.department_raw for e in parsed.entries} == {None}
    assert parsed.unread == ("汇总!A2: row '医务科' and 2 more rows, taken for headings of the hospital's figures",)
    made = Figures.of("secondary_national_return", [2024], most=30)
    rows = [made.header(), ["医务科", N, N], *made.rows()[:15], ["财务科", N, N], *made.rows()[15:]]
    parsed = read(rows, tmp_path)
    assert parsed.form.name == "secondary_national_return"
    assert {(e.line_code, e.period): float(e.value or 0) for e in parsed.entries} == made.expected()
    assert {e.department_raw for e in parsed.entries} == {None}


@pytest.mark.parametrize("form", ["secondary_national_return", "tertiary_national_return"])
def test_departments_beside_the_figures_of_a_return_are_kept_apart(form: str, tmp_path: Path) -> None:
    made = Figures.of(form, [2024], most=30)
    for head in ([["指标名称", "单位", *BOTH, "合计"]], [["指标名称", "单位", "2024年", N, N], [N, N, *BOTH, "合计"]]):
        rows: Rows = [*head, *([*row[:2], row[2] + 1, row[2] + 2, row[2]] for row in made.rows())]
        parsed = read(rows, tmp_path)
        assert parsed.form.name == form
        assert {(e.line_code, e.period): float(e.value or 0) for e in parsed.entries if not e.department_raw} == (
            made.expected()
        )
        assert {e.department_raw for e in parsed.entries} == {*BOTH, None}


@pytest.mark.parametrize("form", ["secondary_national_return", "tertiary_national_return"])
def test_years_between_the_rows_of_a_return_are_those_of_the_rows_below(form: str, tmp_path: Path) -> None:
    made = Figures.of(form, [2024, 2023], most=30)
    rows: Rows = [["指标名称", "单位", "填报值"]]
    for year in made.years:
        rows += [[f"{year}年度", N, N], *(made.row(line, years=[year]) for line in made.lines)]
    parsed = read(rows, tmp_path)
    assert parsed.form.name == form
    assert {(e.line_code, e.period): float(e.value or 0) for e in parsed.entries} == made.expected()
    assert {n for e in parsed.entries for n in e.notes} == {"year_from_title"}


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([["科室", "2023年", "2024年"], ["心内科", 40, 41], ["骨科", 50, 51]], id="no_indicator"),
        pytest.param([["年份", "心内科", "骨科"], ["2023年", 40, 50], ["2024年", 41, 51]], id="no_indicator_turned"),
        pytest.param(
            [["科室", "年份", "2023年", N], [N, N, BEDS, OUT], ["心内科", 2023, 1, 2], ["骨科", 2024, 3, 4]],
            id="years_down_and_along",
        ),
        pytest.param(
            [["科室", "2023年床位", "2024年床位"], ["心内科", 40, 41], ["骨科", 50, 51]], id="a_year_within_a_name"
        ),
    ],
)
def test_what_leaves_open_what_is_counted_or_when_is_refused(rows: Rows, tmp_path: Path) -> None:
    with pytest.raises(Problem) as caught:
        read(rows, tmp_path)
    assert caught.value.code == "unknown-form"


def side_by_side(*names: str) -> Rows:
    return [
        [cell for n in names for cell in (n, N, N, N)],
        ["指标", "单位", "2020年", N] * len(names),
        ["出院人次", "人次", 5, N] * len(names),
        ["平均住院日", "天", 7.5, N] * len(names),
    ]


def one_below_the_other(*names: str) -> Rows:
    table = ["指标", "单位", "2020年"], ["出院人次", "人次", 5], ["平均住院日", "天", 8], []
    return [row for n in names for row in ([n], *table)]


@pytest.mark.parametrize("lay_out", [side_by_side, one_below_the_other])
@pytest.mark.parametrize("title", ["{}", "{}2020年度指标表", "【{}】", "二、{}", "科室：{}"])
@pytest.mark.parametrize("sheet", ["Sheet1", "内科系统", "骨科"])
def test_tables_on_a_sheet_are_their_own_titles_departments(
    sheet: str, title: str, lay_out: Callable[..., Rows], tmp_path: Path
) -> None:
    rows = lay_out(title.format("心内科"), title.format("血液内科"))
    entries = read(rows, tmp_path, sheet).entries
    assert [(e.department_raw, e.label_raw) for e in entries] == [
        (name, label) for name in ("心内科", "血液内科") for label in ("出院人次", "平均住院日")
    ]


def test_the_first_of_two_titles_may_stand_in_the_text_above(tmp_path: Path) -> None:
    _, *rows = one_below_the_other("心内科", "血液内科")
    document = docx.Document()
    document.add_paragraph("心内科")
    table = document.add_table(len(rows), 3)
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            table.cell(r, c).text = str(cell)
    document.save(str(tmp_path / "a.docx"))
    entries = read_entries(tmp_path / "a.docx", "a.docx", 2020, None).entries
    assert [e.department_raw for e in entries] == ["心内科", "心内科", "血液内科", "血液内科"]


@pytest.mark.parametrize("above", ["骨科质量指标", "门诊指标", None])
def test_tables_whose_titles_name_one_department_or_none_are_the_sheets(above: str | None, tmp_path: Path) -> None:
    rows = one_below_the_other(*filter(None, ("骨科", above, "骨科（续表）")))
    entries = read(rows, tmp_path, "骨科").entries
    assert {e.department_raw for e in entries} == {"骨科"}


@pytest.mark.parametrize("title", ["全院", "附：全院同期数据", "二、全院2020年指标"])
@pytest.mark.parametrize("lay_out", [side_by_side, one_below_the_other])
def test_a_table_titled_the_hospitals_is_its_on_whatever_sheet(
    lay_out: Callable[..., Rows], title: str, tmp_path: Path
) -> None:
    entries = read(lay_out("骨科", title), tmp_path, "骨科").entries
    assert [e.department_raw for e in entries] == ["骨科", "骨科", N, N]


@pytest.mark.parametrize("numbers", [("一、", "二、"), ("1", "2"), ("（一）", "（二）")])
def test_rows_that_name_a_department_may_be_numbered(numbers: tuple[str, str], tmp_path: Path) -> None:
    header, line = ["序号", "指标", "单位", "2020年"], [1, "出院人次", "人次", 5]
    apart = [header, [numbers[0], "骨科"], line, [numbers[1], "儿科"], line]
    in_one = [header, [None, f"{numbers[0]}骨科"], line, [None, f"{numbers[1]}儿科"], line]
    for rows in (apart, in_one) if not numbers[0].isdecimal() else (apart,):
        entries = read(rows, tmp_path, "汇总").entries
        assert [e.department_raw for e in entries] == ["骨科", "儿科"]


@pytest.mark.parametrize(
    ("sheet", "department"),
    [
        ("附表16-骨科", "骨科"), ("附件3：眼科", "眼科"), ("表5 口腔科", "口腔科"), ("附表二、儿科2020年", "儿科"),
        ("附表1", None), ("附表2 医疗质量", None), ("表3资产负债", None),
        ("01骨科", "骨科"), ("12-骨科", "骨科"), ("3.骨科", "骨科"), ("一、骨科", "骨科"), ("（二）骨科", "骨科"),
        ("05 骨科2020年", "骨科"),
        ("12病区", "12病区"), ("120急救中心", "120急救中心"), ("01医院", None), ("01", None),
    ],
)  # fmt: skip
def test_a_numbered_sheet_is_the_departments_that_it_names(sheet: str, department: str | None, tmp_path: Path) -> None:
    rows = [["指标", "单位", "2020年"], ["出院人次", "人次", 5]]
    entries = read(rows, tmp_path, sheet).entries
    assert [e.department_raw for e in entries] == [department]


TEXTS = (["一、骨科", "2020年指标完成情况"], ["填报人：张三", "儿科2020年指标"], ["（续表）"], ["全院2019年指标"], [])
WHOSE = (("骨科", "2020"), ("儿科", "2020"), ("儿科", "2020"), (N, "2019"), (N, "2019"))
CELLS = (("指标", "单位", "数值"), ("出院人次", "人次", "5"))


def as_docx(path: Path) -> Path:
    document = docx.Document()
    for lines in TEXTS:
        for line in lines:
            document.add_paragraph(line)
        table = document.add_table(2, 3)
        for row, cells in zip(table.rows, CELLS, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
    document.save(str(path / "d.docx"))
    return path / "d.docx"


def as_html(path: Path) -> Path:
    rows = "".join("<tr>" + "".join(f"<td>{text}</td>" for text in cells) + "</tr>" for cells in CELLS)
    pages = ("".join(f"<p>{line}</p>" for line in lines) + f"<div><table>{rows}</table></div>" for lines in TEXTS)
    (path / "d.html").write_text(f"<html><body>{''.join(pages)}</body></html>", encoding="utf-8")
    return path / "d.html"


@pytest.mark.parametrize("save", [as_docx, as_html])
def test_the_text_above_a_table_says_whose_and_of_when_it_is(save: Callable[[Path], Path], tmp_path: Path) -> None:
    path = save(tmp_path)
    entries = read_entries(path, path.name, 2020, None).entries
    assert [(e.department_raw, e.period) for e in entries] == [*WHOSE]


def test_the_unit_above_a_table_is_its_rows(tmp_path: Path) -> None:
    page = "".join(
        f"<h3>{department}2019年度指标</h3><p>单位：万元</p><table><tr><td>指标<td>本年值</tr><tr><td>药品收入<td>{figure}</tr></table>"
        for department, figure in (("骨科", 12.5), ("儿科", 7.5))
    )
    (tmp_path / "a.html").write_text(f"<html>{page}</html>", "utf-8")
    entries = read_entries(tmp_path / "a.html", "a.html", 2020, "department_workbook").entries
    assert [(e.department_raw, e.period, e.unit, str(e.value)) for e in entries] == [
        ("骨科", "2019", "万元", "12.5"),
        ("儿科", "2019", "万元", "7.5"),
    ]


def test_what_comes_of_the_figures_of_departments_is_told_and_not_read(tmp_path: Path) -> None:
    rows: Rows = [
        ["2020年科室运行对比"],
        ["系统", "科室", "出院人次", "目标值", "药占比（%）", "排名", "完成率(%)"],
        ["内科", "心内科", 100, 90, 30.5, 2, 111.1],
        [N, "肾内科", 50, 60, 28.5, 1, 83.3],
        [N, "小计", 150, 150, 30, N, 100],
        ["外科", "骨科", 70, 70, 25.5, 1, 100],
        [N, "小计", 70, 70, 25.5, N, 100],
        ["合计", N, 220, 220, 28, N, 100],
    ]
    expected = [("心内科", 100, 30.5), ("肾内科", 50, 28.5), ("骨科", 70, 25.5), (N, 220, 28)]
    parsed = check(
        rows,
        tmp_path,
        {(name, label, 2020): v for name, *of in expected for label, v in zip((OUT, "药占比（%）"), of, strict=True)},
    )
    assert parsed.unread == (
        "汇总!A2: column '系统'", "汇总!D2: column '目标值'", "汇总!F2: column '排名'", "汇总!G2: column '完成率(%)'",
        "汇总!B5: row '小计'", "汇总!B7: row '小计'",
    )  # fmt: skip


def test_an_indicator_that_speaks_of_plans_is_no_target(tmp_path: Path) -> None:
    names = ["非计划再次手术率", "预算执行率", "平均预期寿命", "计划生育手术例数"]
    targets = ["2020年计划", "年度预算数", "预期值", "计划完成率"]
    rows: Rows = [["2020年各科室指标"], ["科室", *names, *targets], ["心内科", *range(1, 9)], ["骨科", *range(11, 19)]]
    expected = {
        (d, name, 2020): float(at + n) for at, d in ((1, "心内科"), (11, "骨科")) for n, name in enumerate(names)
    }
    assert check(rows, tmp_path, expected).unread == tuple(
        f"汇总!{column}2: column '{title}'" for column, title in zip("FGHI", targets, strict=True)
    )


DOWN = [["科室", BEDS, OUT], ["心内科", 1, 2], ["骨科", 3, 4], ["合计", 4, 6]]
SYSTEMS = [["指标", "内科系统", "医技系统", "全院"], [BEDS, 1, 3, 4]]
ALONG = [["指标", "心内科", "骨科", "合计"], [BEDS, 1, 3, 4], [OUT, 2, 4, 6]]
IN_A_COLUMN = [
    ["科室", "指标", "2024年"], ["心内科", BEDS, 1], [N, OUT, 2], ["骨科", BEDS, 3], [N, OUT, 4],
    ["合计", BEDS, 4], [N, OUT, 6],
]  # fmt: skip


@pytest.mark.parametrize("rows", [DOWN, ALONG, IN_A_COLUMN], ids=["down", "along", "in_a_column"])
@pytest.mark.parametrize(
    ("sheet", "title", "whole"),
    [
        ("外科系统", "2024年工作量", "外科系统"), ("大内科", "2024年", "大内科"), ("外科", "2024年", "外科"),
        ("Sheet1", "2024年外科系统工作量统计", "外科系统"),
        ("Sheet1", "青石县人民医院内科系统各科室2024年工作量", "内科系统"),
        ("工作量", "2024年各科室工作量", N), ("护理部", "2024年", N), ("门诊", "2024年", N),
        ("Sheet1", "2024年工作量", N), ("汇总", "全院各科室2024年工作量", N),
        ("科室", "2024年", N), ("按科室", "2024年", N), ("病区", "2024年", N), ("住院部", "2024年", N),
        ("医务处", "2024年", N), ("医技科室", "2024年", "医技科室"),
    ],
)  # fmt: skip
def test_a_total_is_that_of_whose_the_sheet_is(
    rows: Rows, sheet: str, title: str, whole: str | None, tmp_path: Path
) -> None:
    found = {(e.department_raw, e.label_raw): e.value for e in read([[title], *rows], tmp_path, sheet).entries}
    assert found == {
        ("心内科", BEDS): 1, ("心内科", OUT): 2, ("骨科", BEDS): 3, ("骨科", OUT): 4, (whole, BEDS): 4, (whole, OUT): 6,
    }  # fmt: skip


def test_totals_below_each_other_are_of_the_groups_that_their_titles_name(tmp_path: Path) -> None:
    rows = [row for title in ("内科系统", "外科系统") for row in ([f"{title}2024年工作量"], *DOWN, [])]
    found = [(e.department_raw, e.value) for e in read(rows, tmp_path, "Sheet1").entries if e.label_raw == BEDS]
    assert found == [("心内科", 1), ("骨科", 3), ("内科系统", 4), ("心内科", 1), ("骨科", 3), ("外科系统", 4)]


def test_a_total_titled_the_hospitals_is_its_below_those_of_groups(tmp_path: Path) -> None:
    rows: Rows = [["一、外科系统"], *DOWN, [], ["二、全院合计"], DOWN[0], ["合计", 9, 9]]
    found = [(e.department_raw, e.value) for e in read(rows, tmp_path, "2024").entries if e.label_raw == BEDS]
    assert found == [("心内科", 1), ("骨科", 3), ("外科系统", 4), (N, 9)]


def test_departments_of_another_table_on_the_left_are_not_whose_lines_are(tmp_path: Path) -> None:
    rows: Rows = [
        ["科室", "门诊人次", N, "指标", "单位", "2024年"],
        ["心内科", 5, N, BEDS, "张", 1],
        ["骨科", 6, N, OUT, "人次", 2],
    ]
    parsed = check(rows, tmp_path, {(N, BEDS, 2024): 1, (N, OUT, 2024): 2})
    assert parsed.unread == ("汇总!B1: column '门诊人次'",)


def test_years_down_the_rows_side_by_side_are_of_the_departments_above_them(tmp_path: Path) -> None:
    rows: Rows = [
        ["心内科", N, N, N, "骨科"],
        ["年份", BEDS, OUT, N] * 2,
        *([cell for w in BOTH for cell in (f"{y}年", *of((BEDS, y), (OUT, y), whose=w), N)] for y in (2023, 2024)),
    ]
    check(rows, tmp_path, FIGURES)


@pytest.mark.parametrize("sheet", ["妇儿系统", "汇总"])
def test_a_total_beside_the_hospital_is_told_and_not_read(sheet: str, tmp_path: Path) -> None:
    rows: Rows = [["2024年"], ["指标", "妇科", "儿科", "合计", "全院"], [BEDS, 1, 3, 4, 9]]
    parsed = read(rows, tmp_path, sheet)
    assert [(e.department_raw, e.value) for e in parsed.entries] == [("妇科", 1), ("儿科", 3), (N, 9)]
    assert parsed.unread == (f"{sheet}!D2: column '合计'",)


def test_rows_that_come_of_those_of_departments_are_none(tmp_path: Path) -> None:
    more = ["平均", "最高值", "标准值", "去年同期", "同比", "增减率"]
    parsed = read([["2024年"], *DOWN, *([name, 9, 9] for name in more)], tmp_path)
    assert {e.department_raw for e in parsed.entries} == {"心内科", "骨科", N}
    assert parsed.unread == tuple(f"汇总!A{row}: row {name!r}" for row, name in enumerate(more, 6))


def test_groups_of_departments_stand_beside_the_hospital(tmp_path: Path) -> None:
    entries = read([["2024年各系统床位"], *SYSTEMS], tmp_path).entries
    assert [(e.department_raw, e.value) for e in entries] == [("内科系统", 1), ("医技系统", 3), (N, 4)]


def test_the_hospital_may_stand_by_its_name_on_the_sheet_of_a_group(tmp_path: Path) -> None:
    entries = read([["2024年"], *DOWN[:-1], ["全院", 9, 9]], tmp_path, "外科系统").entries
    assert {e.department_raw for e in entries} == {"心内科", "骨科", N}


@pytest.mark.parametrize("title", ["外科系统2024年主要指标", "2024年度内科系统工作量"])
def test_figures_of_a_group_are_not_the_hospitals(title: str, tmp_path: Path) -> None:
    entries = read([[title], ["指标", "单位", "2024年"], [BEDS, "张", 40]], tmp_path, "Sheet1").entries
    assert [e.department_raw for e in entries] == [title.replace("2024年", "").replace("度", "")[:4]]


def test_a_mean_below_years_is_told_and_not_read(tmp_path: Path) -> None:
    rows: Rows = [["年度", OUT, BEDS], [2019, 100, 40], [2020, 120, 41], ["平均", 110, 40.5], ["合计", 220, N]]
    parsed = check(rows, tmp_path, {(N, OUT, 2019): 100, (N, OUT, 2020): 120, (N, BEDS, 2019): 40, (N, BEDS, 2020): 41})
    assert parsed.unread == ("汇总!A4: row '平均'", "汇总!A5: row '合计'")


@pytest.mark.parametrize(
    ("parts", "whole"),
    [(("一季度", "二季度"), "全年"), (("1月", "2月"), "合计"), (("预算数", "执行率"), "执行数"), (("上半年",), "全年")],
)
def test_of_the_columns_below_a_year_the_whole_years_is_read(
    parts: tuple[str, ...], whole: str, tmp_path: Path
) -> None:
    titles = [*parts, whole]
    gap = [N] * len(parts)
    rows: Rows = [
        ["指标", "单位", "2023年", *gap, "2024年", *gap],
        [N, N, *titles, *titles],
        [BEDS, "张", *([1] * len(parts)), 40, *([2] * len(parts)), 41],
        [OUT, "人次", *([3] * len(parts)), 400, *([4] * len(parts)), 401],
    ]
    check(rows, tmp_path, {(N, BEDS, 2023): 40, (N, BEDS, 2024): 41, (N, OUT, 2023): 400, (N, OUT, 2024): 401})


@pytest.mark.parametrize("title", [[], [["附：人员一览表"]]])
def test_a_table_of_another_kind_below_is_told_and_not_read(title: Rows, tmp_path: Path) -> None:
    rows: Rows = [
        ["指标", "单位", "2023年", "2024年"], [BEDS, "张", 40, 41], [], ["医院等级", N, "三级", "三级甲等"],
        [], *title, ["姓名", "职称", "论文数", "获奖数"], ["张三", "主任医师", 3, 1], ["李四", "医师", 2, 0],
    ]  # fmt: skip
    parsed = read(rows, tmp_path)
    assert [e.label_raw for e in parsed.entries] == [BEDS, BEDS, "医院等级", "医院等级"]
    assert parsed.unread == (f"汇总!C{6 + len(title)}: another table, from '论文数' on",)


def test_what_stands_above_a_column_of_a_turned_table_is_no_part_of_it(tmp_path: Path) -> None:
    rows: Rows = [
        ["2024年各科室指标"], [N, N, "打印时间：2025-01-05", "填报人：王"],
        ["科室", BEDS, OUT, "手术台次"], ["心内科", 1, 2, 3], ["骨科", 4, 5, 6],
    ]  # fmt: skip
    labels = (BEDS, OUT, "手术台次")
    check(
        rows,
        tmp_path,
        {(row[0], label, 2024): v for row in rows[3:] for label, v in zip(labels, row[1:], strict=True)},
    )


def test_years_below_what_may_be_a_department_are_not_the_hospitals(tmp_path: Path) -> None:
    rows: Rows = [
        ["指标", "单位", "疼痛", N, "心内科", N, "骨科", N],
        [N, N, *["2023年", "2024年"] * 3],
        [BEDS, "张", 1, 2, 3, 4, 5, 6],
    ]
    parsed = check(
        rows,
        tmp_path,
        {
            (d, BEDS, y): v
            for d, y, v in (("心内科", 2023, 3), ("心内科", 2024, 4), ("骨科", 2023, 5), ("骨科", 2024, 6))
        },
    )
    assert parsed.unread == ("汇总!C2: column '疼痛 / 2023年'", "汇总!D2: column '疼痛 / 2024年'")


TOP, BOTTOM = ["科室", "床位", "出院人次"], ["科室", "死亡率", "感染率"]
STACKED: dict[str, tuple[Rows, set[tuple[str | None, str, int, float]]]] = {
    "a_year_each": (
        [["2023年各科室指标"], TOP, ["心内科", 1, 2], ["骨科", 3, 4], [], ["2024年各科室指标"], TOP, ["心内科", 5, 6],
         ["骨科", 7, 8]],
        {("心内科", BEDS, 2023, 1), ("心内科", OUT, 2023, 2), ("骨科", BEDS, 2023, 3), ("骨科", OUT, 2023, 4),
         ("心内科", BEDS, 2024, 5), ("心内科", OUT, 2024, 6), ("骨科", BEDS, 2024, 7), ("骨科", OUT, 2024, 8)},
    ),
    "other_names_each": (
        [["2024年各科室指标"], TOP, ["心内科", 1, 2], ["骨科", 3, 4], BOTTOM, ["心内科", 5, 6], ["骨科", 7, 8]],
        {("心内科", BEDS, 2024, 1), ("心内科", OUT, 2024, 2), ("骨科", BEDS, 2024, 3), ("骨科", OUT, 2024, 4),
         ("心内科", "死亡率", 2024, 5), ("心内科", "感染率", 2024, 6), ("骨科", "死亡率", 2024, 7),
         ("骨科", "感染率", 2024, 8)},
    ),
    "a_header_on_each_page": (
        [["2024年各科室指标"], TOP, ["心内科", 1, 2], ["骨科", 3, 4], TOP, ["儿科", 5, 6]],
        {("心内科", BEDS, 2024, 1), ("心内科", OUT, 2024, 2), ("骨科", BEDS, 2024, 3), ("骨科", OUT, 2024, 4),
         ("儿科", BEDS, 2024, 5), ("儿科", OUT, 2024, 6)},
    ),
    "years_down": (
        [["年份", *TOP[1:]], [2023, 1, 2], [2024, 3, 4], ["质量指标"], ["年份", *BOTTOM[1:]], [2024, 7, 8]],
        {(N, BEDS, 2023, 1), (N, OUT, 2023, 2), (N, BEDS, 2024, 3), (N, OUT, 2024, 4), (N, "死亡率", 2024, 7),
         (N, "感染率", 2024, 8)},
    ),
    "one_upright_below": (
        [["2024年各科室指标"], TOP, ["心内科", 1, 2], ["骨科", 3, 4], [], ["指标", "2024年"], ["总收入", 100]],
        {("心内科", BEDS, 2024, 1), ("心内科", OUT, 2024, 2), ("骨科", BEDS, 2024, 3), ("骨科", OUT, 2024, 4),
         (N, "总收入", 2024, 100)},
    ),
    "one_upright_above": (
        [["指标", "单位", "2024年"], ["总收入", "元", 100], [], TOP, ["心内科", 1, 2], ["骨科", 3, 4]],
        {("心内科", BEDS, 2024, 1), ("心内科", OUT, 2024, 2), ("骨科", BEDS, 2024, 3), ("骨科", OUT, 2024, 4),
         (N, "总收入", 2024, 100)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STACKED)
def test_every_table_of_a_sheet_is_read_however_it_lies(name: str, tmp_path: Path) -> None:
    rows, expected = STACKED[name]
    parsed = read(rows, tmp_path)
    found = [(e.department_raw, e.label_raw, int(e.period or 0), float(e.value or 0)) for e in parsed.entries]
    assert (set(found), len(found)) == (expected, len(expected))
    assert not parsed.unread


def test_a_table_that_may_not_lie_on_its_side_is_told_beside_one_that_does(tmp_path: Path) -> None:
    rows: Rows = [["2024年"], TOP, ["心内科", 1, 2], ["骨科", 3, 4], [], BOTTOM, ["儿科", 5, 6], ["儿科", 7, 8]]
    parsed = read(rows, tmp_path)
    assert {e.department_raw for e in parsed.entries} == {"心内科", "骨科"}
    assert parsed.unread == ("汇总!A6: no certain table below these titles",)


_CARE = ("一级护理", "30天再住院率", "手术台次")


@pytest.mark.parametrize("title", ["序号指标名称", "序号 项目"])
def test_running_numbers_right_before_names_are_none_of_them(title: str, tmp_path: Path) -> None:
    """As where two columns of a page touch."""
    rows: Rows = [[title, "单位", "2024年"], *([f"{n}{name}", "%", n + 0.5] for n, name in enumerate(_CARE, 1))]
    rows.insert(2, ["医疗质量", N, N])
    assert {e.label_raw for e in read(rows, tmp_path).entries} == {*_CARE}
    rows.append(["注：以上为全年", N, N])
    assert {e.label_raw for e in read(rows, tmp_path).entries} == {*_CARE}


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("指标名称", ("1级护理", "2级护理", "3级护理")),
        ("序号指标名称", ("1级护理", "2级护理", "7日再住院率")),
        ("序号指标名称", ("1床位", "3出院人次", "4手术台次")),
        ("序号指标名称", ("1床位", "2出院人次", "手术台次")),
    ],
)
def test_digits_that_may_be_of_a_name_stay(title: str, names: tuple[str, ...], tmp_path: Path) -> None:
    rows: Rows = [[title, "单位", "2024年"], *([name, "人次", n] for n, name in enumerate(names))]
    assert {e.label_raw for e in read(rows, tmp_path).entries} == {*names}
