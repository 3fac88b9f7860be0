"""Names that say what they are of only together with their group: results, numerators, equal names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fixtures.return_variants import Figures, Sheets

from ingestion.forms.form import get_form
from ingestion.forms.tables.told_apart import told_apart
from ingestion.steps.parse import Parsed, read_entries

N = None
Rows = list[list[Any]]
FORMS = "secondary_national_return", "tertiary_national_return"


def read(rows: Rows, folder: Path, sheet: str = "质控") -> Parsed:
    path = Sheets({sheet: rows}).save(folder / "d.xlsx")
    return read_entries(path, path.name, 2024, None)


def labelled(parsed: Parsed) -> dict[tuple[str | None, str | None], float]:
    found = {(e.label_raw, e.period): float(e.value or 0) for e in parsed.entries}
    assert len(found) == len(parsed.entries)
    return found


RATES = {
    ("手术占比", "2024"): 30.0, ("手术占比·分子", "2024"): 300.0, ("手术占比·分母", "2024"): 1000.0,
    ("死亡率", "2024"): 2.0, ("死亡率·分子", "2024"): 20.0, ("死亡率·分母", "2024"): 1001.0,
}  # fmt: skip


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(
            [
                ["指标名称", "项目", "单位", "2024年"],
                ["手术占比", "结果", "%", 30], [N, "分子", "人", 300], [N, "分母", "人", 1000],
                ["死亡率", "结果", "%", 2], [N, "分子", "人", 20], [N, "分母", "人", 1001],
            ],
            id="rows_below_a_merged_name",
        ),
        pytest.param(
            [
                ["指标", N, "2024年"],
                ["手术占比", "分子", 300], [N, "分母", 1000], [N, "指标值", 30],
                ["死亡率", "分子", 20], [N, "分母", 1001], [N, "指标值", 2],
            ],
            id="rows_below_a_title_over_two_columns",
        ),
        pytest.param(
            [
                ["指标", "单位", "2024年"],
                ["手术占比", "%", 30], ["分子", "人", 300], ["分母", "人", 1000],
                ["死亡率", "%", 2], ["分子", "人", 20], ["分母", "人", 1001],
            ],
            id="rows_below_the_result",
        ),
        pytest.param(
            [
                ["指标", "2024年"],
                ["手术占比", N], ["结果", 30], ["分子", 300], ["分母", 1000],
                ["死亡率", N], ["结果", 2], ["分子", 20], ["分母", 1001],
            ],
            id="rows_below_a_name_without_figures",
        ),
        pytest.param(
            [
                ["指标", "单位", "2024年", N, N], [N, N, "结果", "分子", "分母"],
                ["手术占比", "%", 30, 300, 1000], ["死亡率", "%", 2, 20, 1001],
            ],
            id="columns_below_a_year",
        ),
        pytest.param(
            [
                ["指标", "2024年分子", "2024年分母", "2024年结果"],
                ["手术占比", 300, 1000, 30], ["死亡率", 20, 1001, 2],
            ],
            id="columns_that_name_the_year",
        ),
        pytest.param(
            [
                ["2024年度质控指标"], ["指标", "分子值", "分母值", "结果"],
                ["手术占比", 300, 1000, 30], ["死亡率", 20, 1001, 2],
            ],
            id="columns_below_a_title_of_the_year",
        ),
    ],
)  # fmt: skip
def test_result_numerator_and_denominator_are_lines_of_their_indicator(rows: Rows, tmp_path: Path) -> None:
    parsed = read(rows, tmp_path)
    assert {
        (str(label).replace("子值", "子").replace("母值", "母"), y): v for (label, y), v in labelled(parsed).items()
    } == RATES
    assert not parsed.unread
    assert {e.unit for e in parsed.entries if "·" in str(e.label_raw)} <= {N, "人"}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("shape", ["rows", "columns", "years"])
def test_numerator_and_denominator_of_a_return_are_the_lines_of_its_formula(
    form: str, shape: str, tmp_path: Path
) -> None:
    known = get_form(form)
    made = Figures.of(form, [2024, 2023])
    made.lines = [li for li in made.lines if li.is_indicator and known.operand(li, "numerator")]
    made.lines = [li for li in made.lines if known.operand(li, "denominator")]
    assert len(made.lines) > 15
    expected, rows = {}, list[list[Any]]()
    for line in made.lines:
        of = {"结果": line, "分子": known.operand(line, "numerator"), "分母": known.operand(line, "denominator")}
        for year in made.years if shape == "years" else [2024]:
            expected |= {
                (li.line_code, str(year)): made.value(line, year) + n for n, li in enumerate(of.values()) if li
            }
        name = f"{line.line_code}.{line.label_zh}"
        cells = {y: [made.value(line, y) + n for n in range(3)] for y in made.years}
        if shape == "rows":
            rows += [[name if not n else N, what, cells[2024][n]] for n, what in enumerate(of)]
        else:
            rows.append([name, *cells[2024], *(cells[2023] if shape == "years" else ())])
    header: Rows = {
        "rows": [["指标名称", "项目", "2024年"]],
        "columns": [["指标名称", "2024年", N, N], [N, "结果", "分子", "分母"]],
        "years": [["指标名称", "2024年", N, N, "2023年", N, N], [N, *["结果", "分子", "分母"] * 2]],
    }[shape]
    parsed = read([*header, *rows], tmp_path, "填报表")
    assert parsed.form.name == form
    shared = {li.line_code for li in known.lines.values()} - {code for code, _ in expected}
    assert not shared & {e.line_code for e in parsed.entries}
    for entry in parsed.entries:
        assert (entry.line_code, entry.period) in expected
    assert len(parsed.entries) == 3 * len(made.lines) * (2 if shape == "years" else 1)
    assert not {n for e in parsed.entries for n in e.notes} - {"code_differs"}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("mark", ["{}：{}", "{}: {}", "{}（{}）", "{}——{}", "其中：{}：{}"])
@pytest.mark.parametrize("number", ["指标序号", "序号", "题号"])
def test_a_numerator_that_is_named_is_the_line_of_that_name(form: str, mark: str, number: str, tmp_path: Path) -> None:
    known = get_form(form)
    made = Figures.of(form, [2024])
    parts = {li.line_code: [known.operand(li, p) for p in ("numerator", "denominator")] for li in made.lines}
    made.lines = [li for li in made.lines if all(parts[li.line_code])]
    rows, expected = list[list[Any]](), dict[str, float]()
    for line in made.lines:
        rows.append([line.line_code, line.label_zh, line.unit, made.value(line, 2024)])
        expected.setdefault(line.line_code, made.value(line, 2024))
        for what, part in zip(("分子", "分母"), parts[line.line_code], strict=True):
            assert part
            rows.append([N, mark.format(what, part.label_zh), part.unit, made.value(part, 2024)])
            expected.setdefault(part.line_code, made.value(part, 2024))
    parsed = read([[number, "指标名称", "计量单位", "2024年"], *rows], tmp_path, "填报表")
    assert parsed.form.name == form
    assert {str(e.line_code): float(e.value or 0) for e in parsed.entries} == expected
    assert {n for e in parsed.entries for n in e.notes} <= {"code_differs"}


def test_a_numerator_by_another_name_is_that_of_the_indicator_above_and_says_so(tmp_path: Path) -> None:
    made = Figures.of("secondary_national_return", [2024], most=40)
    rows: Rows = [["序号", "指标名称", "2024年"], *([li.line_code, li.label_zh, 5] for li in made.lines[9:])]
    rows += [["1", made.lines[0].label_zh, 50], [N, "分子：动刀的人数", 40], [N, "分母：同期出院患者人数", 80]]
    parsed = read(rows, tmp_path, "填报表")
    found = {e.line_code: (float(e.value or 0), e.notes) for e in parsed.entries[-3:]}
    assert found == {"1": (50.0, ()), "1.1": (40.0, ("label_differs",)), "1.2": (80.0, ())}


def test_what_a_formula_does_not_name_is_a_line_of_its_own(tmp_path: Path) -> None:
    made = Figures.of("secondary_national_return", [2024], most=40)
    rows = [[*made.header(), "分子"], *([*row, 7] for row in made.rows())]
    entries = read(rows, tmp_path, "表").entries
    beds = next(e for e in entries if e.label_raw == "13.平均住院日·分子")
    assert beds.line_code == "13.1"
    own = next(e for e in entries if e.label_raw == "1.1.出院患者手术人数·分子")
    assert (own.line_code, own.unit, own.notes) == (None, None, ("unknown_line",))


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(
            [
                ["类别", "指标名称", "2024年"],
                ["手术患者", "死亡率", 1], [N, "感染率", 2], ["住院患者", "死亡率", 3], [N, "床位", 4],
            ],
            id="merged_left",
        ),
        pytest.param(
            [
                ["序号", "指标", N, "2024年"],
                [1, "手术患者", "死亡率", 1], [2, N, "感染率", 2], [3, "住院患者", "死亡率", 3], [4, "床位", N, 4],
            ],
            id="title_over_two_columns",
        ),
        pytest.param(
            [
                ["指标", "2024年"],
                ["手术患者", N], ["死亡率", 1], ["感染率", 2], ["住院患者", N], ["死亡率", 3], ["床位", 4],
            ],
            id="rows_without_figures",
        ),
        pytest.param(
            [
                ["序号", "指标", "2024年"],
                ["手术患者", N, N], [1, "死亡率", 1], [2, "感染率", 2], ["住院患者", N, N], [1, "死亡率", 3],
                [2, "床位", 4],
            ],
            id="rows_merged_over_all",
        ),
        pytest.param(
            [
                ["序号", "指标", "2024年"],
                ["一", "一、手术患者", N], [1, "死亡率", 1], [2, "感染率", 2],
                ["二", "二、住院患者", N], [1, "死亡率", 3], [2, "床位", 4],
            ],
            id="rows_with_numbers_of_an_outline",
        ),
    ],
)  # fmt: skip
def test_equal_names_below_different_groups_are_told_apart(rows: Rows, tmp_path: Path) -> None:
    assert labelled(read(rows, tmp_path)) == {
        ("手术患者·死亡率", "2024"): 1, ("感染率", "2024"): 2, ("住院患者·死亡率", "2024"): 3, ("床位", "2024"): 4,
    }  # fmt: skip


def test_a_part_of_a_line_takes_its_name(tmp_path: Path) -> None:
    rows: Rows = [
        ["指标", "2024年"],
        ["门诊人次", 10], ["其中：专家", 3], ["急诊人次", 5], ["其中：专家", 2], ["其中：夜间", 1],
    ]  # fmt: skip
    assert labelled(read(rows, tmp_path)) == {
        ("门诊人次", "2024"): 10, ("门诊人次·其中：专家", "2024"): 3, ("急诊人次", "2024"): 5,
        ("急诊人次·其中：专家", "2024"): 2, ("其中：夜间", "2024"): 1,
    }  # fmt: skip


def test_the_same_name_twice_in_one_group_stays_a_repeat(tmp_path: Path) -> None:
    rows: Rows = [["指标", "2024年"], ["医疗质量", N], ["死亡率", 1], ["感染率", 2], ["死亡率", 3]]
    assert [e.label_raw for e in read(rows, tmp_path).entries] == ["死亡率", "感染率", "死亡率"]


def test_equal_names_of_different_departments_need_no_group(tmp_path: Path) -> None:
    rows: Rows = [["科室", "指标", "2024年"], ["骨科", "床位", 1], [N, "死亡率", 2], ["儿科", "床位", 3]]
    assert [e.label_raw for e in read(rows, tmp_path, "汇总").entries] == ["床位", "死亡率", "床位"]


def test_a_name_of_several_lines_of_a_form_is_the_line_of_its_group(tmp_path: Path) -> None:
    made = Figures.of("secondary_national_return", [2024], most=30)
    own: Rows = [["13.平均住院日", "同期出院患者人数", 77], ["2.出院患者微创手术占比", "同期出院患者手术人数", 78]]
    rows = [["指标名称", "项目", "2024年"], *([N, *(row[0], row[2])] for row in made.rows()[3:25]), *own]
    found = {float(e.value or 0): e.line_code for e in read(rows, tmp_path, "表").entries}
    assert (found[77], found[78]) == ("13.2", "2.2")


def test_one_line_of_a_form_below_two_groups_is_neither(tmp_path: Path) -> None:
    made = Figures.of("secondary_national_return", [2024], most=30)
    rows = [
        ["类别", "指标名称", "2024年"],
        *([N, row[0], row[2]] for row in made.rows()),
        ["内科系统", "医疗盈余率", 5],
        ["外科系统", "医疗盈余率", 6],
    ]
    parsed = read(rows, tmp_path, "表")
    assert parsed.form.name == "secondary_national_return"
    assert [(e.label_raw, e.line_code, e.notes) for e in parsed.entries][-2:] == [
        ("内科系统·医疗盈余率", None, ("unknown_line",)), ("外科系统·医疗盈余率", None, ("unknown_line",)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("titles", "names"),
    [
        (["心内", "骨外"], ["床位·心内", "床位·骨外"]),
        (["例数", "占比（%）"], ["床位·例数", "床位·占比"]),
        (["例数", "填报值"], ["床位"]),
    ],
)
def test_of_several_columns_of_a_year_none_is_taken_for_the_figure_unless_it_says_so(
    titles: list[str], names: list[str], tmp_path: Path
) -> None:
    rows: Rows = [["指标", "2023年", N, "2024年", N], [N, *titles, *titles], ["床位", 1, 2, 3, 4]]
    parsed = read(rows, tmp_path)
    assert {e.label_raw for e in parsed.entries} == set(names)
    assert len(parsed.entries) == 2 * len(names)
    assert bool(parsed.unread) == (len(names) == 1)


def test_beside_departments_a_column_that_may_be_one_is_told_and_not_the_hospitals(tmp_path: Path) -> None:
    rows: Rows = [["指标", "2024年", N, N, N], [N, "心内科", "骨科", "疼痛", "合计"], ["床位", 1, 2, 3, 6]]
    parsed = read(rows, tmp_path, "汇总")
    assert {e.department_raw: float(e.value or 0) for e in parsed.entries} == {"心内科": 1, "骨科": 2, None: 6}
    assert parsed.unread == ("汇总!D2: column '2024年 / 疼痛'",)


def test_names_take_as_much_of_their_path_as_tells_them_apart() -> None:
    assert told_apart([("甲", "乙", "率"), ("甲", "丙", "率"), ("数",), ("丁", "乙", "率")]) == [
        "甲·乙·率", "丙·率", "数", "丁·乙·率",
    ]  # fmt: skip
    assert told_apart([("率",), ("率",)]) == ["率", "率"]
    assert told_apart([]) == []


@pytest.mark.parametrize("titles", [["指标", "类别"], ["指标", N]])
def test_rows_of_targets_are_told_and_those_of_what_came_of_them_are_read(titles: list[Any], tmp_path: Path) -> None:
    rows: Rows = [
        [*titles, "单位", "2023年", "2024年"],
        ["床位", "目标值", "张", 50, 60], [N, "实际值", "张", 40, 41],
        ["出院人次", "目标值", "人次", 500, 600], [N, "实际值", "人次", 400, 401],
    ]  # fmt: skip
    parsed = read(rows, tmp_path)
    assert [(e.label_raw, e.unit, e.period, e.value_raw) for e in parsed.entries] == [
        ("床位", "张", "2023", "40"), ("床位", "张", "2024", "41"),
        ("出院人次", "人次", "2023", "400"), ("出院人次", "人次", "2024", "401"),
    ]  # fmt: skip
    assert any(told.endswith("!B2: a row of targets and 1 more rows") for told in parsed.unread)
