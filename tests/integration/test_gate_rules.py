"""Rules beyond arithmetic, each on a return, plan or table that fails it and on one that does not."""

from __future__ import annotations

import csv
import datetime
import json
import re
from pathlib import Path

import openpyxl
import psycopg
import pytest
from gate_returns import FORM, Figures, clean_figures, findings, ingest, write_annex, write_return

from ingestion.steps.gate import gate

pytestmark = pytest.mark.integration

OPEN_PERCENT = "15"  # a share that may pass 100
NARRATIVE = """某县人民医院2025年度工作总结
2025年，全院紧紧围绕年度目标，各项工作取得新的进展。平均住院日{days}天，开放床位500张。
二、科研情况
全院发表论文91篇，授权专利12项。培训医务人员320人次。
"""


def figures_of(last_year: int) -> Figures:
    """The clean figures as numbers, also those that the sample stores as text."""
    return {
        key: float(value) if re.fullmatch(r"-?[0-9.]+", str(value)) else value
        for key, value in clean_figures(last_year).items()
    }


def indicator(number: str, clean: Figures) -> Figures:
    """All cells of an indicator in the newest year, emptied."""
    newest = max(year for _, year in clean)
    return {(code, year): None for code, year in clean if code.split(".")[0] == number and year == newest}


def test_limits_slips_of_the_unit_parts_and_missing_indicators(warehouse: psycopg.Connection, tmp_path: Path) -> None:
    clean = figures_of(2021)
    cost, income = clean["16.2", 2021], clean["14.2", 2021]
    loss = {
        ("16.2", 2021): income + 5000, ("14.1", 2021): -5000, ("14", 2021): round(-5000 / income * 100, 4),
        ("16", 2021): round(clean["16.1", 2021] / (income + 5000) * 100, 4), ("25.2", 2021): None,
    }  # fmt: skip
    cases: dict[str, tuple[Figures, set[tuple[str, str]]]] = {
        "negative": ({("17.1", 2021): -5}, {("quantity-negative", "17.1")}),
        "surplus": ({("14", 2021): 140}, {("outside-limits", "14"), ("formula-ratio", "14")}),
        "fraction": ({("1", 2021): clean["1", 2021] / 100}, {("unit-scale-formula", "1"), ("formula-ratio", "1")}),
        "wan": ({("13.1", 2021): clean["6.2", 2021] / 10000}, {("unit-scale-shared", "13.1")}),
        "parts": ({("24.2.1", 2021): clean["24.6", 2021]}, {("parts-above-whole", "24.6")}),
        "left-out": (indicator("25", clean), {("indicator-missing", "25")}),
        "a-line": ({("25.1.3", 2021): None}, {("required-line-missing", "25.1.3")}),
        "last-year": ({("7.2", 2021): clean["7.2", 2021] / 10000}, {("unit-scale-last-year", "7.2")}),
    }
    assert cost < income
    for hospital, (changes, _) in cases.items():
        ingest(write_return(tmp_path / f"{hospital}.xlsx", clean | changes), hospital, 2021)
    ingest(write_return(tmp_path / "loss.xlsx", clean | loss), "loss", 2021)
    run = gate(2021, run_id="rules")
    for hospital, (_, expected) in cases.items():
        found = {(rule, line) for rule, line, _ in findings(warehouse, run, hospital)}
        assert expected <= found, hospital
    # What is wholly absent is said once.
    assert {rule for rule, _, _ in findings(warehouse, run, "left-out")} == {"indicator-missing"}
    # A loss is no impossible share.
    assert {rule for rule, _, _ in findings(warehouse, run, "loss")} <= {"required-line-missing"}


