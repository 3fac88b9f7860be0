"""The formula language: what it reads, what it refuses, what it computes."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ingestion.errors import Problem
from ingestion.forms.formula import Formula, Term, evaluate, parse_formula

CODES = st.from_regex(r"[1-9]?[1-9](\.[1-9][0-9]?){0,4}|JX0[0-5][1-9]0[0-9]", fullmatch=True)
MULTIPLIERS = st.sampled_from([Decimal(1), Decimal(100), Decimal(1000), Decimal(10000)])
SIGNS = st.sampled_from([1, -1])
MONEY = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("99999999999"), places=2)


@st.composite
def formulas(draw: st.DrawFn) -> Formula:
    """Any formula of the language."""
    kind = draw(st.sampled_from(["ratio", "sum", "growth", "chain"]))
    if kind == "growth":
        code = draw(CODES)
        return Formula("growth", Decimal(100), (Term(code, 0, 1), Term(code, -1, -1)))
    signs = [1, -1] if kind == "ratio" else [1, *draw(st.lists(SIGNS, min_size=1, max_size=11))]
    assume(kind == "sum" or kind == "ratio" or signs != [1, -1])
    terms = tuple(Term(draw(CODES), 0, sign) for sign in signs)
    return Formula(kind, Decimal(1) if kind == "sum" else draw(MULTIPLIERS), terms)


@given(formulas())
def test_printed_and_parsed_again_is_the_same(formula: Formula) -> None:
    assert parse_formula(str(formula)) == formula


@given(num=MONEY, den=MONEY, multiplier=MULTIPLIERS)
def test_ratio_times_denominator_is_numerator(num: Decimal, den: Decimal, multiplier: Decimal) -> None:
    formula = Formula("ratio", multiplier, (Term("1.1", 0, 1), Term("1.2", 0, -1)))
    ratio = evaluate(formula, {("1.1", 0): num, ("1.2", 0): den})
    assert ratio is not None
    with localcontext() as context:
        context.prec = 60
        assert abs(ratio * den / multiplier - num) <= num * Decimal("1e-26")


@given(before=MONEY, percent=st.decimals(min_value=-90, max_value=900, places=2))
def test_growth_gives_back_the_percentage(before: Decimal, percent: Decimal) -> None:
    now = before + before * percent / 100
    growth = evaluate(parse_formula("growth(20.1.1)"), {("20.1.1", 0): now, ("20.1.1", -1): before})
    assert growth is not None
    assert abs(growth - percent) < Decimal("1e-9")


@given(st.lists(MONEY, min_size=2, max_size=11))
def test_parts_taken_from_their_sum_leave_nothing(parts: list[Decimal]) -> None:
    codes = [f"17.2.{number}" for number in range(1, len(parts) + 1)]
    values = {(code, 0): part for code, part in zip(codes, parts, strict=True)}
    total = evaluate(parse_formula(" + ".join(codes)), values)
    assert total == sum(parts)
    assert evaluate(parse_formula(" - ".join(["17.2", *codes])), {**values, ("17.2", 0): total}) == 0


@pytest.mark.parametrize(
    ("text", "kind", "multiplier", "terms"),
    [
        ("1.1 / 1.2 * 100", "ratio", 100, [("1.1", 0, 1), ("1.2", 0, -1)]),
        ("17.1/17.2*10000", "ratio", 10000, [("17.1", 0, 1), ("17.2", 0, -1)]),
        ("23.2 / 23.1", "ratio", 1, [("23.2", 0, 1), ("23.1", 0, -1)]),
        ("18.1.1 + 18.2.1", "sum", 1, [("18.1.1", 0, 1), ("18.2.1", 0, 1)]),
        ("14.2 - 16.2", "sum", 1, [("14.2", 0, 1), ("16.2", 0, -1)]),
        ("growth( 20.1.1 )", "growth", 100, [("20.1.1", 0, 1), ("20.1.1", -1, -1)]),
        ("mean(46.2)", "sum", Decimal("0.5"), [("46.2", 0, 1), ("46.2", -1, 1)]),
        ("ICU-01-1 / ICU-01-2 * 100", "ratio", 100, [("ICU-01-1", 0, 1), ("ICU-01-2", 0, -1)]),
        ("ICU-1.1 - ICU-2", "sum", 1, [("ICU-1.1", 0, 1), ("ICU-2", 0, -1)]),
        ("growth(AN-01)", "growth", 100, [("AN-01", 0, 1), ("AN-01", -1, -1)]),
        ("JX02501 / JX02502 / JX02503", "chain", 1, [("JX02501", 0, 1), ("JX02502", 0, -1), ("JX02503", 0, -1)]),
    ],
)
def test_reads(text: str, kind: str, multiplier: int, terms: list[tuple[str, int, int]]) -> None:
    assert parse_formula(text) == Formula(kind, Decimal(multiplier), tuple(Term(*term) for term in terms))


@pytest.mark.parametrize(
    ("text", "character"),
    [
        ("", 1),
        ("1.1", 4),
        ("1.1 /", 6),
        ("1.1 1.2", 5),
        ("1.1 + 1.2 / 1.3", 11),
        ("1.1 / 100", 7),
        ("(1.1 / 1.2)", 1),
        ("growth(1.1", 7),
        ("1.1 / 1.2 %", 11),
        ("1.1 / total", 7),
        ("1.1 / 1.2 * 100 * 2", 13),
    ],
)
def test_refuses_with_the_position(text: str, character: int) -> None:
    with pytest.raises(Problem) as caught:
        parse_formula(text)
    assert caught.value.code == "formula-malformed"
    assert caught.value.where.endswith(f"character {character}")


@pytest.mark.parametrize("text", ["1.1 / 1.2 * 100", "1.1 / 1.2 * 1.3", "growth(1.1)"])
def test_zero_or_missing_divisor_gives_nothing(text: str) -> None:
    present = {("1.1", 0): Decimal(5), ("1.3", 0): Decimal(2)}
    assert evaluate(parse_formula(text), present) is None
    zero = {**present, ("1.2", 0): Decimal(0), ("1.1", -1): Decimal(0)}
    assert evaluate(parse_formula(text), zero) is None


def test_chain_of_the_mean_cost_per_discharge() -> None:
    values = {("a1", 0): Decimal(12000), ("a2", 0): Decimal(400), ("a3", 0): Decimal(420), ("a4", 0): Decimal(60)}
    values = {(code.upper(), offset): value for (code, offset), value in values.items()}
    assert evaluate(parse_formula("A1 / A2 * A3 / A4"), values) == 210
