"""The star: built by real dbt from the samples, keyed and commented, the same at every build, true to history."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy
import openpyxl
import psycopg
import pytest
from scipy.stats import rankdata

from ingestion.dictionary import example_queries, write_dictionary
from ingestion.entries import PARSER_VERSION
from ingestion.errors import Problem
from ingestion.forms.form import get_form
from ingestion.forms.formula import evaluate, parse_formula
from ingestion.names import decide, unknown_names
from ingestion.pipeline import find_inbox, ingest_file
from ingestion.settings import REPOSITORY
from ingestion.status import status
from ingestion.steps.build import BuildOutcome, build, parse_manifest
from ingestion.steps.gate import gate
from ingestion.store import database
from ingestion.store.dbt_environment import dbt_environment

pytestmark = pytest.mark.integration

INBOX = REPOSITORY / "samples" / "inbox"
RETURN = INBOX / "2020" / "H15001" / "return.xlsx"
FORM = "secondary_national_return"
VIEWS = {
    "v_indicator_value": "hospital_code, hospital_name_zh, form, indicator_code, line_code, label_zh, department_name,"
    " period_label, year, value, value_high, grade, comparator, unit, numerator, denominator, is_flagged,"
    " submission_id, revision, locator, quote, valid_from, valid_to",
    "v_indicator_target": "hospital_code, indicator_code, label_zh, section, department_name, horizon, baseline_value,"
    " comparator, kind, value, value_high, grade, unit, is_per_year, raw_text, locator",
    "v_finding": "hospital_code, form, reporting_year, year, line_code, rule_id, severity, kind, outcome, stated,"
    " expected, locator, title_zh, remedy_zh, disposition, submission_id, revision",
    "v_work_item": "hospital_code, year, section_no, section_title, item_no, lead_departments, text_start, targets",
    "v_submission": "hospital_code, form, reporting_year, revision, revision_kind, status, received_at, file_name,"
    " sha256, parsed, accepted, flagged, quarantined",
    "v_collection": "reporting_year, hospital_code, hospital_name_zh, hospital_name_en, level_code, level_zh,"
    " region_zh, form, due_on, received_at, arrival, status, submission_id, revision, standing_revision, file_name,"
    " sha256, parsed, accepted, flagged, quarantined",
}


def rows(connection: psycopg.Connection, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    return connection.execute(query, parameters).fetchall()  # type: ignore[arg-type]


def contents(connection: psycopg.Connection) -> dict[str, tuple[Any, ...]]:
    """Rows and a hash over all rows of every table and view of marts and quality; not v_lineage, it names the run."""
    relations = rows(
        connection,
        "select schemaname || '.' || name from (select schemaname, tablename as name from pg_tables union all"
        " select schemaname, viewname from pg_views) r where schemaname in ('marts', 'quality')"
        " and name <> 'v_lineage' order by 1",
    )
    found = {}
    for (relation,) in relations:
        query = f"select count(*), md5(string_agg(md5(t::text), '' order by md5(t::text))) from {relation} t"
        found[relation] = rows(connection, query)[0]
    return found


@pytest.fixture(scope="module")
def built(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> BuildOutcome:
    """The star of the samples of 2020, and of two hospitals that nobody registered."""
    report = tmp_path_factory.mktemp("reports") / "report.txt"
    report.write_text(
        "某县第二医院2020年工作总结\n2020年，患者平均住院天数7.2天，全院手术并发症的发生率1.2%，党支部12个，"
        "下乡义诊16次，发表论文23篇，帮扶乡镇卫生院6家。\n",
        encoding="utf-8",
    )
    ingest_file(report, hospital_code="X90002", reporting_year=2020, run_id="star")
    for file in find_inbox(INBOX, 2020):
        ingest_file(file.path, hospital_code=file.hospital_code, reporting_year=2020, run_id="star")
    ingest_file(RETURN, hospital_code="X90001", reporting_year=2020, run_id="star")
    gate(2020, run_id="star")
    return build(run_id="star")


def test_a_build_says_what_it_did(built: BuildOutcome, warehouse: psycopg.Connection) -> None:
    assert (built.status, built.tests_failed) == ("done", 0)
    assert built.models > 25
    assert built.seeds >= 3
    assert built.tests_passed > 80
    assert "\n" not in built.line()
    assert built.docs_path
    assert "fct_indicator_value" in Path(built.docs_path).read_text(encoding="utf-8")
    assert rows(
        warehouse, "select status, rows_out from audit.step_outcome where run_id = 'star' and step = 'build'"
    ) == [("done", built.models)]


def test_figures_of_the_return_stand_with_numerator_and_denominator(
    built: BuildOutcome, warehouse: psycopg.Connection
) -> None:
    share = rows(
        warehouse,
        "select indicator_code, label_zh, value, numerator, denominator, unit, locator, department_name, valid_to"
        " from marts.v_indicator_value where hospital_code = 'H15001' and line_code = '1' and year = 2020",
    )
    assert share == [("EJ001", "出院患者手术占比", Decimal("32.47"), 12158, 37445, "%", "医院!D2", None, None)]
    part = rows(
        warehouse,
        "select indicator_code, line_code, value, numerator from marts.v_indicator_value"
        " where hospital_code = 'H15001' and line_code = '1.1' and year = 2020",
    )
    assert part == [("EJ001", "1.1", 12158, None)], "a fill-in line carries the code of its indicator"


def test_every_formula_is_recomputed_as_the_forms_own_evaluator_does(
    built: BuildOutcome, warehouse: psycopg.Connection
) -> None:
    figures = rows(
        warehouse,
        "select i.line_code, p.year, f.value, f.value_recomputed from marts.fct_indicator_value f"
        " join marts.dim_submission s using (submission_key) join marts.dim_indicator i using (indicator_key)"
        " join marts.dim_period p using (period_key) where s.hospital_code = 'H15001' and s.form = %s",
        FORM,
    )
    stated = {(code, year): value for code, year, value, _ in figures if value is not None}
    recomputed = {(code, year): value for code, year, _, value in figures}
    compared = 0
    for line in get_form(FORM).lines.values():
        for year in (2017, 2018, 2019, 2020):
            if not line.formula or (line.line_code, year) not in recomputed:
                continue
            offsets = {(code, of - year): value for (code, of), value in stated.items()}
            expected = evaluate(parse_formula(line.formula), offsets)
            found = recomputed[line.line_code, year]
            assert (found is None) == (expected is None), (line.line_code, year)
            if expected is not None:
                assert found == pytest.approx(expected, rel=Decimal("1e-12")), (line.line_code, year)
                compared += 1
    assert compared > 100


def test_targets_of_the_plan_keep_their_words(built: BuildOutcome, warehouse: psycopg.Connection) -> None:
    found = rows(
        warehouse,
        "select t.horizon, t.raw_text = e.value_raw, t.section = e.section_raw, t.department_name = e.department_raw"
        " from marts.v_indicator_target t join raw.entry e on e.locator = t.locator and e.entry_kind = 'target'"
        " where t.hospital_code = 'H15003'",
    )
    assert len(found) == 16
    shown = rows(warehouse, "select count(*) from marts.v_indicator_target where hospital_code = 'H15003'")
    assert shown == [(16,)], "the text of the plan tells some of them again"
    assert {row[0] for row in found} == {"2021-2025"}
    assert all(all(row[1:]) for row in found)


def test_peers_are_compared_as_an_independent_library_compares_them(
    built: BuildOutcome, warehouse: psycopg.Connection
) -> None:
    """Every group that is shown, against numpy and scipy; control limits against the equation that defines them."""
    compared = rows(
        warehouse,
        "select array_agg(value::float8 order by hospital_key), array_agg(percentile::float8 order by hospital_key),"
        " array_agg(rank_no order by hospital_key), min(lower_quartile)::float8, min(median)::float8,"
        " min(upper_quartile)::float8, min(ranking), min(group_size), max(group_size) from marts.rpt_benchmark"
        " where not is_suppressed group by indicator_key, period_key, peer_group_kind, peer_group_code",
    )
    assert len(compared) > 100
    for values, percentiles, ranks, lower, median, upper, ranking, least, most in compared:
        assert least == most == len(values) >= 6
        assert (lower, median, upper) == pytest.approx(tuple(numpy.percentile(values, [25, 50, 75])))
        below = [sum(other < value for other in values) / (len(values) - 1) * 100 for value in values]
        assert percentiles == pytest.approx(below, abs=0.006)
        sign = {"higher_is_better": -1, "lower_is_better": 1}.get(ranking)
        expected = [None] * len(values) if sign is None else [*rankdata([sign * v for v in values], method="min")]
        assert ranks == expected
    limits = rows(
        warehouse,
        "select pooled_proportion_pct::float8 / 100, denominator::float8, funnel_lower_95_pct::float8 / 100,"
        " funnel_upper_95_pct::float8 / 100, funnel_lower_998_pct::float8 / 100, funnel_upper_998_pct::float8 / 100"
        " from marts.rpt_benchmark where funnel_lower_95_pct is not null and denominator >= 1000",
    )
    assert len(limits) > 50
    for centre, cases, lower_95, upper_95, lower_998, upper_998 in limits:
        for limit, z in ((lower_95, 1.96), (upper_95, 1.96), (lower_998, 3.0902), (upper_998, 3.0902)):
            # Wilson: the proportions from which the centre is just z standard errors away.
            assert abs(centre - limit) ** 2 == pytest.approx(z**2 * limit * (1 - limit) / cases, rel=0.01, abs=1e-8)


def test_a_group_of_few_is_not_told_of(built: BuildOutcome, warehouse: psycopg.Connection) -> None:
    told = rows(
        warehouse,
        "select is_suppressed, count(*), min(group_size), count(median), count(percentile), count(rank_no),"
        " count(pooled_proportion_pct) from marts.rpt_benchmark group by 1 order by 1",
    )
    shown, hidden = told
    assert shown[2] >= 6
    assert hidden[1] > 0
    assert hidden[3:] == (0, 0, 0, 0)


def test_a_narrative_is_reconciled_with_the_return(built: BuildOutcome, warehouse: psycopg.Connection) -> None:
    found = rows(
        warehouse,
        "select i.line_code, p.year, r.verdict, r.explanation_zh ~ '[一-鿿]', r.explanation_en ~ '[a-z]',"
        " r.narrative_locator ~ '^chars', r.return_locator from marts.rpt_reconciliation r"
        " join marts.dim_indicator i using (indicator_key) join marts.dim_period p using (period_key)",
    )
    assert {(line, year): verdict for line, year, verdict, *_ in found} == {
        ("1", 2020): "matched", ("21.2.1.4", 2020): "matched", ("15", 2020): "matched", ("11", 2020): "matched",
        ("21.1.1.2", 2020): "rounding", ("21.2.1", 2020): "rounding", ("13", 2020): "rounding",
        ("19.2", 2020): "rounding", ("19", 2020): "rounding", ("2", 2020): "scale_error",
        ("3", 2020): "period_mismatch", ("16", 2020): "contradiction", ("21.1.1", 2021): "absent",
    }  # fmt: skip
    assert all(zh and en and chars for *_, zh, en, chars, _ in found)
    assert {verdict for _, _, verdict, *_, locator in found if locator is None} == {"absent"}


def test_every_claim_says_which_line_it_speaks_of_and_how_that_is_known(
    built: BuildOutcome, warehouse: psycopg.Connection
) -> None:
    found = rows(
        warehouse,
        "select measure_zh, mapped_by, line_code, indicator_name_zh is null from marts.v_claim"
        " where hospital_code = 'H15001' and form = 'narrative_report'",
    )
    mapped = {measure: (how, line) for measure, how, line, _ in found}
    assert mapped["平均住院日"] == ("exact", "13")
    assert mapped["门急诊人次"][0] in ("exact", "alias")
    assert all((how in ("exact", "alias")) == (line is not None) for _, how, line, _ in found)
    stated = rows(
        warehouse,
        "select count(*) from staging.stg_raw__entry join intermediate.int_submission__standing using (submission_id)"
        " where entry_kind = 'claim' and closed_at is null",
    )
    told = rows(warehouse, "select count(*) from marts.v_claim")
    assert stated == told, "no claim is lost on its way"


def test_reading_views_have_the_columns_others_rely_on(built: BuildOutcome, warehouse: psycopg.Connection) -> None:
    for view, columns in VIEWS.items():
        assert [c.name for c in warehouse.execute(f"select * from marts.{view} limit 0").description or ()] == (
            columns.split(", ")
        )


def test_the_warehouse_says_what_is_owed_as_hiw_status_does(built: BuildOutcome, warehouse: psycopg.Connection) -> None:
    ((today,),) = rows(warehouse, "select (now() at time zone 'Asia/Shanghai')::date")
    said = [(o.hospital_code, o.form, o.due_on, o.arrival, o.submission_id) for o in status(warehouse, 2020, today)]
    stands = rows(
        warehouse,
        "select hospital_code, form, due_on, arrival, submission_id from marts.v_collection where reporting_year = 2020"
        " order by hospital_code, form",
    )
    assert sorted(said, key=str) == sorted(stands, key=str)
    assert {arrival for _, _, _, arrival, _ in stands} >= {"missing", "late"}


def test_keys_are_real(built: BuildOutcome, warehouse: psycopg.Connection) -> None:
    """Every table has a primary key, that of a fact names the hospital; every key of a fact leads to a dimension."""
    keys = rows(
        warehouse,
        "select t.relname, c.contype::text, other.relname,"
        " array(select a.attname::text from unnest(c.conkey) k"
        " join pg_attribute a on a.attrelid = t.oid and a.attnum = k) from pg_constraint c"
        " join pg_class t on t.oid = c.conrelid left join pg_class other on other.oid = c.confrelid"
        " where t.relnamespace in ('marts'::regnamespace, 'quality'::regnamespace) and c.contype in ('p', 'f')",
    )
    columns = rows(
        warehouse,
        "select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0"
        " where c.relnamespace in ('marts'::regnamespace, 'quality'::regnamespace) and c.relkind = 'r'"
        " and not a.attisdropped",
    )
    primary = {table: columns for table, kind, _, columns in keys if kind == "p"}
    leads = {(table, names[0]): other for table, kind, other, names in keys if kind == "f"}
    tables = {table for table, _ in columns}
    assert set(primary) == tables
    facts = {table for table in tables if not table.startswith("dim_")}
    assert len(facts) >= 15
    # What is kept of a submission as a whole or of a declaration has no hospital's version to be distributed by.
    assert {table for table in facts if "hospital_key" not in primary[table]} == {"dq_reconciliation", "dq_correction"}
    own = {("fct_validation_result", "validation_result_key")}
    without = {(t, c) for t, c in columns if t in facts and c.endswith("_key") and (t, c) not in own} - set(leads)
    assert without == set()
    assert all(other.startswith("dim_") for (table, _), other in leads.items()), "facts lead to dimensions only"


def test_every_table_and_column_is_described_in_both_languages(
    built: BuildOutcome, warehouse: psycopg.Connection
) -> None:
    described = rows(
        warehouse,
        "select c.relname, a.attname, coalesce(case when a.attname is null then obj_description(c.oid, 'pg_class')"
        " else col_description(c.oid, a.attnum) end, '')"
        " from pg_class c cross join lateral (select null::name as attname, 0 as attnum union all"
        " select attname, attnum from pg_attribute where attrelid = c.oid and attnum > 0) a"
        " where c.relnamespace in ('marts'::regnamespace, 'quality'::regnamespace) and c.relkind in ('r', 'v')",
    )
    assert len(described) > 250
    bare = [row for row in described if not (re.search("[a-z]{3}", row[2]) and re.search("[一-鿿]", row[2]))]
    assert bare == []
    functions = rows(
        warehouse,
        "select proname, coalesce(obj_description(oid, 'pg_proc'), '') from pg_proc"
        " where pronamespace = 'marts'::regnamespace",
    )
    assert {"figure_text", "level_group", "indicator_value_as_known_at"} <= {name for name, _ in functions}
    assert [f for f in functions if not (re.search("[a-z]{3}", f[1]) and re.search("[一-鿿]", f[1]))] == []
    without_grain = [row[0] for row in described if row[1] is None and not row[2].startswith("One row a")]
    assert without_grain == []


def test_a_figure_is_written_as_people_read_it(built: BuildOutcome, warehouse: psycopg.Connection) -> None:
    written = {
        ("32.470", None, "%"): "32.47 %",
        ("0.12345", None, "%"): "0.12 %",
        ("0.12345", None, "吨"): "0.1235 吨",
        ("0", None, None): "0",
        ("-0.5", None, "分"): "-0.5 分",
        ("1234567.5", None, "元"): "1,234,567.5 元",
        ("1.550", None, "比值（1:X）"): "1:1.55",
        ("1.2", None, "比值（X:1）"): "1.2:1",
        (None, "七级", "级"): "七级",
        (None, None, "元"): None,
    }
    for (value, grade, unit), text in written.items():
        found = rows(warehouse, "select marts.figure_text(%s::numeric, %s, %s)", value, grade, unit)
        assert found == [(text,)], (value, grade, unit)


def test_hospitals_are_grouped_by_level(built: BuildOutcome, warehouse: psycopg.Connection) -> None:
    codes = ("1", "2A", "3", "9", None)
    found = rows(warehouse, "select marts.level_group(code) from unnest(%s::text[]) as code", list(codes))
    levels = ["一级 Primary", "二级 Secondary", "三级 Tertiary", "未定级 Not graded", "未登记 Not registered"]
    assert found == [(level,) for level in levels]


def test_a_fact_is_followed_to_its_file_rules_and_run(built: BuildOutcome, warehouse: psycopg.Connection) -> None:
    (found,) = rows(
        warehouse,
        "select sha256, locator, value_raw, parser_version, rules_failed, findings -> 0 ->> 'expected',"
        " findings -> 0 ->> 'disposition', jsonb_array_length(statements), 'not-a-number' = any (rules_passed),"
        " dbt_invocation_id = (select max(invocation_id) from audit.dbt_run where failed = 0)"
        " from marts.v_lineage where hospital_code = 'H15001' and form = %s and line_code = '6' and year = 2020",
        FORM,
    )
    sha256 = hashlib.sha256(RETURN.read_bytes()).hexdigest()
    assert found == (sha256, "医院!D17", "33", PARSER_VERSION, ["formula-ratio"], "35.26", "open", 1, True, True)


def test_scores_say_how_good_the_data_are(built: BuildOutcome, warehouse: psycopg.Connection) -> None:
    found = {
        row[0]: row[1:]
        for row in rows(
            warehouse,
            "select hospital_code, score, completeness_pct, validity_pct, coverage_pct, forms_owed, findings_open"
            " from marts.v_quality_score where reporting_year = 2020",
        )
    }
    assert found["H15002"][:4] == (100, 100, 100, 100)
    score, complete, valid, covered, owed, findings = found["H15001"]
    assert (complete, covered, owed) == (100, 100, 1)
    assert 80 < score < 90 and 80 < valid < 90 and findings > 20
    assert found["H15005"] == (0, None, None, 0, 1, 0), "what could not be read covers nothing"


def test_an_unregistered_hospital_is_shown_as_such(built: BuildOutcome, warehouse: psycopg.Connection) -> None:
    unknown = rows(warehouse, "select hospital_code from marts.dim_hospital where not is_confirmed order by 1")
    assert unknown == [("X90001",), ("X90002",)]
    count = rows(warehouse, "select count(*) from marts.v_indicator_value where hospital_code = 'X90001'")
    assert count[0][0] > 400


def test_building_again_changes_nothing_and_lets_analysts_read_again(
    built: BuildOutcome, warehouse: psycopg.Connection
) -> None:
    before = contents(warehouse)
    assert before["marts.fct_indicator_value"][0] > 1000
    build(run_id="again")
    assert contents(warehouse) == before
    allowed = rows(
        warehouse,
        "select has_table_privilege('hiw_analyst', 'marts.v_indicator_value', 'select'),"
        " has_table_privilege('hiw_analyst', 'quality.dq_reconciliation', 'select'),"
        " has_table_privilege('hiw_analyst', 'marts.dim_hospital', 'update'),"
        " has_schema_privilege('hiw_analyst', 'raw', 'usage')",
    )
    assert allowed == [(True, True, False, False)]


def test_a_resubmission_is_known_from_its_acceptance_on(
    built: BuildOutcome, warehouse: psycopg.Connection, tmp_path: Path
) -> None:
    """A patch changes what it names and clears what it marks; a full revision closes what it leaves out."""

    def send(name: str, kind: str, change: Any, hospital: str) -> None:
        book = openpyxl.load_workbook(RETURN)
        change(book["医院"])
        book.save(tmp_path / name)
        outcome = ingest_file(
            tmp_path / name, hospital_code=hospital, reporting_year=2020, form=FORM, revision_kind=kind, run_id="re"
        )
        assert outcome.status == "parsed", outcome.line()

    def resubmit(name: str, kind: str, change: Any) -> None:
        send(name, kind, change, "X90001")
        gate(2020, run_id="re")

    def patch(sheet: Any) -> None:
        sheet["D32"], sheet["D33"] = 4, None  # 电子病历 from 3 to 4
        sheet["D15"] = "--"  # 低风险组死亡例数 is taken back
        for row in sheet.iter_rows(min_row=2):
            for cell in row[3:7]:
                if cell.coordinate not in ("D32", "D15"):
                    cell.value = None

    def leave_out(sheet: Any) -> None:
        sheet["D32"] = 5
        sheet["D16"] = None  # 低风险组病例数

    # Of another hospital, whole and patch come before any run has looked at either.
    send("at_once.xlsx", "full", lambda sheet: None, "X90012")
    send("and_patch.xlsx", "patch", patch, "X90012")
    resubmit("patch.xlsx", "patch", patch)
    resubmit("full.xlsx", "full", leave_out)
    build(run_id="re")

    def history(line: str) -> list[tuple[Any, ...]]:
        return rows(
            warehouse,
            "select s.revision, f.value, f.valid_from = s.accepted_at, n.revision, f.is_current, f.is_cleared"
            " from marts.fct_indicator_value f join marts.dim_submission s using (submission_key)"
            " join marts.dim_indicator i using (indicator_key) join marts.dim_period p using (period_key)"
            " left join marts.dim_submission n on n.hospital_code = s.hospital_code and n.accepted_at = f.valid_to"
            " where s.hospital_code = 'X90001' and i.line_code = %s and p.year = 2020 order by s.revision",
            line,
        )

    # revision, value, known since its acceptance, known until the acceptance of revision ..., current, cleared
    assert history("11") == [
        (1, 3, True, 2, False, False), (2, 4, True, 3, False, False), (3, 5, True, None, True, False),
    ]  # fmt: skip
    assert history("5.1") == [
        (1, 1, True, 2, False, False), (2, None, True, 3, False, True), (3, 1, True, None, True, False),
    ]  # fmt: skip
    assert history("5.2") == [(1, 34, True, 3, False, False)], "left out by the full revision, untouched by the patch"
    first = rows(warehouse, "select accepted_at from marts.dim_submission where submission_id like 'X90001%%-r1'")
    known = rows(
        warehouse,
        "select count(*) from marts.fct_indicator_value f join marts.dim_submission s using (submission_key)"
        " where s.hospital_code = 'X90001' and f.valid_from <= %s and (f.valid_to is null or %s < f.valid_to)",
        first[0][0], first[0][0],
    )  # fmt: skip
    parsed = rows(warehouse, "select accepted from marts.v_submission where hospital_code = 'X90001' and revision = 1")
    assert known == parsed, "as known then: the first revision whole"
    assert rows(warehouse, "select count(*) from quality.dq_reconciliation where not is_reconciled") == [(0,)]

    counts = "select parsed, accepted + quarantined from marts.v_submission where hospital_code = %s order by revision"
    whole = rows(warehouse, counts, "X90001")[0][0]
    assert rows(warehouse, counts, "X90012") == [(whole - 2, whole - 2), (2, 2)], "what the patch named never counted"
    assert rows(
        warehouse,
        "select line_code, value, revision from marts.v_indicator_value"
        " where hospital_code = 'X90012' and year = 2020 and line_code in ('11', '5.1')",
    ) == [("11", 4, 2)]


def test_the_calculations_hold_on_rows_made_for_them(built: BuildOutcome, tmp_path: Path) -> None:
    project, environment = REPOSITORY / "dbt_project", dbt_environment(database.dsn())
    del environment["DBT_EXCLUDE_RESOURCE_TYPES"]
    done = subprocess.run(
        [
            sys.executable, "-m", "dbt.cli.main", "--no-use-colors", "--log-path", str(tmp_path), "test",
            "--select", "test_type:unit", "--project-dir", str(project), "--profiles-dir", str(project),
            "--target-path", str(tmp_path / "target"),
        ],
        env={**os.environ, **environment}, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    results = json.loads((tmp_path / "target" / "run_results.json").read_bytes())["results"]
    judged = [result["status"] for result in results if result["unique_id"].startswith("unit_test.")]
    assert len(judged) >= 20
    assert {*judged} == {"pass"}


def test_a_claim_that_only_looks_like_a_line_waits_for_a_person(
    built: BuildOutcome, warehouse: psycopg.Connection
) -> None:
    query = (
        "select measure_zh, mapped_by, line_code, proposed_name_zh from marts.v_claim where hospital_code = 'X90002'"
    )
    found = {measure: rest for measure, *rest in rows(warehouse, query)}
    assert found["患者平均住院天数"] == ["proposal", None, "平均住院日"]
    assert found["党支部"] == ["unmapped", None, None]
    own = rows(
        warehouse,
        "select label_zh, value from marts.v_indicator_value where hospital_code = 'X90002' and label_zh = '党支部'",
    )
    assert own == [("党支部", 12)], "what maps to no line is a fact of its own"

    with database.connect() as connection:  # nothing of it stays: another meaning of a name is another star
        waiting = [n for n in unknown_names(connection, 2020) if n.name == "患者平均住院天数"]
        assert {(n.kind, n.target, *n.hospitals) for n in waiting if n.scope == FORM} == {("indicator", "13", "X90002")}
        by: dict[str, Any] = {"scope": FORM, "reason": "与医院核对", "decided_by": "统计科"}
        decide(connection, "indicator", "患者平均住院天数", "13", is_refusal=True, **by)
        assert ("患者平均住院天数", "13") not in {(n.name, n.target) for n in unknown_names(connection, 2020)}
        decide(connection, "indicator", "患者平均住院天数", "13", **by)
        named = rows(
            connection,
            "select known_by, line_code from intermediate.int_indicator__name join marts.dim_indicator"
            " using (indicator_key) where name_key = '患者平均住院天数'",
        )
        assert named == [("alias", "13")], "the next build maps it"
        connection.rollback()


def test_a_failing_build_names_the_node(built: BuildOutcome, warehouse: psycopg.Connection) -> None:
    warehouse.execute(
        "insert into reference.formula_term select form, line_code, 'chain', 1, term_no, '1', 0, 1"
        " from reference.form_line cross join generate_series(1, 7) term_no where form = %s and line_code = '1.2'",
        [FORM],
    )
    try:
        with pytest.raises(Problem) as failure:
            build(run_id="broken")
    finally:
        warehouse.execute("delete from reference.formula_term where form = %s and line_code = '1.2'", [FORM])
    assert failure.value.code == "build-test-failed"
    assert "a_product_has_at_most_six_terms" in failure.value.where
    assert failure.value.expected.startswith("A formula that is no sum has at most six terms")
    assert "\n" not in str(failure.value)
    outcome = rows(
        warehouse,
        "select status, problem ->> 'code' from audit.step_outcome where run_id = 'broken' and step = 'build'",
    )
    assert outcome == [("failed", "build-test-failed")]


def test_a_warehouse_that_does_not_answer_is_one_clear_line(environment: dict[str, str]) -> None:
    code = "from ingestion.steps.build import build; build(run_id='x')"
    env = {**os.environ, **environment, "WAREHOUSE_DSN": "postgresql://hiw:secret@127.0.0.1:9/none"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "warehouse-unreachable" in done.stderr
    assert "secret" not in done.stderr


def test_the_manifest_needs_no_server_and_leaves_the_checkout_alone(environment: dict[str, str]) -> None:
    project = REPOSITORY / "dbt_project"
    before = sorted(path for path in project.rglob("*"))
    nodes = json.loads(parse_manifest().read_bytes())["nodes"]
    assert "model.hospital_indicators.fct_indicator_value" in nodes
    assert sorted(path for path in project.rglob("*")) == before


def test_the_queries_of_the_data_dictionary_run(built: BuildOutcome, warehouse: psycopg.Connection) -> None:
    for query in example_queries():
        found = warehouse.execute(query["sql"])  # type: ignore[arg-type]
        assert found.description, query["question_en"]


def test_the_data_dictionary_is_what_the_dbt_project_says(environment: dict[str, str], tmp_path: Path) -> None:
    page = write_dictionary(parse_manifest(), tmp_path / "data_dictionary.md").read_text(encoding="utf-8")
    kept = (REPOSITORY / "docs" / "data_dictionary.md").read_text(encoding="utf-8")
    assert page == kept, "run `hiw dictionary`"
