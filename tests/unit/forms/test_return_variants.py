"""Every figure comes out of a workbook with its line, year, department and cell, however the workbook is laid out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
import xlwt
from fixtures.return_variants import LAYOUTS, Figures, Sheets
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from ingestion.entries import CopyText, Entry
from ingestion.errors import Problem
from ingestion.forms.form import get_form
from ingestion.forms.normalise import split_code
from ingestion.readers.document import column_number
from ingestion.steps.parse import Parsed, read_entries

SPELLINGS = (
    "{}年", "{}", "Y{}", "{}年度", "{}年数值", "{}年度数据", "{} 年", "（{}年）", "{}年（全年）", "{}年实际完成",
    "{}年1-12月", "数值（{}年）", "截至{}年底", "{}年12月31日", "FY{}", "Year {}", "{}.0", "{}年填报值",
    "{}年度（审核后）", "本年({}年)", "截至{}年12月末", "{}年合计", "{}年全院", "{}年决算数",
)  # fmt: skip
NO_YEARS = (
    "{}年目标",
    "{}年上半年",
    "较{}年增长",
    "{}年一季度",
    "{}年预算",
    "{}-2025",
    "{}年6月",
    "{}年得分",
    "{}年排名",
    "{}年（修正前）",
)
FULL_WIDTH = {48 + n: 0xFF10 + n for n in range(10)}


def read(path: Path, year: int = 2020) -> Parsed:
    return read_entries(path, path.name, year, None)


def figures(entries: list[Entry]) -> dict[tuple[str | None, str | None], float]:
    return {(e.line_code, e.period): float(e.value) for e in entries if e.value is not None}


def check_locators(path: Path, entries: list[Entry]) -> None:
    """Every locator names the very cell that holds the figure."""
    book = CalamineWorkbook.from_path(str(path))
    sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    for entry in entries:
        sheet, cell = entry.locator.rsplit("!", 1)
        letters, row = re.fullmatch(r"([A-Z]+)(\d+)", cell).groups()  # type: ignore[union-attr]
        stored = sheets[sheet][int(row) - 1][column_number(letters)]
        assert float(str(stored).replace(",", "")) == float(entry.value or 0), entry


@pytest.mark.parametrize("form", ["secondary_national_return", "tertiary_national_return"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_figure_comes_out_of_every_layout(layout: str, form: str, tmp_path: Path) -> None:
    made = Figures.of(form, [2020, 2019], most=60)
    path = LAYOUTS[layout](made).save(tmp_path / "return.xlsx")
    parsed = read(path)
    assert parsed.form.name == form
    assert figures(parsed.entries) == made.expected()
    assert len(parsed.entries) == len(made.expected())
    assert {e.department_raw for e in parsed.entries} == {None}
    assert not {"label_differs", "code_differs", "unknown_line"} & {n for e in parsed.entries for n in e.notes}
    check_locators(path, parsed.entries)


@settings(max_examples=settings.default.max_examples // 3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spelling=st.sampled_from(SPELLINGS), is_wide=st.booleans(), first=st.integers(2012, 2030), data=st.data())
def test_years_in_every_spelling_and_order(
    tmp_path: Path, spelling: str, is_wide: bool, first: int, data: st.DataObject
) -> None:
    years = data.draw(st.permutations([first - n for n in range(data.draw(st.integers(1, 4)))]))
    made = Figures.of("secondary_national_return", list(years), most=25)
    header = made.header(spelling)
    if is_wide:
        header = [str(cell).translate(FULL_WIDTH) for cell in header]
    path = Sheets({"表": [header, *made.rows()]}).save(tmp_path / "return.xlsx")
    parsed = read(path, first)
    assert figures(parsed.entries) == made.expected()
    check_locators(path, parsed.entries)


@pytest.mark.parametrize("spelling", NO_YEARS)
def test_a_column_of_something_else_is_not_read_as_a_year_and_is_named(spelling: str, tmp_path: Path) -> None:
    made = Figures.of("secondary_national_return", [2020], most=25)
    rows = [[*made.header(), spelling.format(2019)], *([*row, 7.7] for row in made.rows())]
    parsed = read(Sheets({"表": rows}).save(tmp_path / "return.xlsx"))
    assert figures(parsed.entries) == made.expected()
    assert len(parsed.unread) == 1
    assert parsed.unread[0].startswith("表!D1")


@pytest.mark.parametrize("restated", ["{}年（修订后）", "{}年更正"])
def test_a_restated_year_goes_before_what_was_sent_first(restated: str, tmp_path: Path) -> None:
    made = Figures.of("secondary_national_return", [2020, 2019], most=25)
    header = [*made.header(), restated.format(2019)]
    at = next(c for c, title in enumerate(header) if "2019" in str(title))
    rows = [[*row[:at], -1, *row[at + 1 :], row[at]] for row in made.rows()]
    parsed = read(Sheets({"表": [header, *rows]}).save(tmp_path / "return.xlsx"))
    assert figures(parsed.entries) == made.expected()
    assert [told.split(":")[0] for told in parsed.unread] == [f"表!{'ABCDEF'[at]}1"]


@pytest.mark.parametrize("form", ["secondary_national_return", "tertiary_national_return"])
@pytest.mark.parametrize("spelling", ["▲{code} {label}", "（{code}）{label}", "{code} {label}（{unit}）"])
def test_a_line_is_known_by_marks_before_its_code_and_a_unit_behind_its_name(
    spelling: str, form: str, tmp_path: Path
) -> None:
    made = Figures.of(form, [2020], most=60)
    lines = get_form(form).lines
    header, *rows = [made.header(), *made.rows()]
    at = next(c for c, cell in enumerate(rows[0]) if isinstance(cell, str) and split_code(cell)[0])
    for row in rows:
        line = lines[split_code(row[at])[0] or ""]
        is_bare = line.line_code.isdecimal() and spelling.startswith("（")
        row[at] = (
            row[at] if is_bare else spelling.format(code=line.line_code, label=line.label_zh, unit=line.unit or "%")
        )
    parsed = read(Sheets({"表": [header, *rows]}).save(tmp_path / "return.xlsx"))
    assert figures(parsed.entries) == made.expected()
    assert not {note for e in parsed.entries for note in e.notes}


@pytest.mark.parametrize("spelling", ["（{n}）{label}", "{n}、{label}（{unit}）", "{label}（{unit}）"])
def test_a_line_is_known_by_its_name_whatever_counts_the_rows(spelling: str, tmp_path: Path) -> None:
    made = Figures.of("secondary_national_return", [2020], most=30)
    once = Counter(line.label_zh for line in get_form("secondary_national_return").lines.values())
    made.lines = [line for line in made.lines if once[line.label_zh] == 1]
    names = [
        spelling.format(n=n % 5 + 1, label=line.label_zh, unit=line.unit or "%") for n, line in enumerate(made.lines)
    ]
    rows = [made.row(line, name) for line, name in zip(made.lines, names, strict=True)]
    above = ["二级公立医院绩效考核国家填报表"]
    parsed = read(Sheets({"表": [above, made.header(), *rows]}).save(tmp_path / "return.xlsx"))
    assert parsed.form.name == "secondary_national_return"
    assert figures(parsed.entries) == made.expected()


def test_a_wrong_code_gives_way_to_the_name_and_is_noted(tmp_path: Path) -> None:
    """A form renumbered by a row: the names say what is meant."""
    made = Figures.of("secondary_national_return", [2020], most=30)
    codes = [line.line_code for line in made.lines]
    rows = [
        made.row(li, f"{code}.{li.label_zh}") for code, li in zip([codes[-1], *codes[:-1]], made.lines, strict=True)
    ]
    parsed = read(Sheets({"表": [made.header(), *rows]}).save(tmp_path / "r.xlsx"))
    shifted = {e.line_code: e for e in parsed.entries}
    assert float(shifted["1.2"].value or 0) == made.value(made.lines[2], 2020)
    assert "code_differs" in shifted["1.2"].notes


def as_xlsx(rows: list[list[Any]], path: Path) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
        book.active.cell(book.active.max_row, 3).number_format = "0.00%"
    book.save(path / "r.xlsx")
    return path / "r.xlsx"


def as_xls(rows: list[list[Any]], path: Path) -> Path:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("表")
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            sheet.write(r, c, cell, xlwt.easyxf(num_format_str="0.00%" if c == 2 else "General"))
    book.save(str(path / "r.xls"))
    return path / "r.xls"


@pytest.mark.parametrize("save", [as_xlsx, as_xls])
def test_percentages_are_what_the_screen_shows(save: Callable[[list[list[Any]], Path], Path], tmp_path: Path) -> None:
    made = Figures.of("secondary_national_return", [2020], most=30)
    rows = ([f"{line.line_code}.{line.label_zh}", line.unit, 0.3247] for line in made.lines)
    found = {e.line_code: e for e in read(save([made.header(), *rows], tmp_path)).entries}
    assert (str(found["1"].value), found["1"].value_raw, found["1"].stated_decimals) == ("32.47", "32.47%", 2)
    assert str(found["1.1"].value) == "0.3247", "a count is no percentage, whatever its cell's format"
    assert "unit_differs" in found["1.1"].notes


def test_figures_without_a_name_or_a_title_are_told(tmp_path: Path) -> None:
    made = Figures.of("secondary_national_return", [2020], most=30)
    rows = [[*made.header(), None, None], *([*row, None, 5] for row in made.rows())]
    rows[4:4] = [[None, "人", 77, None, None], [None, None, "　", None, None], [None, None, "8.5%", None, None]]
    parsed = read(Sheets({"表": [["填报表"], *rows]}).save(tmp_path / "r.xlsx"))
    assert figures(parsed.entries) == made.expected()
    assert parsed.unread == (
        "表!C6: figures without a name and 1 more rows",
        "表!E3: figures without a title",
    )


# What speaks for a form


@pytest.mark.parametrize("count", [1, 3, 19])
def test_a_return_of_few_lines_is_known_by_its_title(count: int, tmp_path: Path) -> None:
    for form, title in (
        ("secondary_national_return", "2020年度二级公立医院绩效考核国家填报表"),
        ("tertiary_national_return", "某市医院三级公立医院绩效考核指标"),
    ):
        made = Figures.of(form, [2020, 2019, 2018], most=count)
        own = [[f"自设指标{n}", "个", 1, 2, 3] for n in range(40)]
        parsed = read(Sheets({"表": [[title], made.header(), *made.rows(), *own]}).save(tmp_path / "r.xlsx"))
        assert parsed.form.name == form
        assert {key: v for key, v in figures(parsed.entries).items() if key[0]} == made.expected()


@pytest.mark.parametrize("form", ["secondary_national_return", "tertiary_national_return"])
@pytest.mark.parametrize("layout", ["plain", "code_column"])
def test_a_return_of_few_lines_is_known_by_their_codes(layout: str, form: str, tmp_path: Path) -> None:
    made = Figures.of(form, [2020, 2019], most=9)
    parsed = read(LAYOUTS[layout](made).save(tmp_path / "r.xlsx"))
    assert parsed.form.name == form
    assert figures(parsed.entries) == made.expected()


@pytest.mark.parametrize("form", ["secondary_national_return", "tertiary_national_return"])
@pytest.mark.parametrize("title", ["指标代码", "编码"])
def test_a_return_may_name_its_indicators_by_their_codes_alone(form: str, title: str, tmp_path: Path) -> None:
    made = Figures.of(form, [2020, 2019])
    made.lines = [line for line in made.lines if line.is_indicator]
    rows = [[title, "2020年", "2019年"], *([li.indicator_code, *made.row(li)[2:]] for li in made.lines)]
    path = Sheets({"Sheet1": rows}).save(tmp_path / "r.xlsx")
    parsed = read(path)
    assert parsed.form.name == form
    assert figures(parsed.entries) == made.expected()
    assert not any(e.notes for e in parsed.entries)


@pytest.mark.parametrize(
    ("titles", "encoding", "mark"),
    [
        (["科室名称", "统计年度", "指标名称", "计量单位", "指标值", "口径"], "gb18030", ","),
        (["部门", "年份", "名称", "单位", "数值", "口径"], "utf-16", "\t"),
        (["department", "year", "indicator", "unit", "value", "口径"], "utf-8-sig", ";"),
    ],
)
def test_a_tidy_table_is_known_by_its_titles_and_tells_what_it_does_not_read(
    titles: list[str], encoding: str, mark: str, tmp_path: Path
) -> None:
    rows = [
        titles,
        ["全院", "2020年", "出院人次", "人次", "1,250", "新"],
        ["骨科", "2020", "平均住院日", "天", "7.5", ""],
    ]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(mark.join(f'"{c}"' if "," in c else c for c in row) for row in rows), encoding=encoding)
    parsed = read(path)
    assert parsed.form.name == "tidy_csv"
    assert [(e.department_raw, e.label_raw, e.unit, e.period, float(e.value or 0)) for e in parsed.entries] == [
        (None, "出院人次", "人次", "2020", 1250), ("骨科", "平均住院日", "天", "2020", 7.5),
    ]  # fmt: skip
    assert parsed.unread == ("t!F1: column '口径'",)


def test_of_several_tidy_tables_the_first_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    table = [["指标", "年度", "数值"], ["床位", 2020, 40.0]]
    parsed = read(Sheets({"上报": table, "二": [*table], "封面": [["某市人民医院"]]}).save(tmp_path / "t.xlsx"))
    assert {e.locator for e in parsed.entries} == {"上报!C2"}
    assert parsed.unread == ("二: another table", "封面: another table")


@pytest.mark.parametrize("title", ["月份", "季度", "month"])
def test_a_row_of_a_month_or_a_quarter_is_none_of_the_year(title: str, tmp_path: Path) -> None:
    rows = [
        ["科室", "年度", title, "指标", "数值"],
        *(["骨科", 2020, part, "出院人次", 5] for part in (1, "二季度", "全年", None)),
    ]
    parsed = read(Sheets({"表": rows}).save(tmp_path / "t.xlsx"))
    assert [(e.period_raw, e.period) for e in parsed.entries] == [
        ("2020 1", None), ("2020 二季度", None), ("2020", "2020"), ("2020", "2020"),
    ]  # fmt: skip
    assert [e.notes for e in parsed.entries] == [("unknown_period",), ("unknown_period",), (), ()]
    assert not parsed.unread


def test_names_of_a_tidy_table_may_be_merged_over_rows_and_figures_without_one_are_told(tmp_path: Path) -> None:
    rows = [
        ["科室", "编码", "指标名称", "年度", "数值"],
        ["骨科", "Z1", "出院", 2023, 5], [None, None, None, 2024, 6], [None, "Z2", "手术", 2024, 7],
        [None, None, None, 2024, 8], [None, None, None, None, None], ["儿科", None, "出院", 2024, 9],
    ]  # fmt: skip
    sheets = Sheets({"长表": rows}, {"长表": ["A2:A4", "B2:B3", "C2:C3"]})
    parsed = read(sheets.save(tmp_path / "d.xlsx"))
    assert parsed.form.name == "tidy_csv"
    assert [(e.department_raw, e.row_raw, e.label_raw, e.period, e.value) for e in parsed.entries] == [
        ("骨科", "Z1", "出院", "2023", 5), ("骨科", "Z1", "出院", "2024", 6), ("骨科", "Z2", "手术", "2024", 7),
        ("儿科", None, "出院", "2024", 9),
    ]  # fmt: skip
    assert parsed.unread == ("长表!E5: figures without a name",)


def test_what_departments_count_under_names_of_a_return_is_no_return(tmp_path: Path) -> None:
    made = Figures.of("secondary_national_return", [2020, 2019], most=12)
    rows = [made.header(), *(made.row(line, line.label_zh) for line in made.lines)]
    sheets = Sheets(dict.fromkeys(DEPARTMENTS[:8], rows))
    assert read(sheets.save(tmp_path / "d.xlsx")).form.name == "department_workbook"
    titled = Sheets({"医院": [["二级公立医院绩效考核科室指标"], *rows], **sheets.rows})
    assert read(titled.save(tmp_path / "t.xlsx")).form.name == "department_workbook"
    one = Sheets({"Sheet1": [["填报科室：儿科"], *rows]})
    assert {e.department_raw for e in read(one.save(tmp_path / "o.xlsx")).entries} == {"儿科"}


@pytest.mark.parametrize(
    ("sheet", "words"),
    [
        ([["名目", "金额"]], "put the title 指标名称 above their names, and the year, as 2020年, above each column"),
        ([["工资表"], ["姓名", "工资"]], "Check that the header row and the line names are those of the form"),
    ],
)
def test_lines_of_a_form_without_its_header_are_shown_where_they_stand(
    sheet: list[list[Any]], words: str, tmp_path: Path
) -> None:
    made = Figures.of("secondary_national_return", [2020], most=30)
    lines = [[row[0], row[2]] for row in made.rows()] if len(sheet) == 1 else []
    with pytest.raises(Problem) as caught:
        read(Sheets({"表": [*sheet, *lines]}).save(tmp_path / "r.xlsx"))
    assert caught.value.code == "unknown-form"
    assert words in caught.value.remedy
    assert not lines or "Lines of secondary_national_return stand from 表!A2 on" in caught.value.remedy


# Departments

DEPARTMENTS = [f"{name}{n}科" for n in "一二三四五六七八九十" for name in ("内", "外", "妇产", "儿", "康复", "急诊")]


def department_rows(shift: int) -> list[list[Any]]:
    return [
        ["01", "编制床位", "(张)", 40 + shift, 41 + shift],
        [],
        ["02", "出院人次", "人次", 1000 + shift, "无"],
        ["03", "病床使用率", "(%)", 90.5, 91.25],
        ["注：数据由病案室提供", None, None, None, None],
        ["填报人", "张三", None, None, "2020-01-05"],
        ["科主任签字：", None, None, "质控员：李四", None],
        ["科主任：", "李四", None, "日期", "2020年1月5日"],
    ]


def test_sixty_sheets_are_sixty_departments(tmp_path: Path) -> None:
    header = ["ID", "名称", "单位", "Y2018", "Y2019"]
    sheets: dict[str, list[list[Any]]] = {"目录": [["序号", "科室"], *([n, d] for n, d in enumerate(DEPARTMENTS, 1))]}
    sheets["医院"] = [["填报科室：全院汇总"], header, *department_rows(0)]
    for n, name in enumerate(DEPARTMENTS, 1):
        above: list[list[Any]] = [[f"{name}年度指标"], []] if n % 3 == 0 else []
        sheets[name] = [*above, header, *department_rows(n)]
    sheets["空白科"] = []
    sheets["Sheet63"] = [["科室：神经外科"], header, *department_rows(99)]
    path = Sheets(sheets).save(tmp_path / "d.xlsx")
    parsed = read(path, 2019)
    assert parsed.form.name == "department_workbook"
    beds = {e.department_raw: e for e in parsed.entries if e.label_raw == "编制床位" and e.period == "2019"}
    assert {name: int(e.value or 0) for name, e in beds.items()} == {
        None: 41, "神经外科": 140, **{name: 41 + n for n, name in enumerate(DEPARTMENTS, 1)},
    }  # fmt: skip
    assert len(parsed.entries) == 62 * 5
    assert {e.unit for e in parsed.entries} == {"张", "人次", "%"}
    assert parsed.unread == ("目录: no table of the form",)
    check_locators(path, parsed.entries)


@pytest.mark.parametrize(
    ("sheet", "department"),
    [
        ("2019年", None), ("2018-2019年度", None), ("2019年全院指标", None), ("主要指标", None),
        ("2019年骨科", "骨科"), ("骨科（2019）", "骨科"), ("心内", "心内"), ("3病区", "3病区"), ("1", None),
        ("医疗质量管理科", "医疗质量管理科"),
    ],
)  # fmt: skip
def test_a_sheet_named_by_its_year_or_its_content_is_no_department(
    sheet: str, department: str | None, tmp_path: Path
) -> None:
    rows = [["ID", "名称", "单位", "2018年", "2019年"], *department_rows(0)]
    entries = read(Sheets({sheet: rows}).save(tmp_path / "d.xlsx"), 2019).entries
    assert {e.department_raw for e in entries} == {department}


@pytest.mark.parametrize(
    ("name", "department"),
    [
        ("导出数据", None),
        ("各科室指标2019", None),
        ("骨科", "骨科"),
        ("2019年骨科", "骨科"),
        ("2019骨科指标", "骨科"),
    ],
)
@pytest.mark.parametrize("ending", ["csv", "xls"])
def test_the_name_of_a_file_without_sheets_is_a_department_only_where_it_looks_like_one(
    ending: str, name: str, department: str | None, tmp_path: Path
) -> None:
    rows = [["ID", "名称", "单位", "2018年", "2019年"], *department_rows(0)]
    path = tmp_path / f"{name}.{ending}"
    mark = "," if ending == "csv" else "\t"
    path.write_text("\n".join(mark.join("" if c is None else str(c) for c in row) for row in rows), encoding="gb18030")
    assert {e.department_raw for e in read(path, 2019).entries} == {department}


@pytest.mark.parametrize(
    ("title", "department"),
    [
        ("骨科2018-2019年度指标", "骨科"), ("2019年综合内科指标统计表", "综合内科"),
        ("某市人民医院骨科一病区运行数据", "骨科一病区"),
        ("科室：骨科", "骨科"), ("各科室指标汇总", None), ("某市中心医院2019年指标", None),
        ("质控科2019年各科室指标", None),
        ("信息科填报", None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("sheet", ["Sheet1", "1", "2019年"])
def test_the_title_names_the_department_where_the_sheet_does_not(
    sheet: str, title: str, department: str | None, tmp_path: Path
) -> None:
    rows = [[title], ["ID", "名称", "单位", "2018年", "2019年"], *department_rows(0)]
    entries = read(Sheets({sheet: rows}).save(tmp_path / "d.xlsx"), 2019).entries
    assert {e.department_raw for e in entries} == {department}


def test_a_return_is_the_hospitals_whichever_department_signs_it(tmp_path: Path) -> None:
    made = Figures.of("secondary_national_return", [2020], most=30)
    rows = [["病案科2020年度二级公立医院绩效考核填报表"], made.header(), *made.rows()]
    assert {e.department_raw for e in read(Sheets({"Sheet1": rows}).save(tmp_path / "r.xlsx")).entries} == {None}


@pytest.mark.parametrize("name", ["核心指标", "重点项目", "指标(2020年)"])
def test_a_row_of_a_tidy_table_is_no_header_whatever_its_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"指标,年份,数值,单位\n{name},2020,5,个\n出院人数,2020,1200,人\n", encoding="utf-8")
    parsed = read_entries(path, path.name, 2020, None)
    assert parsed.form.name == "tidy_csv"
    assert [(e.label_raw, e.value) for e in parsed.entries] == [(name, 5), ("出院人数", 1200)]


def test_a_tidy_table_on_the_sheet_of_a_department_is_its(tmp_path: Path) -> None:
    rows = [["年份", "指标", "单位", "数值"], [2019, "平均住院日", "天", 7]]
    for sheet, department in (("骨科", "骨科"), ("明细数据", None)):
        parsed = read(Sheets({sheet: rows}).save(tmp_path / "t.xlsx"), 2019)
        assert (parsed.form.name, [e.department_raw for e in parsed.entries]) == ("tidy_csv", [department])


def test_a_unit_in_a_cell_counts_against_the_one_of_its_row(tmp_path: Path) -> None:
    rows = [["指标", "单位", "2019年"], ["收入", "万元", "100万元"], ["感染率", "%", "5‰"], ["支出", "元", "100万元"]]
    entries = read(Sheets({"骨科": rows}).save(tmp_path / "d.xlsx"), 2019).entries
    assert [(e.unit, float(e.value or 0)) for e in entries] == [("万元", 100), ("%", 0.5), ("元", 1_000_000)]


def test_a_table_of_a_page_is_no_department(tmp_path: Path) -> None:
    rows = [["ID", "名称", "单位", "2018年", "2019年"], *department_rows(0)]
    cells = ("".join(f"<td>{'' if c is None else c}</td>" for c in row) for row in rows)
    path = tmp_path / "d.xls"
    path.write_text(f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>", encoding="utf-8")
    assert {e.department_raw for e in read(path, 2019).entries} == {None}


def test_a_unit_without_a_column_is_read_from_the_name_or_from_above_the_table(tmp_path: Path) -> None:
    rows = [
        ["收支情况（单位：万元）", None],
        ["项目", "2019年"],
        ["医疗收入", 5123.4],
        ["平均住院日（天）", 7.5],
        ["药占比 (%)▲", 31.5],
        ["病房（甲）", 3],
    ]
    entries = read(Sheets({"骨科": rows}).save(tmp_path / "d.xlsx"), 2019).entries
    assert [(e.unit_raw, e.unit) for e in entries] == [(u, u) for u in ("万元", "天", "%", "万元")]
    # What no form knows may be measured in anything: where its unit is from is told.
    assert ["unit_from_title" in e.notes for e in entries] == [True, False, False, True]
    rows[0] = ["填报单位：某某医院"]
    entries = read(Sheets({"骨科": rows}).save(tmp_path / "d.xlsx"), 2019).entries
    assert [e.unit_raw for e in entries] == [None, "天", "%", None]


def test_a_unit_said_for_a_whole_table_is_that_of_the_lines_it_can_measure(tmp_path: Path) -> None:
    made = Figures.of("secondary_national_return", [2020], most=150)
    rows = [["单位：万元"], ["指标名称", "2020年"], *([row[0], row[2]] for row in made.rows())]
    entries = read(Sheets({"医院": rows}).save(tmp_path / "r.xlsx")).entries
    assert {(e.unit, e.unit_raw) for e in entries if e.unit == "元"} == {("元", "万元")}
    stated = {li.line_code: made.value(li, 2020) for li in made.lines}
    for entry in entries:
        times = 10000 if entry.unit == "元" else 1
        assert float(entry.value or 0) == stated[str(entry.line_code)] * times
        assert ("unit_converted" in entry.notes) == (times > 1)
    assert {e.unit_raw for e in entries if e.unit != "元"} == {None}


@pytest.mark.parametrize(
    ("unit", "cell", "value", "decimals"),
    [
        ("万元", 2176.44, "21764400", -2), ("万元", "2,176.44", "21764400", -2), ("（万元）", 3, "30000", -4),
        ("万元", "2176.44万元", "21764400", -2), ("万元", "500元", "500", -2), ("亿元", "0.5", "50000000", -7),
        ("元", "2176万元", "21760000", -4), ("元", 7.5, "7.5", 1), ("人次", 7.5, "7.5", 1),
    ],
)  # fmt: skip
def test_a_figure_in_a_unit_of_its_lines_kind_is_converted(
    unit: str, cell: Any, value: str, decimals: int, tmp_path: Path
) -> None:
    made = Figures.of("secondary_national_return", [2020], most=60)
    own = {"16.1": (unit, cell)}
    rows = [[li.line_code, li.label_zh, *own.get(li.line_code, (li.unit, 5))] for li in made.lines]
    path = Sheets({"医院": [["编码", "指标名称", "单位", "2020年"], *rows]}).save(tmp_path / "r.xlsx")
    entries = read_entries(path, path.name, 2020, None).entries
    (entry,) = (e for e in entries if e.line_code == "16.1")
    assert (entry.value, entry.unit, entry.stated_decimals) == (Decimal(value), "元", decimals)
    assert list(entries.copy_lines("x")) == list(map(CopyText("x").line, entries))


def test_departments_may_stand_in_a_column(tmp_path: Path) -> None:
    rows = [
        ["科室", "指标", "单位", "2018年", "2019年"],
        ["心内科", "床位", "张", 1, 2],
        [None, "出院人次", "人次", 3, 4],
        ["骨科", "床位", "张", 5, 6],
    ]
    entries = read(Sheets({"汇总": rows}).save(tmp_path / "d.xlsx"), 2019).entries
    assert [(e.department_raw, e.label_raw, int(e.value or 0)) for e in entries if e.period == "2019"] == [
        ("心内科", "床位", 2), ("心内科", "出院人次", 4), ("骨科", "床位", 6),
    ]  # fmt: skip


def test_a_return_with_sheets_of_departments_keeps_them_apart(tmp_path: Path) -> None:
    made = Figures.of("secondary_national_return", [2020], most=30)
    sheets = {"医院": [made.header(), *made.rows()]}
    for name in ("心内科", "ICU", "急诊中心"):
        sheets[name] = [made.header(), *made.rows()[:9], ["自设指标", "个", 3]]
    parsed = read(Sheets(sheets).save(tmp_path / "r.xlsx"))
    assert parsed.form.name == "secondary_national_return"
    assert figures([e for e in parsed.entries if e.department_raw is None]) == made.expected()
    of_departments = [e for e in parsed.entries if e.department_raw]
    assert {e.department_raw for e in of_departments} == {"心内科", "ICU", "急诊中心"}
    assert len(of_departments) == 30
    assert sum("unknown_line" in e.notes for e in of_departments) == 3


def test_an_old_workbook_is_read_alike(tmp_path: Path) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    for name in ("医院", "骨科"):
        sheet = book.add_sheet(name)
        sheet.write_merge(0, 0, 0, 4, f"{name}年度指标")
        for r, row in enumerate([["ID", "名称", "单位", "Y2018", "Y2019"], *department_rows(1)], 1):
            for c, cell in enumerate(row):
                sheet.write(r, c, cell)
    book.save(str(tmp_path / "d.xls"))
    entries = read(tmp_path / "d.xls", 2019).entries
    assert [(e.department_raw, e.locator) for e in entries[:1]] == [(None, "医院!D3")]
    assert len(entries) == 10


def test_a_table_that_a_page_breaks_goes_on_without_its_header(tmp_path: Path) -> None:
    made = Figures.of("secondary_national_return", [2020, 2019], most=40)
    document = docx.Document()
    for rows in ([made.header(), *made.rows()[:25]], made.rows()[25:], [["张三", "李四", "王五", "赵六"]]):
        table = document.add_table(len(rows), 4)
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                table.cell(r, c).text = str(cell)
        document.add_paragraph()
    document.save(str(tmp_path / "r.docx"))
    parsed = read(tmp_path / "r.docx")
    assert figures(parsed.entries) == made.expected()
    assert parsed.entries[-1].locator == "table 2!D15"
    assert parsed.unread == ("table 3: no table of the form",)


# Tables on their side


@pytest.mark.parametrize("form", ["secondary_national_return", "tertiary_national_return"])
@pytest.mark.parametrize("above", [[], [["某县人民医院绩效考核"], []]])
def test_years_down_the_rows_are_turned(above: list[list[Any]], form: str, tmp_path: Path) -> None:
    made = Figures.of(form, [2020, 2019, 2018], most=40)
    lines = [
        ["序号", "年份", *(row[0] for row in made.rows())],
        [None, "单位", *(li.unit for li in made.lines)],
        *([n, f"{y}年", *(made.value(li, y) for li in made.lines)] for n, y in enumerate(made.years, 1)),
        [None, "注：由病案室提供"],
    ]
    path = Sheets({"填报表": [*above, *lines]}).save(tmp_path / "r.xlsx")
    parsed = read(path)
    assert parsed.form.name == form
    assert figures(parsed.entries) == made.expected()
    assert {e.unit_raw for e in parsed.entries} == {line.unit for line in made.lines}
    check_locators(path, parsed.entries)


def test_departments_and_years_down_the_rows_are_turned(tmp_path: Path) -> None:
    rows = [
        ["科室", "年度", "床位（张）", "出院人次", "病床使用率"],
        ["心内科", 2019, 40, 1000, "90.5%"],
        [None, 2018, 39, "--", 0.9],
        ["骨科", 2019, 50, 1200, 91],
    ]
    path = Sheets({"汇总": rows}).save(tmp_path / "d.xlsx")
    parsed = read(path, 2019)
    assert parsed.form.name == "department_workbook"
    assert [(e.department_raw, e.label_raw, e.period, e.value_raw, e.locator) for e in parsed.entries] == [
        ("心内科", "床位（张）", "2019", "40", "汇总!C2"), ("心内科", "床位（张）", "2018", "39", "汇总!C3"),
        ("心内科", "出院人次", "2019", "1000", "汇总!D2"),
        ("心内科", "病床使用率", "2019", "90.5%", "汇总!E2"), ("心内科", "病床使用率", "2018", "0.9", "汇总!E3"),
        ("骨科", "床位（张）", "2019", "50", "汇总!C4"), ("骨科", "出院人次", "2019", "1200", "汇总!D4"),
        ("骨科", "病床使用率", "2019", "91", "汇总!E4"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("head", "years"),
    [
        ([["指标名称", "单位", "心内科", "骨科", "全院合计", "备注"]], ["2019"] * 3),
        ([["指标名称", "单位", "2018年"], [None, None, "心内科", "骨科", "合计"]], ["2018"] * 3),
        (
            [["指标名称", "单位", "心内科", None, "骨科"], [None, None, "2018年", "2019年", "2018年"]],
            ["2018", "2019", "2018"],
        ),
        ([["各科室2018年指标"], ["指标名称", "单位", "心内科", "骨科", "儿科"]], ["2018"] * 3),
    ],
)
def test_departments_along_the_header_are_told_apart(head: list[list[Any]], years: list[str], tmp_path: Path) -> None:
    rows = [*head, ["床位", "张", 40, 50, 90], ["出院人次", "人次", 1000, 1200, 2200]]
    path = Sheets({"汇总": rows}).save(tmp_path / "d.xlsx")
    parsed = read(path, 2019)
    titles = next(row for row in head if "骨科" in row)
    whose = [titles[2], titles[3] or titles[2], None if "合计" in str(titles[4]) else titles[4]]
    assert parsed.form.name == "department_workbook"
    assert {(e.department_raw, e.label_raw, e.unit, e.period, float(e.value or 0)) for e in parsed.entries} == {
        (whose[n], label, unit, years[n], row[n])
        for label, unit, *row in (("床位", "张", 40, 50, 90), ("出院人次", "人次", 1000, 1200, 2200))
        for n in range(3)
    }
    check_locators(path, parsed.entries)
    assert not parsed.unread


@pytest.mark.parametrize(
    ("above", "sheet", "note", "year"),
    [
        ([["某县医院2018年各科室指标"]], "汇总", "year_from_title", "2018"),
        ([], "2018年", "year_from_sheet", "2018"),
        ([[None], []], "汇总", "year_from_submission", "2019"),
    ],
)
def test_departments_down_the_rows_without_a_year_are_turned(
    above: list[list[Any]], sheet: str, note: str, year: str, tmp_path: Path
) -> None:
    rows = [
        *above,
        ["序号", "科室名称", "床位（张）", "出院人次", "病床使用率", "负责人", "备注"],
        [None, "单位", None, "人次", "%", None, None],
        [1, "心内科", 40, 1000, 90.5, "张三", None],
        [2, "骨科", 50, "--", 91, "李四", "新楼"],
        ["合计", None, 90, 1000, 90.7, None, None],
        ["填表人：王五"],
    ]
    path = Sheets({sheet: rows}).save(tmp_path / "d.xlsx")
    parsed = read(path, 2019)
    n = len(above) + 3
    assert parsed.form.name == "department_workbook"
    assert [(e.department_raw, e.label_raw, e.unit, e.value_raw, e.locator) for e in parsed.entries] == [
        ("心内科", "床位（张）", "张", "40", f"{sheet}!C{n}"), ("心内科", "出院人次", "人次", "1000", f"{sheet}!D{n}"),
        ("心内科", "病床使用率", "%", "90.5", f"{sheet}!E{n}"),
        ("骨科", "床位（张）", "张", "50", f"{sheet}!C{n + 1}"), ("骨科", "病床使用率", "%", "91", f"{sheet}!E{n + 1}"),
        (None, "床位（张）", "张", "90", f"{sheet}!C{n + 2}"), (None, "出院人次", "人次", "1000", f"{sheet}!D{n + 2}"),
        (None, "病床使用率", "%", "90.7", f"{sheet}!E{n + 2}"),
    ]  # fmt: skip
    assert {e.period for e in parsed.entries} == {year}
    assert all(note in e.notes for e in parsed.entries)
    assert any("'负责人'" in told for told in parsed.unread)


@pytest.mark.parametrize(
    "rows",
    [
        [["年度", "姓名", "职称"], [2019, "张三", "主任医师"], [2018, "李四", "医师"]],
        [["年度", "床位", "出院人次"], [2019, 40, 1000], [2019, 41, 1001]],
        [["年度", "床位", "出院人次"], [2019, 40, 1000], ["一季度", 41, 1001]],
        [["年度", "床位"], [2019, 40]],
        [["部门", "姓名", "工龄", "工资"], ["骨科", "张三", 3, 5000], ["骨科", "李四", 5, 6000]],
        [["科室", "主任", "电话"], ["骨科", "张三", 3123], ["儿科", "李四", 3124]],
        [["科室", "一季度2019年", "2019年"], ["骨科", 1, 3], ["儿科", 5, 6]],
        [["2019年各科室出院人次"], ["科室", "1月", "2月", "3月", "合计"], ["骨科", 1, 3, 4, 8], ["儿科", 5, 6, 7, 18]],
        [["2019年各科室出院人次"], ["科室", 1, 2, 3, "合计"], ["骨科", 1, 3, 4, 8], ["儿科", 5, 6, 7, 18]],
        [
            [None, None, "2019年", None],
            ["指标", "单位", "上半年", "下半年"],
            ["床位", "张", 40, 41],
            ["手术", "台", 4, 5],
        ],
        [["年度", "一季度", "二季度", "全年"], [2019, 40, 1000, 1040], [2018, 41, 1001, 1042]],
    ],
)
def test_a_table_that_may_not_lie_on_its_side_is_refused(rows: list[list[Any]], tmp_path: Path) -> None:
    with pytest.raises(Problem) as caught:
        read(Sheets({"表": rows}).save(tmp_path / "x.xlsx"), 2019)
    assert caught.value.code == "unknown-form"


# Plans


PLAN = [[1, "门诊人次", "万人次", "80", "100", "门诊部"], [2, "三四级手术占比", "%", 45, "≥55", "医务科"]]


@pytest.mark.parametrize(
    "header",
    [
        ["序号", "指标名称", "单位", "2020年", "2025年目标", "责任部门"],
        ["序号", "规划指标", "计量单位", "2020年基期值", "2025年目标值", "牵头部门"],
        ["编号", "主要指标", "单位", "2020年", "2025年", "责任科室"],
    ],
)
def test_a_plan_is_read_whatever_its_titles(header: list[str], tmp_path: Path) -> None:
    rows = [["某医院“十四五”发展规划主要指标"], [], header, ["一、医疗服务"], *PLAN, ["注：以正式印发为准"]]
    parsed = read(Sheets({"附表": rows}).save(tmp_path / "p.xlsx"), 2021)
    assert parsed.form.name == "plan_annex"
    assert [(e.label_raw, e.period, float(e.baseline_value or 0), float(e.value or 0), e.comparator, e.department_raw,
             e.section_raw, e.locator) for e in parsed.entries] == [
        ("门诊人次", "2025", 800000.0, 1000000.0, "=", "门诊部", "医疗服务", "附表!E5"),
        ("三四级手术占比", "2025", 45.0, 55.0, ">=", "医务科", "医疗服务", "附表!E6"),
    ]  # fmt: skip


def test_the_letters_of_the_columns_are_no_target(tmp_path: Path) -> None:
    rows = [["指标", "单位", "2022年目标", "责任部门"], ["甲", "乙", 1, 2], ["药占比", "%", 30, "药学部"]]
    assert [e.label_raw for e in read(Sheets({"附表": rows}).save(tmp_path / "p.xlsx")).entries] == ["药占比"]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ([["指标", "单位", "2022年完成", "2023年目标", "2023年完成", "完成率"]], {"2022": 1, "2023": 3}),
        (
            [["指标", "单位", "2022年", None, "2023年", None], [None, None, "目标值", "完成值", "目标值", "完成值"]],
            {"2022": 2, "2023": 4},
        ),
        (
            [["2023年度目标完成情况"], ["指标", "单位", "上年完成", "目标值", "完成值", "完成率"]],
            {"2022": 1, "2023": 3},
        ),
        ([["指标", "单位", "2022年", "2023年", "2024年目标", "责任部门"]], {"2022": 1, "2023": 2}),
        ([["指标", "单位", "2023年", "2023年目标值", "差异", "责任部门"]], {"2023": 1}),
        ([["指标", "单位", "2022年", "2023年", "目标值", "责任部门"]], {"2022": 1, "2023": 2}),
    ],
)
def test_what_came_of_the_targets_of_a_year_is_no_plan(
    header: list[list[Any]], expected: dict[str, int], tmp_path: Path
) -> None:
    rows = [*header, ["平均住院日", "天", 1, 2, 3, 4], ["出院人次", "人次", 1, 2, 3, 4]]
    parsed = read(Sheets({"骨科": rows}).save(tmp_path / "d.xlsx"), 2023)
    assert parsed.form.name == "department_workbook"
    assert {e.period: int(e.value or 0) for e in parsed.entries} == expected


def test_beside_named_years_a_column_of_figures_has_the_year_of_the_title_or_is_told(tmp_path: Path) -> None:
    rows = [["骨科2023年月报"], ["指标", "单位", "1月", "全年合计", "2022年全年"], ["出院人次", "人次", 1, 12, 11]]
    parsed = read(Sheets({"骨科": rows}).save(tmp_path / "d.xlsx"), 2023)
    assert {e.period: int(e.value or 0) for e in parsed.entries} == {"2022": 11, "2023": 12}
    assert parsed.unread == ("骨科!C2: column '1月'",)
    parsed = read(Sheets({"骨科": rows[1:]}).save(tmp_path / "e.xlsx"), 2023)
    assert {e.period: int(e.value or 0) for e in parsed.entries} == {"2022": 11}
    assert parsed.unread == ("骨科!C1: column '1月'", "骨科!D1: column '全年合计'")


@pytest.mark.parametrize(
    ("before", "after"),
    [("十三五末", "十四五末"), ("“十三五”期末", "“十四五”期末目标"), ("“十三五”末值", "“十四五”末")],
)
def test_a_plan_may_name_the_ends_of_the_plans(before: str, after: str, tmp_path: Path) -> None:
    rows = [["序号", "指标", "单位", before, after, "牵头部门"], *PLAN]
    parsed = read(Sheets({"附表": rows}).save(tmp_path / "p.xlsx"), 2021)
    assert parsed.form.name == "plan_annex"
    assert [(e.period, float(e.baseline_value or 0), float(e.value or 0)) for e in parsed.entries] == [
        ("2021-2025", 800000.0, 1000000.0), ("2021-2025", 45.0, 55.0),
    ]  # fmt: skip


def test_a_plan_with_steps_has_a_target_for_each_year(tmp_path: Path) -> None:
    header = [
        ["序号", "指标", "单位", "基期值", "目标值", None, "责任部门"],
        [None, None, None, "2020年", "2023年", "2025年", None],
    ]
    rows = [[n, label, unit, base, "90", target, who] for n, label, unit, base, target, who in PLAN]
    sheets = {"医疗": [*header, rows[0]], "教学": [*header, rows[1]], "说明": [["略"]]}
    parsed = read(Sheets(sheets, {"医疗": ["E1:F1"]}).save(tmp_path / "p.xlsx"), 2021)
    assert [(e.label_raw, e.period, e.value_raw, e.locator) for e in parsed.entries] == [
        ("门诊人次", "2023", "90", "医疗!E3"), ("门诊人次", "2025", "100", "医疗!F3"),
        ("三四级手术占比", "2023", "90", "教学!E3"), ("三四级手术占比", "2025", "≥55", "教学!F3"),
    ]  # fmt: skip
    assert parsed.unread == ("说明: no table of the form",)


def test_years_ahead_are_steps_of_a_plan(tmp_path: Path) -> None:
    rows = [["指标", "单位", "2020年", "2021年", "2022年", "2024年", "2025年", "备注"],
            ["床位", "张", 500, 520, 600, 700, 800, "略"]]  # fmt: skip
    parsed = read(Sheets({"附表": rows}).save(tmp_path / "p.xlsx"), 2021)
    assert parsed.form.name == "plan_annex"
    assert [(e.period, e.value_raw, e.baseline_raw) for e in parsed.entries] == [
        ("2022", "600", "500"), ("2024", "700", "500"), ("2025", "800", "500"),
    ]  # fmt: skip
    assert parsed.unread == ("附表!D1: column '2021年'",)


def test_next_years_figures_are_no_plan_but_where_it_is_named_or_titled(tmp_path: Path) -> None:
    rows = [["序号", "指标", "单位", "2023年", "2024年"], [1, "床位", "张", 500, 520]]
    path = Sheets({"医院": rows}).save(tmp_path / "d.xlsx")
    assert read(path, 2023).form.name == "department_workbook"
    assert read_entries(path, path.name, 2023, "plan_annex").entries[0].period == "2024"
    titled = Sheets({"医院": [["医院“十四五”发展规划"], *rows]}).save(tmp_path / "p.xlsx")
    assert read(titled, 2023).form.name == "plan_annex"


def test_a_table_that_fits_two_forms_alike_is_asked_about_by_their_names(tmp_path: Path) -> None:
    rows = [["指标", "单位", "2019年", "2020年", "2021年", "2022年", "2024年目标"], ["床位", "张", 1, 1, 1, 1, 1]]
    path = Sheets({"医院": rows}).save(tmp_path / "t.xlsx")
    with pytest.raises(Problem) as caught:
        read(path, 2023)
    assert caught.value.code == "ambiguous-form"
    assert caught.value.remedy == "Name the one that is meant: --form department_workbook or --form plan_annex."
    assert read_entries(path, path.name, 2023, "plan_annex").entries[0].value_raw == "1"


@pytest.mark.parametrize("this", ["本年度", "本年数", "实际完成"])
@pytest.mark.parametrize("prior", ["上年度", "上年同期", "去年"])
def test_the_year_before_may_stand_below_the_year_that_follows_it(this: str, prior: str, tmp_path: Path) -> None:
    made = Figures.of("secondary_national_return", [2020, 2019], most=30)
    rows = [["指标名称", "单位", "2020年度", None], [None, None, this, prior], *made.rows()]
    said = read(Sheets({"表": rows}).save(tmp_path / "r.xlsx"))
    assert (figures(said.entries), said.unread) == (made.expected(), ())
    # What names its year itself goes first.
    rows = [["指标名称", "单位", "2020年度", None, "2019年度"], [None, None, this, prior, this]]
    rows += [[*row[:3], 1, row[3]] for row in made.rows()]
    said = read(Sheets({"表": rows}).save(tmp_path / "s.xlsx"))
    assert figures(said.entries) == made.expected()


@pytest.mark.parametrize(
    ("this", "prior"),
    [
        ("本年数", "上年数"),
        ("本年", "上年同期"),
        ("本期值", "去年"),
        ("全年", "上年全年"),
        ("本年度填报值", "上年度填报值"),
    ],
)  # fmt: skip
def test_this_year_and_the_year_before_are_told_by_the_title_or_the_submission(
    this: str, prior: str, tmp_path: Path
) -> None:
    made = Figures.of("secondary_national_return", [2020, 2019], most=30)
    rows = [["指标名称", "单位", this, prior], *made.rows()]
    said = read(Sheets({"表": rows}).save(tmp_path / "r.xlsx"))
    assert figures(said.entries) == made.expected()
    assert {note for e in said.entries for note in e.notes} >= {"year_from_submission"}
    titled = read(Sheets({"表": [["2020年度填报表"], *rows]}).save(tmp_path / "t.xlsx"), 2023)
    assert figures(titled.entries) == made.expected()


@pytest.mark.parametrize("unit", ["度量单位", "Unit 单位", "计量单位"])
@pytest.mark.parametrize("name", ["指标\\年份", "项目/年度", "考核指标"])
def test_titles_may_be_in_other_words(name: str, unit: str, tmp_path: Path) -> None:
    made = Figures.of("secondary_national_return", [2020, 2019], most=30)
    parsed = read(Sheets({"表": [[name, unit, 2020, 2019], *made.rows()]}).save(tmp_path / "r.xlsx"))
    assert figures(parsed.entries) == made.expected()
    assert parsed.unread == ()


def test_a_column_that_the_form_does_not_know_is_told(tmp_path: Path) -> None:
    made = Figures.of("secondary_national_return", [2020], most=30)
    rows = [[*made.header(), "分管院长", "上年同期", None], *([*row, "张", 1, 2] for row in made.rows())]
    parsed = read(Sheets({"表": rows}).save(tmp_path / "r.xlsx"))
    assert figures(parsed.entries) == made.expected()
    assert parsed.unread == (
        "表!D1: column '分管院长'",
        "表!E1: column '上年同期'",
        "表!F2: figures without a title",
    )


@pytest.mark.parametrize(
    "above",
    [
        ["填报日期：2021年1月15日"],
        ["填报单位：某医院", None, "填报时间：2021-01-15"],
        ["2021年1月"],
        [None, "2021/1/15"],
    ],
)
def test_the_day_when_a_paper_was_written_is_not_the_year_of_its_figures(above: list[Any], tmp_path: Path) -> None:
    made = Figures.of("secondary_national_return", [2020], most=30)
    rows = [["2020年度填报表"], above, ["指标名称", "单位", "数值"], *made.rows()]
    assert figures(read(Sheets({"表": rows}).save(tmp_path / "r.xlsx")).entries) == made.expected()
    rows = [["骨科2020年指标"], above, ["指标名称", "单位", "数值"], ["出院人次", "人次", 5]]
    assert [e.period for e in read(Sheets({"骨科": rows}).save(tmp_path / "d.xlsx")).entries] == ["2020"]


@pytest.mark.parametrize(
    ("sheet", "title", "titles"),
    [
        ("骨科", "骨科2020年6月运行情况", ["指标", "单位", "本期", "上年同期"]),
        ("骨科", "骨科2020年上半年指标", ["指标", "单位", "2020年", "2019年"]),
        ("骨科", "2020年第三季度", ["指标", "单位", "数值", None]),
        ("6月", "骨科2020年指标", ["指标", "单位", "完成值", None]),
        ("2020年1季度", None, ["指标", "单位", "2020年", "2019年"]),
        ("6月", "2020年6月各科室工作量", ["科室", "出院人次", "手术台次", "门诊人次"]),
    ],
)
def test_figures_of_a_part_of_a_year_are_told_and_not_read(
    sheet: str, title: str | None, titles: list[str | None], tmp_path: Path
) -> None:
    rows: list[list[Any]] = [[title], titles, ["骨科", 5, 6, 7], ["儿科", 8, 9, 10]]
    with pytest.raises(Problem) as caught:
        read(Sheets({sheet: rows}).save(tmp_path / "part.xlsx"))
    assert "is of a part of a year: send the figures of the whole year" in caught.value.remedy
    whole = [["全年"], ["指标", "单位", "2020年"], ["出院人次", "人次", 5]]
    parsed = read(Sheets({sheet: rows, "全院": whole}).save(tmp_path / "both.xlsx"))
    assert [e.locator for e in parsed.entries] == ["全院!C3"]
    assert any("part of a year" in told for told in parsed.unread)


# Text


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_with_a_title_is_read_with_any_separator(mark: str, encoding: str, tmp_path: Path) -> None:
    made = Figures.of("secondary_national_return", [2020, 2019], most=30)
    rows = [["某县，人民医院"], made.header(), *made.rows()]
    path = tmp_path / "r.csv"
    path.write_bytes("\n".join(mark.join(map(str, row)) for row in rows).encode(encoding))
    assert figures(read(path).entries) == made.expected()


def test_columns_of_blanks_are_a_table(tmp_path: Path) -> None:
    made = Figures.of("secondary_national_return", [2020, 2019], most=30)
    rows = made.rows()
    rows[3][2] = ""  # a cell that is not there moves nothing
    path = tmp_path / "r.txt"
    path.write_text(
        "某县人民医院填报表\n\n" + "\n".join(
            "".join(str(c) + " " * (44 - sum(2 if ord(x) > 255 else 1 for x in str(c))) for c in row).rstrip()
            for row in [made.header(), *rows]
        ),
        encoding="utf-8",
    )  # fmt: skip
    parsed = read(path)
    wanted = made.expected()
    del wanted[made.lines[3].line_code, "2020"]
    assert figures(parsed.entries) == wanted
    text = path.read_text("utf-8")
    for entry in parsed.entries:
        start, end = map(int, entry.locator.removeprefix("chars ").split("-"))
        assert text[start:end] == entry.value_raw


# Patches


def test_a_patch_of_one_line_is_read_where_its_form_is_named_and_else_refused(tmp_path: Path) -> None:
    rows = [["指标名称", "单位", "2020年"], ["13.平均住院日", "天", 7.3], ["1.1.出院患者手术人数", "人", "--"]]
    path = Sheets({"更正": rows}).save(tmp_path / "p.xlsx")
    entries = read_entries(path, path.name, 2020, "secondary_national_return", True).entries
    assert [(e.line_code, e.value_raw, "cleared" in e.notes) for e in entries] == [
        ("13", "7.3", False), ("1.1", "--", True),
    ]  # fmt: skip
    with pytest.raises(Problem) as caught:
        read_entries(path, path.name, 2020, None, True)
    assert caught.value.code == "ambiguous-form"
