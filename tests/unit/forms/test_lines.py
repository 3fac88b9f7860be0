"""lines.csv of the national returns: whole in itself, and right about a real return."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from ingestion.errors import Problem
from ingestion.forms.form import Form, get_form, load_form
from ingestion.forms.formula import evaluate, parse_formula

ROOT = Path(__file__).resolve().parents[3]
SHARED = ROOT.parent / "shared" / "data"
REAL_RETURN = SHARED / "returns" / "secondary-national-return-2017-2020.xlsx"
SAMPLES = ROOT / "samples" / "inbox"
RETURNS = {"secondary_national_return": ("EJ", 28), "tertiary_national_return": ("JX", 56)}

Figures = Mapping[tuple[str, int], Decimal]
Finding = tuple[str, str, int]
"""What failed (formula, or same_as or at_most with the other line), line code, year."""


@pytest.fixture(params=sorted(RETURNS))
def form(request: pytest.FixtureRequest) -> Form:
    return get_form(request.param)


def test_formulas_and_relations_name_lines_that_carry_a_figure(form: Form) -> None:
    carrying = {code for code, line in form.lines.items() if line.carries_value}
    for line in form.lines.values():
        terms = parse_formula(line.formula).terms if line.formula else ()
        named = {term.line_code for term in terms} | set(line.same_as) | set(line.at_most)
        assert named <= carrying, line.line_code
        if named:
            assert line.carries_value, line.line_code


def test_formulas_are_written_as_they_print(form: Form) -> None:
    for line in form.lines.values():
        if line.formula:
            assert str(parse_formula(line.formula)) == line.formula


def test_no_line_follows_from_itself(form: Form) -> None:
    operands = {
        line.line_code: {term.line_code for term in parse_formula(line.formula).terms if term.year_offset == 0}
        for line in form.lines.values()
        if line.formula
    }
    for code in operands:
        behind, left = set(operands[code]), list(operands[code])
        while left:
            further = operands.get(left.pop(), set()) - behind
            behind |= further
            left += further
        assert code not in behind


def test_shared_lines_point_to_an_earlier_line_of_the_same_unit(form: Form) -> None:
    for line in form.lines.values():
        for code in line.same_as:
            other = form.lines[code]
            assert (line.value_type, line.unit) == (other.value_type, other.unit), line.line_code
            assert other.ordinal < line.ordinal, line.line_code


def test_limits_are_of_lines_that_their_type_does_not_bound(form: Form) -> None:
    for code, limit in form.limits.items():
        assert form.lines[code].carries_value
        assert limit.low is None or limit.high is None or limit.low < limit.high
        for part in limit.parts:
            assert form.lines[part].unit == form.lines[code].unit
            assert code in form.lines[part].at_most, part  # each part alone cannot exceed the whole either
    # A balance may be negative, and so may its share.
    for code, line in form.lines.items():
        if line.label_zh in ("医疗盈余", "医疗盈余率", "收支结余"):
            assert form.limits[code].low is None


def test_a_limit_of_an_unknown_line_is_refused_with_file_and_line(tmp_path: Path) -> None:
    folder = shutil.copytree(ROOT / "ingestion" / "forms" / "secondary_national_return", tmp_path / "some_form")
    with (folder / "limits.csv").open("a", encoding="utf-8") as file:
        file.write("99.9,0,1,\n")
    with pytest.raises(Problem, match=r"some_form/limits\.csv line 10"):
        load_form(folder)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("column_map.csv", ",2020", ",2020,2021", r"column_map\.csv line 2: more or fewer cells than columns"),
        ("column_map.csv", ",2020", ",2020年", r"column_map\.csv line 1: column '2020年'; expected a reporting year"),
        ("column_map.csv", "No.\n", "\n", r"column_map\.csv line 4: no title of line_no in \d{4}"),
        ("lines.csv", ",unit,", ",units,", r"lines\.csv line 1: no column unit"),
        ("column_map.csv", "\nunit,", "\nunits,", r"column_map\.csv line 3: field 'units'; expected one of cam"),
        ("lines.csv", ",%,percent,", ",%,decimal,", r"lines\.csv line 2: value_type 'decimal'; expected 'heading', "),
        ("lines.csv", ",increase,", ",up,", r"lines\.csv line 2: direction 'up'; expected 'increase', 'decrease', "),
        ("lines.csv", "1.1 / 1.2 * 100", "1.1 / 1.7 * 100", r"lines\.csv line 2: line 1\.7; expected a line of"),
        ("lines.csv", "1.1 / 1.2 * 100", "1.1 / * 100", r"lines\.csv line 2: formula .*; expected a line code"),
        ("lines.csv", ",,1.2,required", ",,1.9,required", r"lines\.csv line 3: line 1\.9; expected a line of lines"),
        ("form.yml", "layout:", "laid_out:", r"form\.yml: no layout; expected one\."),
        ("form.yml", "  min_known_lines: 20\n", "", r"form\.yml: no recognise\.min_known_lines; expected it for this"),
        (
            "lines.csv",
            ",EJ001,false",
            ",EJ099,false",
            r"lines\.csv line 3: indicator 'EJ099' of line 1\.1; expected one",
        ),
        ("column_map.csv", "\nlabel,", "\ntarget,", r"column_map\.csv: no title of label in 2017; expected the titles"),
        ("form.yml", "lines_by_year", "lines", r"form\.yml: layout 'lines'; expected 'lines_by_year', "),
        ("form.yml", "min_known_lines", "min_lines", r"form\.yml: recognise\.min_lines 20; expected a key that docs"),
        ("form.yml", "layout: ", "layout: [", r"form\.yml line \d+: .*; expected YAML"),
        ("form.yml", "layout: ", "layout: \x01", r"form\.yml: unacceptable character #x0001: .*; expected YAML"),
        ("form.yml", "layout: ", "since: 2020-13-01\nlayout: ", r"form\.yml: month must be in 1\.\.12; expected YAML"),
        ("lines.csv", "1.1 /", '"' + "1.1 /\n" * 30000, r"lines\.csv line \d+: field larger than .*; expected a quot"),
    ],
)
def test_a_slip_in_a_data_file_is_said_with_file_and_line(
    file: str, old: str, new: str, said: str, tmp_path: Path
) -> None:
    folder = shutil.copytree(ROOT / "ingestion" / "forms" / "secondary_national_return", tmp_path / "some_form")
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    if old == "No.\n":
        text = text.replace("行次|序号|*序号|题号|编号|行号|No.\n", "\n")
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(Problem, match=said):
        load_form(folder)


@pytest.mark.parametrize("file", ["form.yml", "lines.csv", "column_map.csv"])
def test_a_data_file_that_a_spreadsheet_program_saved_in_its_own_encoding_is_refused(file: str, tmp_path: Path) -> None:
    folder = shutil.copytree(ROOT / "ingestion" / "forms" / "secondary_national_return", tmp_path / "some_form")
    (folder / file).write_text((folder / file).read_text(encoding="utf-8"), encoding="gb18030")
    with pytest.raises(Problem, match=rf"{re.escape(file)}: text that is not UTF-8; expected UTF-8; Excel writes it"):
        load_form(folder)


def test_a_pair_of_lines_is_related_once(form: Form) -> None:
    pairs = [frozenset((line.line_code, code)) for line in form.lines.values() for code in line.same_as]
    assert len(pairs) == len(set(pairs))
    assert all(len(pair) == 2 for pair in pairs)


def test_every_indicator_has_one_line_of_its_number(form: Form) -> None:
    prefix, count = RETURNS[form.name]
    own = {line.indicator_code: line.line_code for line in form.lines.values() if line.is_indicator}
    assert own == {f"{prefix}{number:03d}": str(number) for number in range(1, count + 1)}
    assert {line.indicator_code for line in form.lines.values()} == set(own)


def test_vocabulary(form: Form) -> None:
    kinds = {"heading", "integer", "number", "percent", "ratio", "grade", "text"}
    for line in form.lines.values():
        assert line.value_type in kinds
        assert line.direction in {"", "increase", "decrease", "monitor"}
        assert (line.requirement == "none") == (line.value_type == "heading"), line.line_code
        assert line.label_zh, line.line_code
        assert line.label_en, line.line_code
        assert line.direction or not line.is_indicator, line.line_code
        if line.value_type == "percent":
            assert line.unit == "%", line.line_code
            assert line.formula, line.line_code


def test_numbers_of_lines() -> None:
    assert len(get_form("secondary_national_return").lines) == 148
    assert len(get_form("tertiary_national_return").lines) >= 56 * 2


@pytest.mark.parametrize(("name", "catalogue"), [(n, n.split("_")[0]) for n in sorted(RETURNS)])
def test_agrees_with_the_catalogue(name: str, catalogue: str) -> None:
    path = SHARED / "catalogue" / f"national_{catalogue}_indicators.csv"
    if not path.exists():
        pytest.skip(f"{path.name} is not beside this checkout")
    with path.open(encoding="utf-8", newline="") as file:
        known = {row["code"]: row for row in csv.DictReader(file)}
    lines = [line for line in get_form(name).lines.values() if line.direction]
    assert {line.indicator_code for line in lines} == set(known)
    for line in lines:
        assert line.direction == known[line.indicator_code]["direction"], line.line_code


def figures_of(path: Path) -> dict[tuple[str, int], Decimal]:
    """Figures of a return by line code and year, read without the project's own parser."""
    figures: dict[tuple[str, int], Decimal] = {}
    years: dict[int, int] = {}
    for row in load_workbook(path, data_only=True).worksheets[0].iter_rows(values_only=True):
        if "指标名称" in row:
            years = {c: int(m[1]) for c, cell in enumerate(row) if (m := re.match(r"Y?(20\d\d)", str(cell)))}
            continue
        line = re.match(r"\d+(\.\d+)*", str(row[0]))
        for column, year in years.items():
            number = re.fullmatch(r"(?:1[/:])?(-?\d+(\.\d+)?)", str(row[column]))
            if line and number:
                figures[line[0], year] = Decimal(number[1])
    return figures


