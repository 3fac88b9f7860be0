"""The gate over real batches: generated workbooks through the public doors, into a real database and out of it."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest
from gate_returns import FORM, Figures, clean_figures, findings, ingest, write_annex, write_return
from openpyxl import load_workbook
from typer.testing import CliRunner

from ingestion.cli import app
from ingestion.errors import Problem
from ingestion.gate import batch, suites
from ingestion.gate.outcomes import Verdict
from ingestion.gate.rules import load_rules, load_tables
from ingestion.settings import settings
from ingestion.steps import gate as gate_step
from ingestion.steps.gate import gate

pytestmark = pytest.mark.integration


def statuses(connection: psycopg.Connection, hospital: str) -> dict[int, str]:
    """Status of each revision of a hospital."""
    return dict(
        connection.execute(
            "select revision, status from audit.submission_status where hospital_code = %s", [hospital]
        ).fetchall()
    )


def counts(connection: psycopg.Connection) -> dict[str, int]:
    tables = ("gate_run", "validation_result", "rule_outcome", "entry_disposition", "submission_event", "rule")
    return {t: connection.execute(f"select count(*) from audit.{t}").fetchone()[0] for t in tables}


def test_the_tables_are_those_that_rule_writers_are_told_of(warehouse: psycopg.Connection) -> None:
    kinds = {"bigint": "integer", "integer": "integer", "numeric": "number", "double precision": "number"}
    real: dict[str, dict[str, str]] = {}
    for table, column, kind in warehouse.execute(
        "select table_name, column_name, data_type from information_schema.columns where table_schema = 'gate'"
    ):
        real.setdefault(table, {})[column] = kinds.get(kind, kind)
    told = load_tables()
    assert set(told) == set(batch.CHECKED_TABLES)
    assert {table: real[table] for table in told} == told


def test_a_clean_return_passes_and_passes_again_without_a_trace(warehouse: psycopg.Connection, tmp_path: Path) -> None:
    outcome = ingest(write_return(tmp_path / "r.xlsx", clean_figures(2020)), "C1", 2020)
    run = gate(2020, run_id="first")
    assert (run.status, run.parsed, run.accepted, run.flagged, run.quarantined) == (
        "done",
        *[outcome.entries] * 2,
        0,
        0,
    )
    assert findings(warehouse, run) == set()
    assert statuses(warehouse, "C1") == {1: "accepted"}
    before = counts(warehouse)

    again = gate(2020, run_id="second")
    assert again.to_json() == run.to_json() | {"status": "unchanged"}
    assert counts(warehouse) == before
    steps = warehouse.execute(
        "select run_id, status, rows_in, rows_out, rows_refused from audit.step_outcome where step = 'gate' "
        "and subject = '2020' order by outcome_id"
    ).fetchall()
    assert steps == [("first", "done", run.parsed, run.parsed, 0), ("second", "unchanged", run.parsed, run.parsed, 0)]

    checked = warehouse.execute(
        "select rules_checked from audit.entry_disposition d join raw.entry e using (submission_id, entry_id) "
        "where e.line_code = '1' and e.period = '2020'"
    ).fetchone()[0]
    assert {"percent-impossible", "formula-ratio", "line-repeated", "not-a-number"} <= set(checked)
    assert "formula-sum" not in checked

    docs = settings().reports_dir / run.docs_path
    assert docs.is_file()
    assert "比值与分子、分母不符" in docs.read_text(encoding="utf-8")
    assert "does not follow from its numerator" in docs.with_suffix(".en.html").read_text(encoding="utf-8")
    for page in gate_step.docs_folder().rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        # Nothing is fetched: no address of another machine, no script, style, font or image of its own file.
        fetched = re.search(r'https?:|//[a-z]|<script|<img|<link(?! rel="icon" href="data:)|url\(|@import', text)
        assert not fetched, (page, fetched)
        for target in re.findall(r'href="([^"#]+?)(?:#[^"]*)?"', text):
            assert target.startswith("data:") or (page.parent / target).is_file(), (page, target)
    password = settings().warehouse_dsn.split(":")[2].split("@")[0]
    for folder in (gate_step.results_folder(), gate_step.docs_folder(), settings().expectations_dir):
        assert not any(password.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())


FAULTS: dict[str, tuple[Figures, set[tuple[str, str]]]] = {
    # what is changed in the clean return of 2021, and (rule, line) that must come of it
    "text": ({("1.1", 2021): "不详"}, {("not-a-number", "1.1")}),
    "share": ({("12.2", 2021): 132}, {("percent-impossible", "12.2"), ("formula-ratio", "12.2")}),
    "negative": ({("26.4.1", 2021): -3}, {("count-negative", "26.4.1"), ("formula-ratio", "26.4")}),
    "fraction": ({("26.1", 2021): 12.5}, {("count-not-whole", "26.1")}),
    "ratio": ({("6", 2021): 70}, {("formula-ratio", "6")}),
    "sum": ({("17.2.10", 2021): 1}, {("formula-sum", "17.2")}),
    "growth": ({("20.1", 2021): 99.99}, {("formula-growth", "20.1")}),
    "chain": ({("21.2.1", 2021): 1.23}, {("formula-chain", "21.2.1"), ("formula-growth", "21.2")}),
    "shared": ({("2.2", 2021): 9}, {("shared-lines-disagree", "2.2"), ("part-above-whole", "2.1")}),
    # Two lines that say the same of it outvote it, and are right themselves.
    "outvoted": ({("1.1", 2021): 1}, {("shared-lines-disagree", "1.1"), ("formula-ratio", "1")}),
    "doubled": ({("1", 2021): "{}%%"}, {("notation-suspicious", "1")}),
    "empty": ({("13.1", 2021): None}, {("required-line-missing", "13.1")}),
    "decline": ({("22.1", 2021): -130}, {("growth-impossible", "22.1"), ("formula-growth", "22.1")}),
}


def test_each_fault_is_found_at_its_cell_and_nothing_else_is(warehouse: psycopg.Connection, tmp_path: Path) -> None:
    clean = clean_figures(2021)
    ingest(write_return(tmp_path / "clean.xlsx", clean), "CLEAN", 2021)
    for hospital, (changes, _) in FAULTS.items():
        changed = {key: new.format(clean[key]) if isinstance(new, str) else new for key, new in changes.items()}
        ingest(write_return(tmp_path / f"{hospital}.xlsx", clean | changed), hospital, 2021)
    ingest(write_return(tmp_path / "unit.xlsx", clean, units={"17.1": "千瓦时"}), "unit", 2021)
    doubled = ("1.1." + FORM.lines["1.1"].label_zh, "人", 1)
    ingest(write_return(tmp_path / "twice.xlsx", clean, extra=(doubled,)), "twice", 2021)
    ingest(write_return(tmp_path / "odd.xlsx", clean, extra=(("29.自编指标", "人", 1),)), "odd", 2021)
    book = load_workbook(write_return(tmp_path / "slipped.xlsx", clean))
    book.worksheets[0].insert_rows(2)
    for column, cell in enumerate(("1.1." + FORM.lines["1.2"].label_zh, "人", 7), 1):
        book.worksheets[0].cell(2, column, cell)
    book.save(tmp_path / "slipped.xlsx")
    ingest(tmp_path / "slipped.xlsx", "slipped", 2021)

    run = gate(2021, run_id="faults")
    assert run.accepted + run.quarantined == run.parsed
    assert findings(warehouse, run, "CLEAN") == set()
    assert findings(warehouse, run, "unit") == {("unit-differs", "17.1", str(y)) for _, y in clean if _ == "17.1"}
    assert findings(warehouse, run, "twice") == {("line-repeated", "1.1", "2021")}
    assert findings(warehouse, run, "odd") == {("line-unknown", None, "2021")}
    assert warehouse.execute(
        "select locator from audit.validation_result where gate_run_id = %s and rule_id = 'required-line-missing'",
        [run.gate_run_id],
    ).fetchall() == [(f"Sheet!{cell_of(tmp_path / 'empty.xlsx', '13.1')}",)], "where it is to be filled in"
    assert warehouse.execute(
        "select line_code, expected from audit.validation_result where gate_run_id = %s and outcome = 'not_evaluable'"
        " and submission_id like 'empty-%%'",
        [run.gate_run_id],
    ).fetchall() == [("13", "13.1 未填 not stated")], "what a formula waits for"
    outvoted = findings(warehouse, run, "outvoted")
    assert {line for rule, line, _ in outvoted if rule == "shared-lines-disagree"} == {"1.1"}
    # Of two rows that both are taken for a line, the one whose code and name go together is it.
    assert findings(warehouse, run, "slipped") == {("line-repeated", "1.2", "2021"), ("label-differs", "1.2", "2021")}
    for hospital, (changes, expected) in FAULTS.items():
        found = findings(warehouse, run, hospital)
        assert {period for _, _, period in found} == {"2021"}, hospital
        lines = {(rule, line) for rule, line, _ in found}
        assert expected <= lines, hospital
        # Whatever else is found must follow from the changed line.
        (code,) = {code for code, _ in changes}
        assert {line for _, line in lines} <= {code, *dependants(code)}, hospital
        assert statuses(warehouse, hospital) == {1: "flagged"}

    kept_out = warehouse.execute(
        "select s.hospital_code, e.line_code, e.value_raw, d.rules_failed from audit.entry_disposition d "
        "join raw.entry e using (submission_id, entry_id) join audit.submission s using (submission_id) "
        "where d.gate_run_id = %s and d.disposition = 'quarantined' order by 1",
        [run.gate_run_id],
    ).fetchall()
    assert [row[:3] for row in kept_out] == [
        ("decline", "22.1", "-130"), ("negative", "26.4.1", "-3"), ("share", "12.2", "132"),
        ("slipped", "1.2", "7"), ("text", "1.1", "不详"), ("twice", "1.1", "1"),
    ]  # fmt: skip
    assert kept_out[-1][3] == ["line-repeated"]


def cell_of(path: Path, code: str) -> str:
    """The cell of a line in the newest year of a written return."""
    (row,) = [row for row in load_workbook(path).worksheets[0].iter_rows() if str(row[0].value).startswith(f"{code}.")]
    return str(row[2].coordinate)


def dependants(code: str) -> set[str]:
    """Lines whose formula, or whose relation to another line, names ``code``."""
    near = {
        line.line_code
        for line in FORM.lines.values()
        if code in {*line.formula.replace("(", " ").replace(")", " ").split(), *line.same_as, *line.at_most}
    }
    return near | set(FORM.lines[code].same_as) | set(FORM.lines[code].at_most)


def test_a_finding_says_what_is_stated_what_the_lines_give_and_where(
    warehouse: psycopg.Connection, tmp_path: Path
) -> None:
    figures = {("6", 2010): 33, ("6.1", 2010): 96189, ("6.2", 2010): 272818}
    many = {(code, 2010): 1 for code, line in FORM.lines.items() if line.carries_value and not line.formula}
    ingest(write_return(tmp_path / "r.xlsx", many | figures), "S1", 2010)
    run = gate(2010, run_id="stated")
    row = warehouse.execute(
        "select stated, expected, round(difference, 4)::text, locator from audit.validation_result "
        "where gate_run_id = %s and rule_id = 'formula-ratio' and line_code = '6' and outcome = 'failed'",
        [run.gate_run_id],
    ).fetchone()
    assert row[:3] == ("33", "35.26", "-2.2576")
    assert load_workbook(tmp_path / "r.xlsx").worksheets[0][row[3].split("!")[1]].value == 33


def test_a_figure_agrees_within_the_rounding_that_it_states(warehouse: psycopg.Connection, tmp_path: Path) -> None:
    """96189 / 272818 * 100 is 35.257571: what may stand for it depends on the decimals written."""
    agrees = {35.26: True, 35.3: True, 35: True, 35.257571: True, 35.25: False, 35.2: False, 36: False}
    others = {(code, 2011): 1 for code, line in FORM.lines.items() if line.carries_value and not line.formula}
    for number, stated in enumerate(agrees):
        figures = others | {("6", 2011): stated, ("6.1", 2011): 96189, ("6.2", 2011): 272818}
        ingest(write_return(tmp_path / f"{number}.xlsx", figures), f"A{number}", 2011)
    # Half a thousand more or less is 0.18 of the figure; of a count too, where it is told so.
    told_in_wan = {35.2: ("9.6万", 272818, True), 35.5: ("9.6万", 272818, False), 35: (96189, "27.5万", True)}
    for stated, (above, below, _) in told_in_wan.items():
        figures = others | {("6", 2011): stated, ("6.1", 2011): above, ("6.2", 2011): below}
        ingest(write_return(tmp_path / f"w{stated}.xlsx", figures), f"W{stated * 10:.0f}", 2011)
    run = gate(2011, run_id="rounding")
    failed = {
        stated: ("formula-ratio", "6", "2011") in findings(warehouse, run, f"A{number}")
        for number, stated in enumerate(agrees)
    }
    assert failed == {stated: not fits for stated, fits in agrees.items()}
    for stated, (_, _, fits) in told_in_wan.items():
        assert (("formula-ratio", "6", "2011") in findings(warehouse, run, f"W{stated * 10:.0f}")) is not fits, stated


def test_a_return_without_its_reporting_year_is_rejected_whole(warehouse: psycopg.Connection, tmp_path: Path) -> None:
    entries = ingest(write_return(tmp_path / "r.xlsx", clean_figures(2020)), "J1", 2023).entries
    run = gate(2023, run_id="reject")
    assert (run.submissions, run.rejected, run.parsed, run.accepted, run.quarantined) == (1, 1, entries, 0, entries)
    assert ("reporting-year-absent", None, None) in findings(warehouse, run)
    assert statuses(warehouse, "J1") == {1: "rejected"}
    told = CliRunner().invoke(app, ["validate", "--year", "2023"]).stdout.splitlines()
    assert told[0].startswith("2023 unchanged")
    (said,) = told[1:]
    assert said.startswith("rejected   J1-2023-secondary_national_return-r1: 表中没有填报年度的数据")
    assert ": 0; expected ≥ 1. 请核对年度列标题" in said
    assert "[reporting-year-absent]" in said


def test_a_better_revision_replaces_and_a_rejected_one_does_not(warehouse: psycopg.Connection, tmp_path: Path) -> None:
    clean = clean_figures(2024)
    ingest(write_return(tmp_path / "1.xlsx", clean | {("6", 2024): 70}), "V1", 2024)
    first = gate(2024, run_id="r1")
    assert statuses(warehouse, "V1") == {1: "flagged"}

    ingest(write_return(tmp_path / "2.xlsx", clean), "V1", 2024)
    second = gate(2024, run_id="r2")
    assert second.gate_run_id != first.gate_run_id
    assert (second.submissions, second.flagged) == (1, 0)
    assert statuses(warehouse, "V1") == {1: "superseded", 2: "accepted"}

    ingest(write_return(tmp_path / "3.xlsx", clean_figures(2020)), "V1", 2024)
    third = gate(2024, run_id="r3")
    # The revision that stays in force is validated beside the rejected one from now on.
    assert (third.submissions, third.rejected, third.flagged) == (2, 1, 0)
    assert statuses(warehouse, "V1") == {1: "superseded", 2: "accepted", 3: "rejected"}
    assert gate(2024, run_id="r4").status == "unchanged"


def test_what_came_with_a_rejected_revision_is_judged_all_the_same(
    warehouse: psycopg.Connection, tmp_path: Path
) -> None:
    clean = clean_figures(2022)
    ingest(write_return(tmp_path / "1.xlsx", clean), "V2", 2022)
    patch = write_return(tmp_path / "2.xlsx", {("6", 2022): 70})
    ingest(patch, "V2", 2022, form=FORM.name, revision_kind="patch")
    for name in ("3.xlsx", "4.xlsx"):
        ingest(write_return(tmp_path / name, clean_figures(2019) | {("6", 2019): len(name) + ord(name[0])}), "V2", 2022)
    run = gate(2022, run_id="r1")
    assert statuses(warehouse, "V2") == {1: "accepted", 2: "flagged", 3: "rejected", 4: "rejected"}
    assert findings(warehouse, run) >= {("formula-ratio", "6", "2022")}
    assert gate(2022, run_id="r2").status == "unchanged"


def test_a_patch_changes_what_it_names_and_its_figure_is_checked_with_the_rest(
    warehouse: psycopg.Connection, tmp_path: Path
) -> None:
    clean = clean_figures(2025)
    base = ingest(write_return(tmp_path / "1.xlsx", clean | {("6", 2025): 70}), "P1", 2025)
    before = gate(2025, run_id="r1")
    assert findings(warehouse, before) == {("formula-ratio", "6", "2025")}

    named = [code for code in FORM.lines if code.split(".")[0] in {"6", "17", "22", "24"} and (code, 2025) in clean]
    patch = write_return(tmp_path / "2.xlsx", {(code, 2025): clean[code, 2025] for code in named})
    ingest(patch, "P1", 2025, form=FORM.name, revision_kind="patch")
    after = gate(2025, run_id="r2")
    assert findings(warehouse, after) == set()
    assert (after.submissions, after.parsed) == (2, base.entries)
    of_patch = warehouse.execute(
        "select count(*) from audit.entry_disposition where gate_run_id = %s and submission_id like '%%r2'",
        [after.gate_run_id],
    ).fetchone()[0]
    assert of_patch == len(named)
    assert statuses(warehouse, "P1") == {1: "accepted", 2: "accepted"}


def test_a_batch_where_every_row_fails_keeps_every_finding(warehouse: psycopg.Connection, tmp_path: Path) -> None:
    words = {
        (code, year): "不详情" for code, line in FORM.lines.items() for year in range(2023, 2027)
        if line.value_type in ("integer", "number", "percent", "ratio")
    }  # fmt: skip
    words |= {("11", 2026): 3}
    entries = ingest(write_return(tmp_path / "r.xlsx", words), "W1", 2026).entries
    run = gate(2026, run_id="words")
    failed = warehouse.execute(
        "select count(*) from audit.validation_result where gate_run_id = %s and rule_id = 'not-a-number'",
        [run.gate_run_id],
    ).fetchone()[0]
    assert failed == entries - 1 > 200
    assert (run.quarantined, run.accepted) == (failed, 1)
    outcome = warehouse.execute(
        "select checked, failed from audit.rule_outcome where gate_run_id = %s and rule_id = 'not-a-number'",
        [run.gate_run_id],
    ).fetchone()
    assert outcome == (failed, failed)


def test_an_empty_year_is_a_run_of_nothing(warehouse: psycopg.Connection) -> None:
    run = gate(1950, run_id="empty")
    assert (run.status, run.submissions, run.parsed, run.accepted, run.quarantined) == ("done", 0, 0, 0, 0)
    assert gate(1950, run_id="empty").status == "unchanged"


def test_plan_targets_are_judged_as_targets(warehouse: psycopg.Connection, tmp_path: Path) -> None:
    annex = write_annex(
        tmp_path / "annex.xlsx",
        [
            ("国家级重点专科", "个", 1, "2~3", "科研科"),
            ("省级课题", "项", 6, "5~3", "科研科"),
            ("患者就医体验", None, "/", "持续改善", "医务科"),
            ("博士", "人", "若干", "6人以上", "人事科"),
        ],
    )
    ingest(annex, "T1", 2027)
    run = gate(2027, run_id="plan")
    found = {
        (rule, row[-1])
        for rule, row in (
            (rule, locator.rsplit("!", 1))
            for rule, locator in warehouse.execute(
                "select rule_id, locator from audit.validation_result where gate_run_id = %s", [run.gate_run_id]
            )
        )
    }
    assert {rule for rule, _ in found} == {"target-range-reversed", "target-not-readable", "baseline-not-readable"}
    assert (run.quarantined, run.flagged) == (1, 0)
    assert statuses(warehouse, "T1") == {1: "flagged"}


def test_a_run_that_fails_decides_nothing(warehouse: psycopg.Connection, tmp_path: Path) -> None:
    ingest(write_return(tmp_path / "r.xlsx", clean_figures(2028)), "X1", 2028)
    warehouse.execute("alter table gate.target_check rename column range_width to width_of_range")
    try:
        before = counts(warehouse)
        with pytest.raises(psycopg.errors.UndefinedColumn):
            gate(2028, run_id="broken")
        with pytest.raises(Problem, match=r"target-range-reversed.*rule-not-evaluated"):
            gate_step.run_checkpoint(load_rules(), run_name="broken")
        assert counts(warehouse) == before
        assert statuses(warehouse, "X1") == {1: "parsed"}
        assert warehouse.execute("select status from audit.step_outcome where run_id = 'broken'").fetchall() == [
            ("failed",)
        ]
    finally:
        warehouse.execute("alter table gate.target_check rename column width_of_range to range_width")
    assert gate(2028, run_id="mended").status == "done"


def test_a_count_that_differs_from_the_judgement_is_refused(warehouse: psycopg.Connection) -> None:
    from ingestion.gate import outcomes

    rule = next(rule for rule in load_rules() if rule.rule_id == "formula-ratio")
    query = "select check_id from gate.formula_check where false;"
    with pytest.raises(Problem, match="gate-count-differs"):
        outcomes.record_failures(warehouse, [Verdict(rule, 3, query)])


def test_the_context_holds_what_the_rules_give(warehouse: psycopg.Connection) -> None:
    context = gate_step.open_context()
    checkpoint = context.checkpoints.get(suites.CHECKPOINT)
    assert checkpoint.is_fresh().success
    judged = {
        expectation.meta["rule_id"]
        for name in checkpoint.validation_definitions
        for expectation in name.suite.expectations
    }
    assert judged == {rule.rule_id for rule in load_rules()}
    assert context.variables.analytics_enabled is False


REAL_FAULTS = """
formula-chain 21.2.1 2017 5297.11 5295.37
formula-chain 21.2.1 2018 6117.31 6113.4
formula-chain 21.2.1 2019 6779.35 6783.07
formula-chain 22.2.1 2017 1235.88 1235.48
formula-chain 22.2.1 2018 1278.92 1278.07
formula-chain 22.2.1 2019 1357.39 1358.12
formula-growth 20.3 2020 4.27 3.52
formula-growth 21.2 2020 9.06 9.12
formula-growth 22.1 2020 15.66 15.36
formula-growth 22.2 2020 0.64 0.69
formula-ratio 12.1 2020 54 59.29
formula-ratio 22.1.1 2020 79.18 79.39
formula-ratio 24.1 2020 3.6 3.77
formula-ratio 24.2 2020 10 10.57
formula-ratio 24.3 2020 2.5 2.64
formula-ratio 24.5 2020 3.6 3.77
formula-ratio 26.2 2019 10.24 10.25
formula-ratio 26.4 2019 3.32 3.23
formula-ratio 6 2020 33 35.26
formula-ratio 8 2020 1.43 202.84
formula-ratio 9 2020 3.31 3.32
formula-sum 18.3.2 2020 216696050.8 191094823
formula-sum 19.1 2020 138969301.95 147565889.95
part-above-whole 8.1 2020 1499745.69 ≤ 739375.8 (8.2)
shared-lines-disagree 13.1 2018 274858 274848 (6.2)
shared-lines-disagree 13.1 2019 291653 291550 (6.2)
shared-lines-disagree 24.6 2020 265 276 (23.1)
"""
"""Rule, line, year, stated and recomputed figure (or the other line's): every arithmetic fault of the real return."""


def test_the_real_return_has_these_faults_and_no_others(warehouse: psycopg.Connection, shared: Path) -> None:
    ingest(shared / "returns" / "secondary-national-return-2017-2020.xlsx", "REAL", 2020)
    run = gate(2020, run_id="real")
    found = [
        " ".join(row)
        for row in warehouse.execute(
            "select r.rule_id, r.line_code, r.period, r.stated, r.expected from audit.validation_result r "
            "join audit.submission s using (submission_id) "
            "where s.hospital_code = 'REAL' and r.gate_run_id = %s and r.outcome = 'failed'",
            [run.gate_run_id],
        )
    ]
    assert sorted(found) == sorted(REAL_FAULTS.strip().splitlines())
    assert statuses(warehouse, "REAL") == {1: "flagged"}
