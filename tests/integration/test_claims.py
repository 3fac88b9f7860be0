"""Claims of a report at the gate: held against their document, against each other, and against what reviewers say."""

from __future__ import annotations

import json
import subprocess
import sys

import psycopg
import pytest

from ingestion import claim_review
from ingestion.errors import Problem
from ingestion.pipeline import ingest_file
from ingestion.steps.gate import gate

pytestmark = pytest.mark.integration

REPORT = """某市第三医院2025年度工作总结
全年门急诊量86.2万人次，同比增长5.1%；开放床位1200张。四级手术量从2100台次增至3700台次，增幅达56.19%。
共承担科研项目13项，其中7项为省级项目，8项为市级项目。发表SCI论文84篇。
二、科研情况
全院发表SCI论文91篇，授权专利12项。培训医务人员320人次。
"""
FOUND = [
    ("claim-growth-differs", "56.19%", "76.19; 2100台次 (chars 56-62)、3700台次 (chars 64-70)"),
    ("claim-parts-differ", "13项", "15; 7项 (chars 95-97)、8项 (chars 103-105)"),
    ("claim-told-twice", "91篇", "84篇 (chars 118-121)"),
]


@pytest.fixture(scope="module")
def submission(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """A report with three contradictions, taken in and validated."""
    path = tmp_path_factory.mktemp("reports") / "report.txt"
    path.write_text(REPORT, encoding="utf-8")
    outcome = ingest_file(path, hospital_code="N1", reporting_year=2025, run_id="t")
    assert (outcome.status, outcome.form) == ("parsed", "narrative_report")
    gate(2025, run_id="t")
    assert outcome.submission_id
    return outcome.submission_id


def findings(connection: psycopg.Connection) -> list[tuple[str, str, str]]:
    return connection.execute(
        "select rule_id, stated, expected from audit.finding where rule_id like 'claim%' order by 1, 2"
    ).fetchall()


def dispositions(connection: psycopg.Connection) -> dict[str, str]:
    """Mention -> disposition of the newest gate run."""
    return dict(
        connection.execute(
            "select e.value_raw, d.disposition from audit.entry_disposition d join raw.entry e using (entry_id) where"
            " gate_run_id = (select gate_run_id from audit.gate_run order by finished_at desc limit 1)"
        ).fetchall()
    )


def change_document(connection: psycopg.Connection, old: str, new: str) -> None:
    """Change what was loaded, behind the back of the trigger that refuses it."""
    with connection.transaction():
        connection.execute("alter table raw.document disable trigger refuse_change")
        connection.execute("update raw.document set text = replace(text, %s, %s)", [old, new])
        connection.execute("alter table raw.document enable always trigger refuse_change")


def test_contradictions_of_a_document_are_findings_that_cite_what_they_compare(
    submission: str, warehouse: psycopg.Connection
) -> None:
    assert findings(warehouse) == FOUND
    for _, _, expected in FOUND:
        for part in expected.split(" (chars ")[1:]:
            start, end = part.split(")")[0].split("-")
            assert REPORT[int(start) : int(end)] in expected


def test_decisions_of_a_reviewer_hold_for_later_runs_and_a_wrong_span_is_held_back(
    submission: str, warehouse: psycopg.Connection
) -> None:
    number = {claim.mention: claim.number for claim in claim_review.claims(warehouse, submission)}
    beds, papers = number["1200张"], number["91篇"]
    claim_review.decide(warehouse, submission, [beds], "reject", reason="床位数有误", decided_by="审核人")
    claim_review.decide(warehouse, submission, [papers], "confirm", reason=None, decided_by="审核人")
    change_document(warehouse, "320人次", "321人次")
    gate(2025, run_id="t2")
    found = dispositions(warehouse)
    assert (found["1200张"], found["91篇"], found["320人次"]) == ("quarantined", "accepted", "quarantined")
    assert [f for f in findings(warehouse) if f not in FOUND] == [
        ("claim-not-in-document", "320人次", "321人次"), ("claim-rejected-in-review", "1200张", "床位数有误")
    ]  # fmt: skip

    change_document(warehouse, "321人次", "320人次")
    claim_review.decide(warehouse, submission, [beds, papers], "withdraw", reason=None, decided_by="审核人")
    gate(2025, run_id="t3")
    assert findings(warehouse) == FOUND
    kept = warehouse.execute("select count(*) from audit.claim_decision").fetchone()
    assert kept == (4,), "a decision is added, never overwritten"


def test_a_contradiction_with_a_rejected_claim_is_none(submission: str, warehouse: psycopg.Connection) -> None:
    number = {claim.mention: claim.number for claim in claim_review.claims(warehouse, submission)}
    cited = [number["84篇"], number["2100台次"]]
    claim_review.decide(warehouse, submission, cited, "reject", reason="误读", decided_by="审核人")
    gate(2025, run_id="t4")
    assert [f for f in findings(warehouse) if f[0] != "claim-rejected-in-review"] == FOUND[1:2]
    claim_review.decide(warehouse, submission, cited, "withdraw", reason=None, decided_by="审核人")
    gate(2025, run_id="t5")
    assert findings(warehouse) == FOUND


def test_reviewing_from_the_command_line(submission: str, warehouse: psycopg.Connection) -> None:
    def hiw(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-m", "ingestion.cli", *arguments], capture_output=True, text=True)

    listed = [json.loads(line) for line in hiw("review", submission, "--doubted", "--json").stdout.splitlines()]
    assert [claim["mention"] for claim in listed] == ["56.19%", "13项", "91篇"]
    number = str(listed[0]["number"])
    assert hiw("decide", submission, number, "--by", "审核人").returncode == 2
    refused = hiw("decide", submission, number, "--reject", "--by", "审核人")
    assert (refused.returncode, "[reason-missing]" in refused.stderr) == (1, True)
    done = hiw("decide", submission, number, "--reject", "--reason", "误读", "--by", "审核人")
    assert "rejected by 审核人: 误读" in done.stdout


def test_what_is_no_claim_is_not_decided(submission: str, warehouse: psycopg.Connection) -> None:
    with pytest.raises(Problem, match="claim-not-found"):
        claim_review.decide(warehouse, submission, [999], "confirm", reason=None, decided_by="x")
    with pytest.raises(Problem, match="no-claims"):
        claim_review.claims(warehouse, "nothing")
    with pytest.raises(ValueError, match="decision"):
        claim_review.decide(warehouse, submission, [1], "perhaps", reason=None, decided_by="x")