def test_rules_that_need_many_returns_long_histories_or_another_document(
    warehouse: psycopg.Connection, tmp_path: Path
) -> None:
    """Each rule fires at its cell in one return of the year and stays silent in the one that is only just right."""
    clean = figures_of(2025)
    steady = {("26.1", 2019 + n): value for n, value in enumerate((131, 130, 132, 133, 132, 134))}
    returns: dict[str, Figures] = {
        "clean": clean,
        "apart": clean | {("18.1", 2025): clean["18.1", 2025] * 4},
        "beside": clean | {("18.1", 2025): clean["18.1", 2025] * 1.9},
        "jump": clean | steady | {("26.1", 2025): 240},
        "growth": clean | steady | {("26.1", 2025): 190},
        "unusual": clean | {(OPEN_PERCENT, 2025): 301},
        "large": clean | {(OPEN_PERCENT, 2025): 299},
    }
    for hospital, figures in returns.items():
        ingest(write_return(tmp_path / f"{hospital}.xlsx", figures), hospital, 2025)
    copy_return(warehouse, "clean", {f"C{n:02}": {} for n in range(20)})
    copy_return(warehouse, "clean", {"infinite": {("13", "2025"): "NaN"}, "finite": {("13", "2025"): "0"}})
    copy_return(warehouse, "clean", {"empty": {}}, entries=False)

    slipped = {key: value for key, value in clean.items() if key[0] != "13"}
    other = f"13.{FORM.lines['6'].label_zh}"
    ingest(write_return(tmp_path / "slipped.xlsx", slipped, extra=((other, "天", clean["13", 2025]),)), "slipped", 2025)
    few = {key: clean[key] for key in [("13", 2025), ("26.1", 2025), ("1", 2025), ("1.1", 2025), ("1.2", 2025)]}
    for hospital, unknown in {"unknown": 12, "known": 11}.items():
        extra = tuple((f"本院自定指标第{n}项", "项", n) for n in range(unknown))
        ingest(
            write_return(tmp_path / f"{hospital}.xlsx", few, extra=extra), hospital, 2025,
            form="secondary_national_return",
        )  # fmt: skip
    ingest(write_annex(tmp_path / "annex.xlsx", [("床位数", "", 900, 1000, "院办"), ("护士数", "人", 9, 10, "护理部")]),
           "plan", 2025)  # fmt: skip
    stay = clean["13", 2025]
    for hospital, days in {"clean": stay, "apart": stay + 2}.items():
        report = tmp_path / hospital / "report.txt"
        report.parent.mkdir(exist_ok=True)
        report.write_text(NARRATIVE.format(days=days), "utf-8")
        ingest(report, hospital, 2025)

    run = gate(2025, run_id="rest")
    found = {
        (rule, hospital, line or label)
        for rule, hospital, line, label in warehouse.execute(
            "select r.rule_id, s.hospital_code, r.line_code, e.label_raw from audit.validation_result r"
            " join audit.submission s using (submission_id) left join raw.entry e using (submission_id, entry_id)"
            " where r.gate_run_id = %s and r.outcome = 'failed'",
            [run.gate_run_id],
        )
    }
    expected = {
        "peer-outlier": {("apart", "18.1"), ("unusual", OPEN_PERCENT), ("large", OPEN_PERCENT)},
        "jump-own-history": {("jump", "26.1")},
        "percent-unusual": {("unusual", OPEN_PERCENT)},
        "number-not-finite": {("infinite", "13")},
        "submission-empty": {("empty", None)},
        "label-differs": {("slipped", "6")},
        "lines-mostly-unknown": {("unknown", None)},
        "target-unit-missing": {("plan", "床位数")},
        "claim-differs": {("apart", "平均住院日")},
    }
    for rule, places in expected.items():
        assert {(hospital, place) for name, hospital, place in found if name == rule} == places, rule
    assert not {item for item in found if item[1] == "clean" or str(item[1]).startswith("C")}


