"""Names that people decide, corrections that they declare, files of another hospital or year: seen through the gate."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fixtures.return_variants import Figures, Sheets
from openpyxl import load_workbook
from test_gate import clean_figures, findings, ingest, statuses, write_return

from ingestion.corrections import corrections
from ingestion.errors import Problem
from ingestion.forms import reference
from ingestion.forms.normalise import name_key
from ingestion.lineage import lineage
from ingestion.names import decide, unknown_names
from ingestion.steps.gate import gate
from ingestion.store import database
from ingestion.submissions import submissions, withdraw

pytestmark = pytest.mark.integration

FORM = "secondary_national_return"
BY: dict[str, Any] = {"reason": "与医院核对", "decided_by": "统计科 王五"}


@pytest.mark.parametrize(
    "name",
    ["出院患者手术占比▲", "抗菌药物使用强度（DDDs）", " １．２ 〔a〕 《b》", "<sup>注</sup>指标", "“十四五”·规划"],
)
def test_a_name_is_compared_alike_in_both_languages(name: str, warehouse: psycopg.Connection) -> None:
    row = warehouse.execute("select reference.name_key(%s)", [name]).fetchone()
    assert row == (name_key(name),)


def test_a_confirmed_name_is_read_as_its_line_by_every_later_run(warehouse: psycopg.Connection, tmp_path: Path) -> None:
    figures = clean_figures(2019)
    value = figures.pop(("13", 2019))
    path = write_return(tmp_path / "r.xlsx", {k: v for k, v in figures.items() if k[1] == 2019},
                        extra=(("患者平均住院天数", "天", value),))  # fmt: skip
    ingest(path, "N1", 2019)
    (waiting,) = (n for n in unknown_names(warehouse, 2019) if n.kind == "indicator")
    assert (waiting.scope, waiting.name, waiting.hospitals) == (FORM, "患者平均住院天数", ["N1"])
    assert (waiting.target, waiting.target_name) == ("13", "平均住院日"), "it looks like another name of the line"
    before = gate(2019, run_id="t")
    assert ("line-unknown", None, "2019") in findings(warehouse, before, "N1")

    decide(warehouse, "indicator", "患者平均住院天数", "13", scope=FORM, **BY)
    after = gate(2019, run_id="t")
    assert after.gate_run_id != before.gate_run_id
    assert ("line-unknown", None, "2019") not in findings(warehouse, after, "N1")
    assert not [n for n in unknown_names(warehouse, 2019) if n.kind == "indicator"]
    row = warehouse.execute(
        "select value, is_line_by_alias, label_raw from raw.reading where line_code = '13' and period = '2019'"
        " and submission_id like 'N1-%%'"
    ).fetchone()
    assert row == (Decimal(str(value)), True, "患者平均住院天数")
    (stated,) = lineage(warehouse, hospital_code="N1", indicator="13", period="2019")
    (name,) = stated.names
    assert (name["kind"], name["means"], name["decided_by"]) == ("indicator", "13", BY["decided_by"])
    assert f"'患者平均住院天数' read as 13 ({BY['decided_by']}: {BY['reason']})" in "\n".join(stated.lines())

    decide(warehouse, "indicator", "患者平均住院天数", "13", scope=FORM, is_refusal=True, **BY)
    (waiting,) = (n for n in unknown_names(warehouse, 2019) if n.kind == "indicator")
    assert waiting.target != "13", "what somebody refused is not proposed again"


def test_a_look_alike_is_proposed_and_never_taken(warehouse: psycopg.Connection, tmp_path: Path) -> None:
    made = Figures.of(FORM, [2018], most=30)
    rows = [made.header(), *made.rows(), ["重点监控药品收入的占比", "%", 3.3]]
    ingest(Sheets({"表": rows}).save(tmp_path / "r.xlsx"), "N2", 2018)
    (waiting,) = (n for n in unknown_names(warehouse, 2018) if n.kind == "indicator")
    assert (waiting.target, waiting.target_name) == ("9", "重点监控药品收入占比")
    assert waiting.score is not None and 80 < waiting.score < 100
    unread = warehouse.execute(
        "select line_code from raw.reading where label_raw = '重点监控药品收入的占比'"
    ).fetchall()
    assert unread == [(None,)]


def test_departments_are_one_after_somebody_says_so(warehouse: psycopg.Connection, tmp_path: Path) -> None:
    header = ["ID", "名称", "单位", "Y2017"]
    sheets = {"心血管内科": [header, ["1", "床位", "张", 40], ["2", "出院人次", "人次", 900]],
              "心血管内科一病区": [header, ["1", "护士", "人", 12]], "肾内科": [header, ["1", "床位", "张", 30]],
              "心血管外科": [header, ["2", "出院人次", "人次", 90], ["3", "护士", "人", 9]]}  # fmt: skip
    ingest(Sheets(sheets).save(tmp_path / "d.xlsx"), "N3", 2017)
    # Two that state the same line in one file are two departments, however alike they are called.
    (waiting,) = (n for n in unknown_names(warehouse, 2017) if n.kind == "department")
    assert (waiting.name, waiting.target) == ("心血管内科一病区", "心血管内科")
    decide(warehouse, "department", waiting.name, "心血管内科", scope="N3", **BY)
    read = warehouse.execute(
        "select distinct department_name from raw.reading where submission_id like 'N3-%%'"
    ).fetchall()
    assert {name for (name,) in read} == {"心血管内科", "肾内科", "心血管外科"}
    with pytest.raises(Problem) as caught:
        decide(warehouse, "indicator", "x", "no-such-line", scope=FORM, **BY)
    assert caught.value.code == "name-decision"
    with pytest.raises(Problem, match="valid from 2021-01-01 to 2020-01-01; expected the first day before the last"):
        decide(
            warehouse, "indicator", "x", "13", scope=FORM, valid_from=date(2021, 1, 1), valid_to=date(2020, 1, 1), **BY
        )


def test_the_wrong_file_is_noticed(warehouse: psycopg.Connection, tmp_path: Path) -> None:
    figures = {k: v for k, v in clean_figures(2016).items() if k[1] > 2014}

    def titled(name: str, title: str, more: dict[tuple[str, int], Any] | None = None) -> Path:
        made = write_return(tmp_path / name, {**figures, **(more or {})})
        rows = [[title], *_rows(made)]
        return Sheets({"表": rows}).save(made)

    ingest(titled("a.xlsx", "青石县人民医院绩效考核填报表"), "H15001", 2016)
    ingest(titled("b.xlsx", "填报单位：青石人民医院"), "H15002", 2016)
    ingest(titled("e.xlsx", "填报单位：沙泉县医院（沙泉县总医院）"), "H15004", 2016)
    ingest(titled("c.xlsx", "示例省柳河湾县人民医院2015年度填报表"), "H15007", 2016)
    ingest(titled("d.xlsx", "填报表", {(c, y + 1): v for (c, y), v in figures.items() if y == 2016}), "N9", 2016)
    both = [["云岭市中心医院"], *_rows(tmp_path / "d.xlsx")[1:]], [["柳河湾人民医院"], *_rows(tmp_path / "d.xlsx")[1:]]
    for hospital in ("H15006", "H15003", "N8"):  # registered under neither name, under the first, not at all
        twice = Sheets({"一": both[0], "二": both[1]}).save(tmp_path / f"{hospital}.xlsx")
        ingest(twice, hospital, 2016)
    run = gate(2016, run_id="t")

    def rules(hospital: str) -> set[str]:
        return {rule for rule, *_ in findings(warehouse, run, hospital)}

    assert "hospital-is-another" in rules("H15001")
    assert statuses(warehouse, "H15001") == {1: "rejected"}
    assert "hospital-name-unknown" in rules("H15002")
    assert {"hospital-name-unknown", "title-year-differs"} <= rules("H15007")
    late = {(rule, period) for rule, _, period in findings(warehouse, run, "N9") if rule == "year-after-reporting"}
    assert late == {("year-after-reporting", "2017")}
    stated = warehouse.execute(
        "select stated, expected, locator from audit.validation_result where rule_id = 'hospital-is-another'"
        " and submission_id like 'H15001-%%'"
    ).fetchone()
    assert stated == ("青石县人民医院", "柳河湾县人民医院", "表!A1")
    assert statuses(warehouse, "N8") == {1: "rejected"}
    several = warehouse.execute(
        "select distinct stated, locator from audit.validation_result where rule_id = 'hospitals-several'"
    ).fetchall()
    assert set(several) == {("云岭市中心医院 (一!A1), 柳河湾人民医院 (二!A1)", at) for at in ("一!A1", "二!A1")}
    unknown = {n.name: n.target for n in unknown_names(warehouse, 2016) if n.kind == "hospital"}
    assert "柳河湾人民医院" in unknown
    assert unknown["青石人民医院"] == "H15002"
    assert unknown["沙泉县医院(沙泉县总医院)"] == "H15004"
    decide(warehouse, "hospital", "青石人民医院", "H15002", scope="", **BY)
    assert "hospital-name-unknown" not in {rule for rule, *_ in findings(warehouse, gate(2016, run_id="t"), "H15002")}
    named = warehouse.execute("select source ->> 'name', source ->> 'means' from audit.hospital_name_source").fetchall()
    assert named == [("青石人民医院", "H15002")]


def _rows(path: Path) -> list[list[Any]]:
    return [list(row) for row in load_workbook(path).worksheets[0].iter_rows(values_only=True)]


def test_a_correction_takes_effect_until_its_source_is_mended(
    warehouse: psycopg.Connection, seeds: Path, tmp_path: Path
) -> None:
    figures = {k: v for k, v in clean_figures(2021).items() if k[1] > 2019}
    right = figures["13", 2021]
    ingest(write_return(tmp_path / "r1.xlsx", {**figures, ("13", 2021): 729}), "C1", 2021)
    wrong = gate(2021, run_id="t")
    assert [f for f in findings(warehouse, wrong, "C1") if f[1:] == ("13", "2021")]

    row = f"COR-T1,C1,{FORM},2021,13,,2021,,729,{right},小数点遗漏,病案室 李四,"
    with (seeds / "correction.csv").open("a", encoding="utf-8") as file:
        file.write(row + "approved\n")
    reference.sync(warehouse)
    corrected = gate(2021, run_id="t")
    assert not {f for f in findings(warehouse, corrected, "C1") if f[1:] == ("13", "2021")}
    (applied,) = corrections(warehouse, 2021)
    assert (applied.state, applied.stated_now, applied.corrected_value) == ("applied", "729", Decimal(str(right)))
    (stated,) = lineage(warehouse, hospital_code="C1", indicator="13", period="2021")
    assert (stated.value, stated.value_stated, stated.value_raw) == (Decimal(str(right)), Decimal(729), "729")
    assert stated.correction and stated.correction["correction_id"] == "COR-T1"
    assert "COR-T1" in "\n".join(stated.lines())

    ingest(write_return(tmp_path / "r2.xlsx", figures), "C1", 2021)
    gate(2021, run_id="t")
    (mended,) = corrections(warehouse, 2021)
    assert mended.state == "mended" and not mended.holds
    assert "retired" in mended.line_for_people()

    (seeds / "correction.csv").write_text(
        (seeds / "correction.csv").read_text("utf-8").replace(row + "approved", row + "retired"), "utf-8"
    )
    reference.sync(warehouse)
    (retired,) = corrections(warehouse, 2021)
    assert retired.state == "retired"
    assert [event["status"] for event in retired.history] == ["approved", "retired"]
    assert "; approved since 20" in retired.line_for_people()

    # What was: the figure as the source stated it, as corrected, and as the source states it again.
    first, second = (event["occurred_at"] for event in retired.history)
    newest, oldest = lineage(warehouse, hospital_code="C1", indicator="13", period="2021")
    assert (oldest.value, newest.value, newest.corrections) == (Decimal(729), Decimal(str(right)), [])
    assert [(s["value"], s["approved_at"], s["ended_at"], s["ended_as"]) for s in oldest.corrections] == [
        (float(right), first, second, "retired")
    ]
    assert f"{right} by COR-T1 from {first[:19]} until {second[:19]} (retired)" in "\n".join(oldest.lines())
    spans = (
        "select value, read_from = '-infinity', read_from = %s, read_to is null from raw.corrected_entry"
        " where submission_id like 'C1-%%' order by read_from"
    )
    assert warehouse.execute(spans, [second]).fetchall() == [
        (Decimal(729), True, False, False),
        (Decimal(str(right)), False, False, False),
        (Decimal(729), False, True, True),
    ]  # fmt: skip

    reference.sync(warehouse)
    kept = "select status, value from audit.correction_event where correction_id = 'COR-T1' order by event_id"
    assert len(warehouse.execute(kept).fetchall()) == 2, "nothing new, nothing written"
    (seeds / "correction.csv").write_text(
        (seeds / "correction.csv").read_text("utf-8").replace(row + "retired\n", ""), "utf-8"
    )
    reference.sync(warehouse)
    assert warehouse.execute(kept).fetchall() == [
        (status, Decimal(str(right))) for status in ("approved", "retired", "removed")
    ]


@pytest.mark.parametrize(
    ("row", "read"),
    [
        ("X1,C1,{},2021,,,2021,,1,2,r,p,approved", "line_code or label_zh"),
        ("X1,C1,{},2021,13,,2021,,1,2,,p,approved", "no reason"),
        ("X1,C1,{},2021,13,,2021,,1,2,r,p,done", "status 'done'"),
        ("X1,C1,{},2021,13,,2021,,1,many,r,p,approved", "corrected_value 'many'"),
    ],
)
def test_a_correction_that_says_too_little_is_refused_by_line(
    row: str, read: str, warehouse: psycopg.Connection, seeds: Path
) -> None:
    lines = len((seeds / "correction.csv").read_text("utf-8").splitlines())
    with (seeds / "correction.csv").open("a", encoding="utf-8") as file:
        file.write(row.format(FORM) + "\n")
    with pytest.raises(Problem) as caught:
        reference.sync(warehouse)
    assert caught.value.where == f"correction.csv line {lines + 1}"
    assert read in caught.value.read


def test_a_submission_taken_back_counts_no_longer_and_stays_to_be_seen(
    warehouse: psycopg.Connection, tmp_path: Path
) -> None:
    figures = {k: v for k, v in clean_figures(2015).items() if k[1] == 2015}
    taken = ingest(write_return(tmp_path / "r.xlsx", figures), "W1", 2015).submission_id
    assert taken
    gate(2015, run_id="t")
    withdraw(warehouse, taken, reason="报错医院", decided_by="信息科 赵六", run_id="t")
    (listed,) = submissions(warehouse, 2015, "W1")
    assert listed.status == "withdrawn"
    assert [h["status"] for h in listed.history][:2] == ["received", "parsed"]
    assert listed.history[-1]["detail"] == {"reason": "报错医院", "decided_by": "信息科 赵六"}
    assert gate(2015, run_id="t").submissions == 0
    with pytest.raises(Problem, match="already withdrawn"):
        withdraw(warehouse, taken, reason="x", decided_by="y", run_id="t")


def test_every_listing_speaks_to_machines(environment: dict[str, str], warehouse: psycopg.Connection) -> None:
    for command in (["submissions"], ["names", "--year", "2018"], ["corrections"], ["status", "--year", "2020"]):
        done = subprocess.run(
            [sys.executable, "-m", "ingestion.cli", *command, "--json"],
            capture_output=True, text=True, env={**os.environ, **environment}, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert all(isinstance(json.loads(line), dict) for line in done.stdout.splitlines())
    database.connect().close()