def half_unit(value: Decimal) -> Decimal:
    """Half a unit of the last decimal as stated."""
    return Decimal("0.5").scaleb(min(int(value.as_tuple().exponent), 0))


def findings(form: Form, figures: Figures) -> set[Finding]:
    """What does not hold, beyond the rounding of the stated figure and of money that is added up or shared."""
    found: set[Finding] = set()
    for line in form.lines.values():
        code = line.line_code
        for year in sorted({year for at, year in figures if at == code}):
            stated = figures[code, year]
            if line.formula:
                formula = parse_formula(line.formula)
                around = {(at, when - year): value for (at, when), value in figures.items()}
                expected = evaluate(formula, around)
                room = half_unit(stated)
                if formula.kind == "sum" and line.unit == "元" and expected is not None:
                    room += sum(half_unit(around[term.line_code, 0]) for term in formula.terms)
                if expected is not None and abs(stated - expected) > room:
                    found.add(("formula", code, year))
            for other in (*line.same_as, *line.at_most):
                bound = figures.get((other, year))
                if bound is None:
                    continue
                room = half_unit(stated) + half_unit(bound) if line.unit == "元" else Decimal(0)
                if other in line.same_as and abs(stated - bound) > room:
                    found.add((f"same_as {other}", code, year))
                if other in line.at_most and stated - bound > room:
                    found.add((f"at_most {other}", code, year))
    return found


