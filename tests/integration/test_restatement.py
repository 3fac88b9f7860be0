"""A late resubmission is built without the rest being built anew, and nobody can tell the difference afterwards."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
import pytest

from ingestion import claim_review, review
from ingestion.errors import Problem
from ingestion.pipeline import find_inbox, ingest_file
from ingestion.settings import REPOSITORY
from ingestion.steps.build import build, parse_manifest
from ingestion.steps.gate import gate
from ingestion.store import registry

pytestmark = pytest.mark.integration

INBOX = REPOSITORY / "samples" / "inbox"
FORM = "secondary_national_return"
REPORT = "H15001-2020-narrative_report-r1"


def rows(connection: psycopg.Connection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()  # type: ignore[arg-type]


def contents(connection: psycopg.Connection) -> dict[str, tuple[Any, ...]]:
    """Number of rows of every table and view of marts and quality, and a hash over all of them.

    Not v_lineage: it names the run of dbt.
    """
    relations = rows(
        connection,
        "select relnamespace::regnamespace || '.' || relname from pg_class where relkind in ('r', 'v')"
        " and relnamespace in ('marts'::regnamespace, 'quality'::regnamespace) and relname <> 'v_lineage' order by 1",
    )
    query = "select count(*), md5(string_agg(md5(t::text), '' order by md5(t::text))) from {} t"
    return {name: rows(connection, query.format(name))[0] for (name,) in relations}


def constraints(connection: psycopg.Connection) -> list[tuple[Any, ...]]:
    return rows(
        connection,
        "select conrelid::regclass::text, pg_get_constraintdef(oid), convalidated from pg_constraint"
        " where connamespace in ('marts'::regnamespace, 'quality'::regnamespace) order by 1, 2",
    )


def resubmit(hospital: str, path: Path, kind: str, change: Callable[[Any], None], tmp_path: Path) -> None:
    book = openpyxl.load_workbook(path)
    change(book["医院"])
    copy = tmp_path / f"{hospital}-{kind}.xlsx"
    book.save(copy)
    outcome = ingest_file(
        copy, hospital_code=hospital, reporting_year=2020, form=FORM, revision_kind=kind, run_id="late"
    )
    assert outcome.status == "parsed", outcome.line()


def only(*wanted: str) -> Callable[[Any], None]:
    """Leave only these cells of a sheet's figures, raised by one."""

    def change(sheet: Any) -> None:
        for row in sheet.iter_rows(min_row=2):
            for cell in row[3:7]:
                cell.value = cell.value + 1 if cell.coordinate in wanted else None

    return change


def raise_all(sheet: Any) -> None:
    """Another whole return: its first column of figures is raised by one where they are whole numbers."""
    for row in sheet.iter_rows(min_row=2, min_col=4, max_col=4):
        for cell in row:
            if isinstance(cell.value, int):
                cell.value += 1


@contextmanager
def readers(dsn: str) -> Iterator[list[int]]:
    """People who ask the same again and again while the context lasts; an error of one of them is raised at its end.

    Yields how often each of them was answered.
    """
    questions = (
        "select count(*) from marts.v_indicator_value",
        "select count(*) from marts.v_indicator_trend",
        "select count(*) from marts.v_finding f join marts.v_quality_score q using (hospital_code, reporting_year)",
        "select count(*) from marts.dim_indicator i join marts.rpt_benchmark b using (indicator_key)"
        " join marts.dim_period using (period_key) join marts.dim_hospital using (hospital_key)",
    )
    asked, over = [0] * len(questions), threading.Event()

    def ask(place: int) -> None:
        with psycopg.connect(dsn, autocommit=True) as connection:
            while not over.wait(0.1):
                connection.execute(questions[place])  # type: ignore[arg-type]
                asked[place] += 1

    with ThreadPoolExecutor(len(questions)) as pool:
        waiting = [pool.submit(ask, place) for place in range(len(questions))]
        try:
            yield asked
        finally:
            over.set()
    for one in waiting:
        one.result()