def test_a_return_is_seen_beside_the_one_of_the_year_before(warehouse: psycopg.Connection, tmp_path: Path) -> None:
    before, after = figures_of(2029), figures_of(2030)
    ingest(write_return(tmp_path / "a.xlsx", before), "Y1", 2029)
    gate(2029, run_id="before")
    only_newest = {(code, year): value for (code, year), value in after.items() if year == 2030}
    # The growth that the earlier return gives is that of the clean figures of the year before, one year later.
    ingest(write_return(tmp_path / "b.xlsx", only_newest | {("20.1", 2030): 77.77}), "Y1", 2030)
    restated = {(code, year): value for (code, year), value in after.items() if year >= 2029}
    for code in ("6", "6.1"):
        restated[code, 2029] = before[code, 2029]
    run = gate(2030, run_id="after")
    assert ("formula-growth", "20.1", "2030") in findings(warehouse, run, "Y1")

    ingest(write_return(tmp_path / "c.xlsx", restated), "Y1", 2030)
    second = gate(2030, run_id="restated")
    told = {line for rule, line, _ in findings(warehouse, second, "Y1") if rule == "prior-year-restated"}
    changed = {code for code, year in restated if year == 2029 and restated[code, year] != before.get((code, year))}
    assert told
    assert told <= changed
    assert not told & {"6", "6.1"}

    # What the year after was compared with is replaced: it is judged again, as if it had come after it.
    ingest(write_return(tmp_path / "d.xlsx", before | {("6", 2029): 1.5}), "Y1", 2029)
    replaced = gate(2029, run_id="replaced")
    assert replaced.reporting_years[:2] == [2029, 2030]
    told = {line for rule, line, _ in findings(warehouse, replaced.later[0], "Y1") if rule == "prior-year-restated"}
    assert "6" in told
    assert gate(2030, run_id="again").status == "unchanged"
    assert [one.status for one in gate(2029, run_id="again").later] == ["unchanged"], "nobody has published it yet"
    assert [one.status for one in gate(2028, run_id="empty").later] == ["unchanged"] * 2, "nothing to compare with"