KNOWN_MISTAKES: set[Finding] = {
    # a percentage that its two lines do not give
    *(("formula", code, 2020) for code in ("6", "8", "9", "12.1", "24.1", "24.2", "24.3", "24.5")),
    ("at_most 8.2", "8.1", 2020),
    # totals that their parts do not give
    ("formula", "18.3.2", 2020),
    ("formula", "19.1", 2020),
    # growth that the stated figures of both years do not give
    *(("formula", code, 2020) for code in ("20.3", "21.2", "22.1", "22.2")),
    # mean costs: 2020 outpatient drugs leave out an item, the inpatient ones differ in every earlier year
    ("formula", "22.1.1", 2020),
    *(("formula", code, year) for code in ("21.2.1", "22.2.1") for year in (2017, 2018, 2019)),
    # one figure, stated differently in two places
    ("same_as 6.2", "13.1", 2018),
    ("same_as 6.2", "13.1", 2019),
    ("same_as 23.1", "24.6", 2020),
    # a truncated mean stay and two digits changed over
    ("formula", "26.2", 2019),
    ("formula", "26.4", 2019),
}


def test_the_real_return_has_these_mistakes_and_no_others() -> None:
    if not REAL_RETURN.exists():
        pytest.skip(f"{REAL_RETURN.name} is not beside this checkout")
    form = get_form("secondary_national_return")
    figures = figures_of(REAL_RETURN)
    assert len({code for code, _ in figures}) > 130
    assert findings(form, figures) == KNOWN_MISTAKES


def test_the_first_sample_carries_the_same_mistakes() -> None:
    form = get_form("secondary_national_return")
    assert findings(form, figures_of(SAMPLES / "2020/H15001/return.xlsx")) == KNOWN_MISTAKES


@pytest.mark.parametrize("path", ["2020/H15002/2020年度填报表.xlsx", "2019/H15002/2019年度填报表.xlsx"])
def test_the_clean_sample_is_clean(path: str) -> None:
    form = get_form("secondary_national_return")
    figures = figures_of(SAMPLES / path)
    assert len(figures) > 300
    assert findings(form, figures) == set()


def test_the_bad_sample_fails_where_it_was_made_bad() -> None:
    form = get_form("secondary_national_return")
    figures = figures_of(SAMPLES / "2020/H15004/return.xlsx")
    assert findings(form, figures) == {("formula", "16", 2020)}
    assert ("7.1", 2020) not in figures
    assert figures["16", 2020] == Decimal("138.5")
