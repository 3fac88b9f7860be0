"""How good a year's data are: the score of each hospital, as the star has it (marts.v_quality_score)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from ingestion.errors import Problem


@dataclass(frozen=True)
class Score:
    """The data quality score of a hospital and reporting year, 0 to 100, and what it is made of; shares in percent.

    Shares are None where there is nothing to share: no form submitted, or none owed. ``findings_*`` count failed rules.
    """

    hospital_code: str
    hospital_name_zh: str
    hospital_name_en: str
    reporting_year: int
    score: Decimal
    item_score_pct: Decimal | None
    completeness_pct: Decimal | None
    validity_pct: Decimal | None
    coverage_pct: Decimal
    timeliness_pct: Decimal | None
    forms_owed: int
    forms_received: int
    forms_accepted: int
    forms_on_time: int
    findings_open: int
    findings_verified: int
    findings_waived: int
    findings_resolved: int

    def to_json(self) -> dict[str, Any]:
        """Structured; percentages as numbers."""
        return {name: float(value) if isinstance(value, Decimal) else value for name, value in asdict(self).items()}


def scores(connection: psycopg.Connection, reporting_year: int, hospital_code: str | None = None) -> list[Score]:
    """Scores of a year, lowest first, of one hospital or all. Raises Problem where the star is not built, or has
    nothing of the year."""
    statement = sql.SQL(
        "select {} from marts.v_quality_score where reporting_year = %(year)s and coalesce(hospital_code = "
        "%(hospital)s, true) order by score, hospital_code"
    ).format(sql.SQL(", ").join(sql.Identifier(field.name) for field in fields(Score)))
    with connection.cursor(row_factory=class_row(Score)) as cursor:
        try:
            found = cursor.execute(statement, {"year": reporting_year, "hospital": hospital_code}).fetchall()
        except psycopg.errors.UndefinedTable:
            found = []
    if not found:
        raise Problem(
            code="no-score",
            where=f"{hospital_code or 'all hospitals'} {reporting_year}",
            read="no score in the star",
            expected="a year that was received or is due, and built",
            remedy="Run `hiw validate --year Y` and `hiw build` first.",
        )
    return found