def correct(connection: psycopg.Connection) -> list[Any]:
    """Declare corrections, change and retire some: the moments of it, each after what was read before it."""
    declared = (
        "insert into reference.correction values ('{}', '{}', '{}', 2020, '{}', null, '{}', '2020', null, '', '{}', {},"
        " {}, 'wrong line', 'auditor', 'approved')"
    )
    moments = []
    for statements in (
        [
            declared.format("C1", "H15001", FORM, "11", "11", "3", 3, 5),
            declared.format("C2", "H15001", FORM, "5.2", "5.2", "34", 34, 50),
            declared.format("C3", "H15008", FORM, "17.2.8", "17.2.8", "65901.02", 65901.02, 65902),
        ],
        ["update reference.correction set value = 6 where correction_id = 'C1'"],
        ["update reference.correction set status = 'retired' where correction_id = 'C1'"],
    ):
        for statement in statements:
            connection.execute(statement)  # type: ignore[arg-type]
        connection.execute("select audit.keep_corrections()")
        moments += rows(connection, "select max(occurred_at) from audit.correction_event")[0]
    return moments


def test_a_build_of_what_changed_is_the_build_of_everything(
    environment: dict[str, str], warehouse: psycopg.Connection, tmp_path: Path
) -> None:
    """A patch, a full revision, a withdrawal, a release, a figure held back that had been let in, one let in again, a
    new hospital, another year, a finding verified, and between them a build that fails."""
    for file in find_inbox(INBOX, 2020):
        ingest_file(file.path, hospital_code=file.hospital_code, reporting_year=2020, run_id="first")
    gate(2020, run_id="first")
    approved, changed, retired = correct(warehouse)
    gate(2020, run_id="corrected")
    build(run_id="first")
    first = contents(warehouse)
    keys = constraints(warehouse)
    assert rows(warehouse, "select is_full, is_complete from intermediate.build_scope") == [(True, True)]

    resubmit("H15001", INBOX / "2020/H15001/return.xlsx", "patch", only("D32", "D40"), tmp_path)
    resubmit("H15008", INBOX / "2020/H15008/return.xlsx", "full", raise_all, tmp_path)
    registry.add_event(warehouse, f"H15007-2020-{FORM}-r1", "withdrawn", run_id="late")
    held_back = review.one_finding(warehouse, hospital_code="H15004", rule_id="percent-impossible")
    review.waive(
        warehouse, held_back, reason="病历核对无误", decided_by="李明", expires_on=date.max, today=date.today()
    )
    before_release = rows(warehouse, "select clock_timestamp()")[0][0]
    gone, back = [claim for claim in claim_review.claims(warehouse, REPORT) if claim.role == "observed"][:2]
    claim_review.decide(
        warehouse, REPORT, [gone.number, back.number], "reject", reason="并非本院数据", decided_by="王芳"
    )
    between = gate(2020, run_id="between").gate_run_id
    claim_review.decide(warehouse, REPORT, [back.number], "withdraw", reason=None, decided_by="王芳")
    late_run = gate(2020, run_id="late").gate_run_id
    # The first attempt at it fails on the way; what it was to restate is not forgotten.
    warehouse.execute(
        "insert into reference.formula_term select form, line_code, 'chain', 1, term_no, '1', 0, 1 from"
        " reference.form_line cross join generate_series(1, 7) term_no where form = %s and line_code = '1.2'",
        [FORM],
    )
    with pytest.raises(Problem):
        build(run_id="broken")
    warehouse.execute("delete from reference.formula_term where line_code = '1.2'")
    ingest_file(
        INBOX / "2020/H15002/2020年度填报表.xlsx", hospital_code="X90001", reporting_year=2019, form=FORM, run_id="late"
    )
    gate(2019, run_id="late")
    right = review.one_finding(warehouse, hospital_code="H15004", rule_id="formula-ratio", line_code="7")
    review.verify(warehouse, right, reason="按新口径统计", decided_by="王芳（统计科）")
    with readers(environment["WAREHOUSE_DSN"]) as asked:
        build(run_id="late")
    assert min(asked) > 0, "people read all the while"

    assert rows(warehouse, "select is_full, is_complete from intermediate.build_scope") == [(False, True)]
    restated = {code for (code,) in rows(warehouse, "select hospital_code from intermediate.int_hospital__restated")}
    assert restated == {"H15001", "H15004", "H15007", "H15008", "X90001"}
    rescored = rows(warehouse, "select hospital_code, reporting_year from intermediate.int_hospital_year__rescored")
    assert {("H15001", 2020), ("H15007", 2020), ("H15008", 2020), ("X90001", 2019)} <= set(rescored)
    # What was waived there has another open finding, and what was verified never counted against it.
    assert ("H15004", 2020) not in rescored
    assert constraints(warehouse) == keys
    late = contents(warehouse)
    assert late["marts.fct_indicator_value"][0] > first["marts.fct_indicator_value"][0]
    for mart in ("marts.rpt_benchmark", "marts.rpt_indicator_trend", "marts.fct_validation_result"):
        assert late[mart] != first[mart]
    assert rows(warehouse, "select count(*) from marts.v_finding where disposition = 'verified'") == [(1,)]
    assert late["marts.dim_hospital"][0] == first["marts.dim_hospital"][0] + 1

    # What was held back is known from its release on; the rest of its submission since the acceptance.
    known = (
        "select line_code from marts.v_indicator_value_history where hospital_code = 'H15004' and year = 2020"
        f" and line_code in ('16', '13') and valid_from {{}} '{before_release}'"
    )
    assert rows(warehouse, known.format("<=")) == [("13",)]
    assert rows(warehouse, known.format(">")) == [("16",)]
    as_known = "select count(*) from marts.indicator_value_as_known_at('{}') where entry_id = {}"
    entry_id = rows(warehouse, f"select entry_id from audit.finding where finding_id = '{held_back.finding_id}'")[0][0]
    assert rows(warehouse, as_known.format(before_release, entry_id)) == [(0,)]
    assert rows(warehouse, as_known.format("infinity", entry_id)) == [(1,)]

    # What had been let in and was held back again ends there; let in once more, it begins anew.
    ran = dict(rows(warehouse, "select gate_run_id, finished_at from audit.gate_run"))
    spans = (
        "select valid_from < '{}', valid_to, is_current from marts.fct_indicator_value"
        " join marts.dim_submission using (submission_key) where submission_id = '{}' and locator = '{}'"
        " order by valid_from"
    )
    assert rows(warehouse, spans.format(before_release, REPORT, gone.locator)) == [(True, ran[between], False)]
    assert rows(warehouse, spans.format(before_release, REPORT, back.locator)) == [
        (True, ran[between], False), (False, None, True),
    ]  # fmt: skip
    told = (
        "select count(*) from marts.indicator_value_as_known_at('{}') where locator in ('{}', '{}')"
        " and role = 'observed'"
    )
    known_then = [
        rows(warehouse, told.format(at, gone.locator, back.locator))[0][0]
        for at in (before_release, ran[between], ran[late_run])
    ]
    assert known_then == [2, 0, 1]
    judged = "select disposition, valid_to is null from marts.v_lineage where submission_id = '{}' and locator = '{}'"
    assert rows(warehouse, judged.format(REPORT, gone.locator)) == [("quarantined", False)]
    assert set(rows(warehouse, judged.format(REPORT, back.locator))) == {("accepted", False), ("accepted", True)}

    # A correction is known while it was approved: 11 was changed, retired, then patched; 5.2, the denominator of 5,
    # still is; 17.2.8 is so in the full revision too, which states the same.
    of_line = (
        "select revision, value, valid_from, correction ->> 'correction_id', correction ->> 'ended_as'"
        f" from marts.v_lineage where form = '{FORM}' and hospital_code = '{{}}' and year = 2020 and line_code = '{{}}'"
        " and valid_from is distinct from valid_to order by valid_from"
    )
    accepted = rows(
        warehouse, f"select accepted_at from marts.dim_submission where submission_id = 'H15001-2020-{FORM}-r1'"
    )[0][0]
    told = rows(warehouse, of_line.format("H15001", "11"))
    assert [(*row[:2], *row[3:]) for row in told] == [
        (1, 3, None, None), (1, 5, "C1", "approved"), (1, 6, "C1", "retired"), (1, 3, None, None), (2, 4, None, None),
    ]  # fmt: skip
    assert [row[2] for row in told[:4]] == [accepted, approved, changed, retired]
    assert [row[1:4] for row in rows(warehouse, of_line.format("H15001", "5.2"))] == [
        (34, accepted, None), (50, approved, "C2"),
    ]  # fmt: skip
    ratio = (
        "select f.value, denominator, round(value_recomputed, 2) from marts.indicator_value_as_known_at('{}') f"
        " join marts.dim_indicator using (indicator_key) join marts.dim_hospital using (hospital_key)"
        " join marts.dim_period using (period_key)"
        " where hospital_code = 'H15001' and line_code = '5' and year = 2020 and role is null"
    )
    assert [rows(warehouse, ratio.format(at)) for at in (accepted, approved, "infinity")] == [
        [(Decimal("2.94"), 34, Decimal("2.94"))], [(Decimal("2.94"), 50, 2)], [(Decimal("2.94"), 50, 2)],
    ]  # fmt: skip
    assert [(row[0], row[1], row[3]) for row in rows(warehouse, of_line.format("H15008", "17.2.8"))] == [
        (1, Decimal("65901.02"), None), (1, 65902, "C3"), (2, 65902, "C3"),
    ]  # fmt: skip
    assert rows(warehouse, "select count(*) from marts.fct_indicator_value where correction_id is not null and not"
                " is_current") == [(3,)]  # fmt: skip

    # Built from another project: nothing of the star may stay as it was, without anybody asking for it. Tables take
    # the places of others while people read them.
    warehouse.execute("update intermediate.build_scope set fingerprint = 'another one'")
    with readers(environment["WAREHOUSE_DSN"]) as asked:
        build(run_id="anew")
    assert min(asked) > 0, "people read all the while"
    assert rows(warehouse, "select is_full, is_complete from intermediate.build_scope") == [(True, True)]
    assert contents(warehouse) == late
    assert constraints(warehouse) == keys


