"""How the declared corrections stand against what the sources state now, and how they came to stand so."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.rows import class_row

_STATE = """
select correction_id, hospital_code, form, reporting_year, coalesce(line_code, label_zh) as line, period,
    department_zh as department, expect, value as corrected_value, stated_now, submission_id, locator, reason, reporter,
    status, state, history
from reference.correction_state
cross join lateral (
    select jsonb_agg(jsonb_build_object(
        'status', v.status, 'occurred_at', v.occurred_at, 'is_carried_over', v.is_carried_over, 'expect', v.expect,
        'corrected_value', v.value, 'reason', v.reason, 'reporter', v.reporter) order by v.event_id) as history
    from audit.correction_event as v
    where v.correction_id = correction_state.correction_id
) as kept
where coalesce(reporting_year = %(year)s, true)
order by reporting_year, hospital_code, correction_id
"""


@dataclass(frozen=True)
class StandingCorrection:
    """One row of seed correction. ``state`` is ``applied``, ``mended`` (the source no longer states ``expect``: retire
    the row), ``not_found``, ``proposed`` or ``retired``. ``history`` has every change of the row, oldest first."""

    correction_id: str
    hospital_code: str
    form: str
    reporting_year: int
    line: str
    period: str
    department: str | None
    expect: str
    corrected_value: Decimal | None
    stated_now: str | None
    submission_id: str | None
    locator: str | None
    reason: str
    reporter: str
    status: str
    state: str
    history: list[dict[str, Any]]

    @property
    def holds(self) -> bool:
        """Whether the guard holds: an approved correction whose source was mended, or never came, has to go."""
        return self.state not in {"mended", "not_found"}

    def line_for_people(self) -> str:
        """One line for people."""
        where = " ".join(filter(None, (self.line, self.period, self.department)))
        right = "no figure" if self.corrected_value is None else f"{self.corrected_value:f}"
        now = f"; the source states {self.stated_now!r}: set the row to retired, or its expect to what is wrong there"
        return (
            f"{self.state:<9} {self.correction_id} {self.hospital_code} {where}: {self.expect!r} -> {right} "
            f"({self.reason}; {self.reporter}){now if self.state == 'mended' else ''}; {self._told_history()}"
        )

    def _told_history(self) -> str:
        """Its statuses with their times; of what an upgrade carried over it is only known that it stood so by then."""
        return ", ".join(
            f"{event['status']} {'by' if event['is_carried_over'] else 'since'} {event['occurred_at'][:19]}"
            for event in self.history
        )

    def to_json(self) -> dict[str, Any]:
        """Structured, for machines."""
        return asdict(self)


def corrections(connection: psycopg.Connection, reporting_year: int | None = None) -> list[StandingCorrection]:
    """Every declared correction, or those of a year, with its state."""
    with connection.cursor(row_factory=class_row(StandingCorrection)) as cursor:
        return cursor.execute(_STATE, {"year": reporting_year}).fetchall()
