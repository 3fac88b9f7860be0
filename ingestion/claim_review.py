"""What a reviewer decides of the claims of a narrative document: confirmed, or rejected with a reason.

A decision names the document by its sha256 and the claim by its place and its words; it is a row that is only ever
added, and holds for every submission of the same bytes. The next gate run over the year holds a rejected claim back
and no longer flags a confirmed one for a contradiction in its document.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.rows import class_row

from ingestion.errors import Problem
from ingestion.store import locks

DECISIONS = ("confirm", "reject", "withdraw")

_CLAIMS = """
select
    row_number() over (order by e.ordinal) as number, e.submission_id, s.sha256, e.locator,
    substring(e.locator from '^chars ([0-9]+)-')::integer as start, e.value_raw as mention, e.label_raw as measure,
    e.value, e.value_high, e.grade, e.comparator, e.unit, e.role, e.direction, e.period, e.subject, e.quote,
    e.detail ->> 'rule' as rule, coalesce(jsonb_array_length(e.detail -> 'contradictions'), 0) as contradictions,
    d.decision, d.reason, d.decided_by
from raw.entry as e
inner join audit.submission as s on e.submission_id = s.submission_id
left join audit.standing_claim_decision as d
    on s.sha256 = d.sha256 and substring(e.locator from '^chars ([0-9]+)-')::integer = d.start_char
    and e.value_raw = d.mention
where e.submission_id = %s and e.entry_kind = 'claim'
order by e.ordinal
"""


@dataclass(frozen=True)
class ReviewedClaim:
    """A claim of a submission as a reviewer sees it; ``number`` counts in reading order, as on the review page.

    ``decision`` is ``confirm``, ``reject`` or None, with its reason and who made it.
    """

    number: int
    submission_id: str
    sha256: str
    locator: str
    start: int
    mention: str
    measure: str | None
    value: Decimal | None
    value_high: Decimal | None
    grade: str | None
    comparator: str | None
    unit: str | None
    role: str | None
    direction: str | None
    period: str | None
    subject: str | None
    quote: str | None
    rule: str | None
    contradictions: int
    decision: str | None
    reason: str | None
    decided_by: str | None

    def line(self) -> str:
        """One line for people."""
        figure = self.grade or " – ".join(f"{v:f}" for v in (self.value, self.value_high) if v is not None)
        facts = " ".join(filter(None, (self.role, self.period, self.subject)))
        doubt = f"; {self.contradictions} contradictions" if self.contradictions else ""
        said = {"confirm": "confirmed", "reject": "rejected"}.get(self.decision or "", "undecided")
        by = f" by {self.decided_by}" if self.decided_by else ""
        mention = "".join((self.mention or "").split())
        return (
            f"{self.number:4} {self.locator} {mention}: {self.measure or '—'} {self.comparator or ''} {figure} "
            f"{self.unit or ''} ({facts}){doubt}; {said}{by}{': ' + self.reason if self.reason else ''}"
        )

    def to_json(self) -> dict[str, Any]:
        """The same, structured."""
        return asdict(self)


def claims(connection: psycopg.Connection, submission_id: str) -> list[ReviewedClaim]:
    """The claims of a submission in reading order; Problem where there is no such submission or it has none."""
    with connection.cursor(row_factory=class_row(ReviewedClaim)) as cursor:
        found = cursor.execute(_CLAIMS, [submission_id]).fetchall()
    if not found:
        raise Problem(
            code="no-claims",
            where=submission_id,
            read="no claims",
            expected="the submission of a narrative report or work plan",
            remedy="See marts.v_submission, or `hiw status`, for the submissions of a year.",
        )
    return found


def decide(
    connection: psycopg.Connection,
    submission_id: str,
    numbers: Sequence[int],
    decision: str,
    *,
    reason: str | None,
    decided_by: str,
) -> list[ReviewedClaim]:
    """Write one decision for each of the claims numbered so, all or none; returns them as they stand now.

    Problem where a number is none of the document's claims, or a rejection has no reason.
    """
    if decision not in DECISIONS:
        raise ValueError(f"decision is one of {DECISIONS}, not {decision!r}")
    if decision == "reject" and not (reason or "").strip():
        raise Problem(
            code="reason-missing", where=submission_id, read="a rejection without a reason",
            expected="a reason in words", remedy="Say what is wrong with the claim: --reason '…'.",
        )  # fmt: skip
    known = {claim.number: claim for claim in claims(connection, submission_id)}
    unknown = [number for number in numbers if number not in known]
    if unknown:
        raise Problem(
            code="claim-not-found", where=submission_id, read=f"claim {unknown[0]}", expected=f"1 to {len(known)}",
            remedy="See `hiw review` for the numbers.",
        )  # fmt: skip
    with connection.transaction(), connection.cursor() as cursor:
        locks.share_in_transaction(connection)
        cursor.executemany(
            "insert into audit.claim_decision (sha256, start_char, mention, decision, reason, decided_by) "
            "values (%s, %s, %s, %s, %s, %s)",
            [(known[n].sha256, known[n].start, known[n].mention, decision, reason, decided_by) for n in numbers],
        )
    wanted = set(numbers)
    return [claim for claim in claims(connection, submission_id) if claim.number in wanted]