def test_what_is_built_in_parts_hides_behind_tables_that_keep_the_rest(environment: dict[str, str]) -> None:
    """In a build of what changed, a table that is made anew must not read what holds only the restated hospitals."""
    import json

    nodes = json.loads(parse_manifest().read_bytes())["nodes"]
    models = {key: node for key, node in nodes.items() if node["resource_type"] == "model"}
    strategy = {key: node["config"]["incremental_strategy"] for key, node in models.items()}

    def reads_a_part(key: str) -> bool:
        parents = [parent for parent in models[key]["depends_on"]["nodes"] if parent in models]
        return any(
            parent.endswith(("__restated", "__reviewed", "__rescored"))
            or (strategy[parent] != "restate" and reads_a_part(parent))
            for parent in parents
        )

    partial = {
        models[key]["name"] for key in models if strategy[key] != "restate" and reads_a_part(key)
        and not re.match("(stg|int)_", models[key]["name"])
    }  # fmt: skip
    assert partial == set()
    asks_for_a_part = {key for key, node in models.items() if "in_list(" in node["raw_code"]}
    assert {
        models[key]["name"] for key in asks_for_a_part if models[key]["config"]["materialized"] == "view"
        and not models[key]["config"]["meta"].get("has_scope")
    } == set(), "a view that stays as it was made for another build"  # fmt: skip
    keyed = {key for key, node in models.items() if any(c["type"] == "foreign_key" for c in node["constraints"])}
    assert {models[key]["name"] for key in keyed if strategy[key] != "restate"} == set(), "swapped with foreign keys"
    assert len(keyed) >= 15