def test_two_forms_that_disagree(warehouse: psycopg.Connection, tmp_path: Path) -> None:
    clean = figures_of(2031)
    ingest(write_return(tmp_path / "return.xlsx", clean), "F1", 2031)
    labels = {code: FORM.lines[code].label_zh for code in ("1", "2", "13")}
    stated = {"1": clean["1", 2031], "2": clean["2", 2031] + 1, "13": clean["13", 2031] * 10}
    with (tmp_path / "table.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["indicator", "year", "value", "unit"])
        writer.writerows([labels[code], 2031, value, FORM.lines[code].unit] for code, value in stated.items())
        writer.writerow([labels["1"], "Q1 2031", 7, "%"])
    ingest(tmp_path / "table.csv", "F1", 2031, form="tidy_csv")
    run = gate(2031, run_id="forms")
    rows = warehouse.execute(
        "select e.label_raw, r.rule_id from audit.validation_result r join raw.entry e using (submission_id, entry_id) "
        "where r.gate_run_id = %s and r.rule_id in ('forms-disagree', 'unit-scale-statement')",
        [run.gate_run_id],
    ).fetchall()
    assert {rule for rule, _, period in findings(warehouse, run, "F1") if period is None} == {"period-not-readable"}
    assert (labels["2"], "forms-disagree") in rows
    assert (labels["13"], "forms-disagree") in rows
    assert not [row for row in rows if row[0] == labels["1"]]


def test_what_is_no_number_is_told_in_lines_that_no_form_knows(warehouse: psycopg.Connection, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "骨科"
    for row in (
        ["指标名称", "2032年"],
        ["自设天数", 5],
        ["自设评级", "良好"],
        ["自设时长", datetime.datetime(2032, 3, 5)],
        ["自设占比", "#DIV/0!"],
    ):
        sheet.append(row)
    book.save(tmp_path / "d.xlsx")
    ingest(tmp_path / "d.xlsx", "F2", 2032, form="department_workbook")
    run = gate(2032, run_id="words")
    assert findings(warehouse, run, "F2") == {
        ("word-for-a-number", None, "2032"), ("not-a-number", None, "2032"),
    }  # fmt: skip
    assert (run.parsed, run.flagged, run.quarantined) == (4, 1, 2)


def test_targets_that_go_against_their_indicator(warehouse: psycopg.Connection, tmp_path: Path) -> None:
    annex = write_annex(
        tmp_path / "annex.xlsx",
        [
            ("出院患者微创手术占比", "%", 21.5, 18, "医务科"),
            ("出院患者手术占比", "%", 32, 35, "医务科"),
            ("抗菌药物使用强度（DDDs）", "DDDs", 38, 42, "药学部"),
            ("平均住院日", "天", 8, 9, "医务科"),  # compared, never scored
            ("论文", "篇", 30, "新增 5", "科研科"),
        ],
    )
    ingest(annex, "G1", 2032)
    run = gate(2032, run_id="targets")
    labels = warehouse.execute(
        "select e.label_raw from audit.validation_result r join raw.entry e using (submission_id, entry_id) "
        "where r.gate_run_id = %s and r.rule_id = 'target-against-direction' order by 1",
        [run.gate_run_id],
    ).fetchall()
    assert labels == [("出院患者微创手术占比",), ("抗菌药物使用强度（DDDs）",)]


def test_yearly_targets_that_go_to_and_fro(warehouse: psycopg.Connection, tmp_path: Path) -> None:
    ingest(write_annex(tmp_path / "annex.xlsx", [("开放床位", "张", 900, 1000, "院办")]), "G2", 2033)
    for hospital, levels in {"rising": (910, 950, 1000), "to and fro": (910, 1100, 1000)}.items():
        warehouse.execute(
            "insert into audit.submission (submission_id, hospital_code, reporting_year, form, revision, "
            "revision_kind, sha256, file_name, size_bytes, received_at) "
            "select %s, %s, reporting_year, form, 1, 'full', sha256, file_name, size_bytes, received_at "
            "from audit.submission where hospital_code = 'G2'",
            [hospital, hospital],
        )
        warehouse.execute(
            "insert into audit.submission_event (submission_id, status) values (%s, 'parsed')", [hospital]
        )
        for year, level in zip((2034, 2035, 2036), levels, strict=True):
            warehouse.execute(
                "insert into raw.entry (entry_id, submission_id, entry_kind, ordinal, label_raw, value_raw, period, "
                "value, unit, target_kind, is_per_year, locator, parser_version) "
                "values (%s, %s, 'target', %s, '开放床位', %s, %s, %s, '张', 'level', false, 'T1', '1')",
                [year, hospital, year, str(level), str(year), level],
            )
    run = gate(2033, run_id="trajectory")
    found = warehouse.execute(
        "select submission_id, period, stated, expected from audit.validation_result "
        "where gate_run_id = %s and rule_id = 'trajectory-not-monotone'",
        [run.gate_run_id],
    ).fetchall()
    assert found == [("to and fro", "2036", "1000", "1100")]


def copy_return(
    connection: psycopg.Connection,
    original: str,
    copies: dict[str, dict[tuple[str, str], str]],
    *,
    entries: bool = True,
) -> None:
    """The return of ``original`` as other hospitals' own: (line, period) -> another value, as SQL reads numbers."""
    for hospital, changes in copies.items():
        names = {"original": original, "hospital": hospital}
        connection.execute(
            "insert into audit.submission (submission_id, hospital_code, reporting_year, form, revision, revision_kind,"
            " sha256, file_name, size_bytes, received_at) select replace(submission_id, %(original)s, %(hospital)s),"
            " %(hospital)s, reporting_year, form, revision, revision_kind, sha256, file_name, size_bytes, received_at"
            " from audit.submission where hospital_code = %(original)s and form = 'secondary_national_return'",
            names,
        )
        connection.execute(
            "insert into audit.submission_event (submission_id, status) select submission_id, 'parsed'"
            " from audit.submission where hospital_code = %(hospital)s",
            names,
        )
        if not entries:
            continue
        changed = {f"{line} {period}": value for (line, period), value in changes.items()}
        connection.execute(
            "insert into raw.entry (entry_id, submission_id, entry_kind, ordinal, label_raw, unit_raw, period_raw,"
            " value_raw, line_code, period, value, stated_decimals, grade, unit, notes, locator, parser_version)"
            " select entry_id, replace(submission_id, %(original)s, %(hospital)s), entry_kind, ordinal, label_raw,"
            " unit_raw, period_raw, value_raw, line_code, period,"
            " coalesce((%(changed)s::jsonb ->> (line_code || ' ' || period))::numeric, value), stated_decimals, grade,"
            " unit, notes, locator, parser_version from raw.entry join audit.submission using (submission_id)"
            " where hospital_code = %(original)s and form = 'secondary_national_return'",
            {**names, "changed": json.dumps(changed)},
        )
