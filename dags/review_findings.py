"""Offer the open findings of a year for decision: verify a flagged figure, waive a rule for one entry, or leave it.

Each finding is a task that waits for a person (*Required actions* in the UI, or Airflow's API). What he decides is the
same row that `hiw verify` and `hiw waive` write: the words are his, and so is the name, his Airflow user's where he
gives none. What is not decided in time stays open. What a waiver releases, the next validation lets in.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Param, dag, task

VERIFY, WAIVE, LEAVE = "Verify 核实", "Waive 豁免", "Leave open 暂不处理"
DAYS_TO_DECIDE = 14


class DecideOperator(HITLOperator):
    """Asks a person about the finding ``finding_id`` and writes what he decides."""

    template_fields = (*HITLOperator.template_fields, "finding_id")

    def __init__(self, *, finding_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.finding_id = finding_id

    def execute_complete(self, context: Any, event: dict[str, Any]) -> Any:
        """The answer is there: write it. A decision that cannot be (no reason, a day that is past) fails the task,
        with the reason in its log; cleared, it asks again."""
        answer = super().execute_complete(context, event)
        from ingestion.review import decide

        given = answer["params_input"] or {}
        user = answer.get("responded_by_user") or {}
        (chosen,) = answer["chosen_options"]
        if chosen != LEAVE:
            told = decide(
                "waiver" if chosen == WAIVE else "verification",
                finding_id=self.finding_id,
                reason=given.get("reason") or "",
                decided_by=given.get("by") or user.get("name") or "",
                until=given.get("until"),
                source="airflow",
            )
            print(told.line())
        return {"finding_id": self.finding_id, "chosen": chosen}


@dag(
    schedule=None,
    is_paused_upon_creation=False,
    params={
        "reporting_year": Param(type="integer", minimum=1990, maximum=2099, title="Reporting year"),
        "hospital": Param(None, type=["null", "string"], title="Hospital code", description="Empty: all hospitals."),
        "most": Param(50, type="integer", minimum=1, maximum=500, title="At most so many findings, gravest first"),
    },
    default_args={"owner": "audit"},
    tags=["yearly"],
    doc_md=__doc__,
)
def review_findings() -> None:
    @task
    def open_findings(params: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """What to ask about each finding: a headline, the facts, and the options that its severity leaves."""
        from ingestion.review import SEVERITIES, findings
        from ingestion.store import database

        with database.connect(autocommit=True) as connection:
            found = findings(
                connection,
                reporting_year=params["reporting_year"],
                hospital_code=params["hospital"],
                disposition="open",
            )
        asked = {f.finding_id: f for f in found if f.severity != "reject" and f.outcome == "failed"}
        gravest = sorted(asked.values(), key=lambda finding: SEVERITIES.index(finding.severity))
        print(f"{len(asked)} open findings, asking about {min(len(asked), params['most'])}")
        return [
            {
                "finding_id": f.finding_id,
                "subject": f"{f.hospital_code} {f.line_code or f.label or ''} {f.period or ''} {f.title_zh}",
                "body": f.markdown(),
                "options": [VERIFY, WAIVE, LEAVE] if f.severity in ("flag", "inform") else [WAIVE, LEAVE],
            }
            for f in gravest[: params["most"]]
        ]

    DecideOperator.partial(
        task_id="decide",
        defaults=LEAVE,
        response_timeout=timedelta(days=DAYS_TO_DECIDE),
        params={
            "reason": Param("", type="string", title="理由 Reason"),
            "by": Param(None, type=["null", "string"], title="决定人 Name and office of who decides"),
            "until": Param(None, type=["null", "string"], format="date", title="豁免截止日 Last day, of a waiver only"),
        },
        map_index_template="{{ task.subject }}",
    ).expand_kwargs(open_findings())


review_findings()
