"""Mutations: of 500 returns that differ from a clean one in one cell, the gate finds those that break a formula."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

import psycopg
import pytest
from gate_returns import CLEAN, FORM

from ingestion.forms.formula import Formula, evaluate, parse_formula
from ingestion.pipeline import ingest_file
from ingestion.steps.gate import gate

pytestmark = pytest.mark.integration

YEAR = 2020
MUTATIONS = 500
FORMULAS = {code: parse_formula(line.formula) for code, line in FORM.lines.items() if line.formula}

Cell = tuple[str, int]
"""Line code and year."""


def test_single_cell_changes_that_break_a_formula_are_found_there(warehouse: psycopg.Connection) -> None:
    assert ingest_file(CLEAN, hospital_code="M000", reporting_year=YEAR, run_id="test").status == "parsed"
    clean = figures(warehouse)
    chance = random.Random(20201231)  # noqa: S311 - the same mutations every time
    mutations = {f"M{n:03d}": mutate(clean, chance) for n in range(1, MUTATIONS + 1)}
    multiply(warehouse, {name: (cell, new) for name, (cell, new) in mutations.items()})

    run = gate(YEAR, run_id="mutations")
    assert run.submissions == MUTATIONS + 1
    assert run.accepted + run.quarantined == run.parsed
    found: dict[str, set[str]] = defaultdict(set)
    rules: dict[str, set[str]] = defaultdict(set)
    for hospital, line, rule in warehouse.execute(
        "select s.hospital_code, r.line_code, r.rule_id from audit.validation_result as r "
        "inner join audit.submission as s using (submission_id) inner join audit.rule as u using (rule_id) "
        "where r.gate_run_id = %s and u.severity in ('reject', 'quarantine', 'flag') and r.line_code is not null",
        [run.gate_run_id],
    ):
        found[hospital].add(line)
        rules[hospital].add(rule)
    assert "M000" not in found

    breaking = {name: broken(clean, clean | {cell: new}) for name, (cell, new) in mutations.items()}
    must = {name for name, lines in breaking.items() if lines}
    assert len(must) > MUTATIONS / 2
    caught = {name for name in must if found[name] & {mutations[name][0][0], *partners(mutations[name][0][0])}}
    missed = {name: (mutations[name], breaking[name]) for name in must - caught}
    assert len(caught) >= 0.95 * len(must), missed
    # A slip that stands out is asked about as such.
    assert {"unit-scale-formula", "jump-beside-peers"} <= set.union(*rules.values())
    # What breaks nothing is not held to be wrong arithmetic.
    arithmetic = {"formula-ratio", "formula-sum", "formula-chain", "formula-growth", "shared-lines-disagree",
                  "part-above-whole", "parts-above-whole"}  # fmt: skip
    assert not {name for name in mutations if not breaking[name] and rules[name] & arithmetic}


def figures(connection: psycopg.Connection) -> dict[Cell, Decimal]:
    """Figures of the clean return as written."""
    return {
        (line, int(period)): value
        for line, period, value in connection.execute(
            "select line_code, period, value from raw.entry where value is not null and period in ('2020', '2019')"
        )
        if FORM.lines[line].value_type in ("integer", "number", "percent", "ratio")
    }


def mutate(clean: dict[Cell, Decimal], chance: random.Random) -> tuple[Cell, Decimal]:
    """One cell and what a tired hand makes of it: a digit changed, two swapped, a point moved, a few percent more."""
    while True:
        cell = chance.choice(sorted(clean))
        text = str(clean[cell])
        places = [i for i, letter in enumerate(text) if letter.isdigit()]
        match chance.randrange(4):
            case 0:
                i = chance.choice(places)
                new = Decimal(text[:i] + chance.choice("0123456789") + text[i + 1 :])
            case 1 if len(places) > 1:
                i = chance.randrange(len(places) - 1)
                a, b = places[i], places[i + 1]
                new = Decimal(text[:a] + text[b] + text[a + 1 : b] + text[a] + text[b + 1 :])
            case 2:
                new = clean[cell] * chance.choice((10, 100, Decimal("0.1")))
            case _:
                factor = Decimal(chance.choice(("1.03", "0.95", "1.2")))
                new = (clean[cell] * factor).quantize(clean[cell], ROUND_HALF_UP)
        if new != clean[cell]:
            return cell, new


def multiply(connection: psycopg.Connection, mutations: dict[str, tuple[Cell, Decimal]]) -> None:
    """For every mutation a submission of its own, with the entries of the clean one but for the changed cell."""
    changes = json.dumps(
        [
            {"hospital": name, "line": line, "period": str(year), "value": format(new, "f")}
            for name, ((line, year), new) in mutations.items()
        ]
    )
    with connection.transaction():
        connection.execute(
            "create temp table change on commit drop as select * from json_to_recordset(%s) "
            "as c (hospital text, line text, period text, value text)",
            [changes],
        )
        connection.execute("""
            insert into audit.submission (submission_id, hospital_code, reporting_year, form, revision, revision_kind,
                sha256, file_name, size_bytes, received_at)
            select replace(s.submission_id, 'M000', c.hospital), c.hospital, s.reporting_year, s.form, s.revision,
                s.revision_kind, s.sha256, s.file_name, s.size_bytes, s.received_at
            from audit.submission as s cross join change as c
        """)
        connection.execute("""
            insert into audit.submission_event (submission_id, status)
            select submission_id, 'parsed' from audit.submission where hospital_code != 'M000'
        """)
        connection.execute("""
            insert into raw.entry (entry_id, submission_id, entry_kind, ordinal, label_raw, unit_raw, period_raw,
                value_raw, line_code, period, value, stated_decimals, grade, unit, notes, locator, parser_version)
            select e.entry_id, replace(e.submission_id, 'M000', c.hospital), e.entry_kind, e.ordinal, e.label_raw,
                e.unit_raw, e.period_raw, case when m.line is null then e.value_raw else m.value end, e.line_code,
                e.period, case when m.line is null then e.value else m.value::numeric end,
                case when m.line is null then e.stated_decimals else scale(m.value::numeric) end, e.grade, e.unit,
                e.notes, e.locator, e.parser_version
            from raw.entry as e cross join change as c
            left join change as m on c.hospital = m.hospital and e.line_code = m.line and e.period = m.period
            where e.period in ('2020', '2019')
        """)


def broken(clean: dict[Cell, Decimal], figures: dict[Cell, Decimal]) -> set[str]:
    """Lines whose formula or relation held in the clean return and does not hold now, computed without the gate."""
    return violations(figures) - violations(clean)


def violations(figures: dict[Cell, Decimal]) -> set[str]:
    wrong = set()
    for year in (YEAR - 1, YEAR):
        for code, formula in FORMULAS.items():
            if (code, year) in figures and not holds(formula, code, year, figures):
                wrong.add(f"{code} {year}")
        for code, line in FORM.lines.items():
            value = figures.get((code, year))
            if value is None:
                continue
            for relation, others in (("same_as", line.same_as), ("at_most", line.at_most)):
                for other in others:
                    bound = figures.get((other, year))
                    apart = value - bound if bound is not None else Decimal(0)
                    if (abs(apart) if relation == "same_as" else apart) > unit(value, bound or value):
                        wrong.add(f"{code} {relation} {other} {year}")
    return wrong


def holds(formula: Formula, code: str, year: int, figures: dict[Cell, Decimal]) -> bool:
    """Whether the stated figure can be what its formula gives, for some figures that round to those stated."""
    names = {(term.line_code, term.year_offset) for term in formula.terms}
    values = {name: figures[name[0], year + name[1]] for name in names if (name[0], year + name[1]) in figures}
    middle = evaluate(formula, values)
    if middle is None:
        return True
    slack = unit(figures[code, year])
    for name, value in values.items():
        if FORM.lines[name[0]].value_type != "integer":
            moved = evaluate(formula, values | {name: value + unit(value)})
            slack += abs(moved - middle) if moved is not None else 0
    return abs(figures[code, year] - middle) <= slack * Decimal("1.000001")


def unit(*values: Decimal) -> Decimal:
    """Half a unit of the last decimal of the coarsest of ``values``."""
    return Decimal("0.5").scaleb(max(int(value.as_tuple().exponent) for value in values))


def partners(code: str) -> set[str]:
    """Lines that stand in a formula or a relation with ``code``."""
    near: set[str] = set()
    for other, line in FORM.lines.items():
        terms = {term.line_code for term in FORMULAS[other].terms} if other in FORMULAS else set()
        together = {other, *terms} if code in terms or code == other else set()
        if code in (*line.same_as, *line.at_most):
            together |= {other}
        near |= together
    return (near | set(FORM.lines[code].same_as) | set(FORM.lines[code].at_most)) - {code}
