"""Findings decided in Airflow: real programs, the question through its API, the answer a row of the warehouse."""

from __future__ import annotations

import time
from typing import Any

import psycopg
import pytest

from ingestion import review
from ingestion.local_airflow.client import ENDED, Client, DagRun
from ingestion.local_airflow.instance import running
from ingestion.pipeline import ingest_file
from ingestion.settings import REPOSITORY
from ingestion.steps.gate import gate

pytestmark = pytest.mark.integration

FAULTY = REPOSITORY / "samples" / "inbox" / "2020" / "H15004" / "return.xlsx"
ANSWERS: dict[str, dict[str, Any]] = {
    "formula-ratio": {
        "chosen_options": ["Verify 核实"],
        "params_input": {"reason": "核对无误", "by": "", "until": None},
    },
    "percent-impossible": {
        "chosen_options": ["Waive 豁免"],
        "params_input": {"reason": "底稿7", "by": "李明（审计处）", "until": "2099-12-31"},
    },
    "not-a-number": {
        "chosen_options": ["Leave open 暂不处理"],
        "params_input": {"reason": "", "by": "", "until": None},
    },
}


def logs(client: Client, run: DagRun) -> list[list[str]]:
    """What failed tasks say."""
    return [client.log_tail(task, 30) for task in client.task_instances(run) if task["state"] == "failed"]


def wait(client: Client, run: DagRun, questions: int | None) -> list[dict[str, Any]]:
    """The questions of a run, once they are all asked; with None, once the run has ended."""
    until = time.monotonic() + 240
    while time.monotonic() < until:
        path = f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}"
        asked = client._json("GET", f"{path}/hitlDetails")["hitl_details"]
        state = client.dag_run(run.dag_id, run.run_id).state
        if questions is None and state in ENDED:
            assert state == "success", logs(client, run)
            return asked
        if questions is not None and len(asked) == questions:
            return asked
        assert questions is None or state not in ENDED, logs(client, run)
        time.sleep(0.5)
    raise AssertionError(f"{run} did not get there: {client.task_instances(run)}")


def two_rounds(client: Client) -> None:
    """Wait until the scheduler has been round twice. Nobody answers while it still books that the question was asked:
    a task that goes on before that is taken for one that was lost."""
    until, beats = time.monotonic() + 120, set()
    while len(beats) < 3 and time.monotonic() < until:
        beats.add(client._json("GET", "/api/v2/monitor/health")["scheduler"]["latest_scheduler_heartbeat"])
        time.sleep(0.5)


def test_a_finding_is_decided_through_airflow(warehouse: psycopg.Connection) -> None:
    ingest_file(FAULTY, hospital_code="H15004", reporting_year=2020, run_id="t")
    held = gate(2020, run_id="t").quarantined
    with running() as instance, Client(instance.url) as client:
        client.wait_for_dag("review_findings")
        run = client.trigger("review_findings", {"reporting_year": 2020, "hospital": "H15004"})
        asked = wait(client, run, len(ANSWERS))
        rules = {rule: question for rule in ANSWERS for question in asked if rule in question["body"]}
        assert rules.keys() == ANSWERS.keys()
        assert "Verify 核实" not in rules["percent-impossible"]["options"], "what is held back is not verified"
        assert "138.5" in rules["percent-impossible"]["body"]
        two_rounds(client)
        for rule, answer in ANSWERS.items():
            task = rules[rule]["task_instance"]
            client._json(
                "PATCH",
                f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances/{task['task_id']}/{task['map_index']}"
                "/hitlDetails",
                json=answer,
            )
        wait(client, run, None)
    decided = {
        d.rule_id: (d.decision, d.decided_by, d.reason, str(d.expires_on), d.source)
        for d in review.decisions(warehouse, 2020)
    }
    assert decided == {
        "formula-ratio": ("verification", "admin", "核对无误", "None", "airflow"),
        "percent-impossible": ("waiver", "李明（审计处）", "底稿7", "2099-12-31", "airflow"),
    }
    assert gate(2020, run_id="after").quarantined == held - 1
