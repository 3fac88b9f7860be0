"""Which rows of a table a rule looks at: one small condition, for Great Expectations and for SQL alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from psycopg import sql

Operator = Literal["is", "in", "not_in", "at_least", "at_most", "is_null"]

OPERATORS: dict[str, tuple[str, str]] = {
    "is": ("==", "="),
    "in": ("IN", "in"),
    "not_in": ("NOT_IN", "not in"),
    "at_least": (">=", ">="),
    "at_most": ("<=", "<="),
    "is_null": ("", ""),
}
"""Word of the rule files -> operator of Great Expectations, operator of SQL."""


@dataclass(frozen=True)
class Condition:
    """``column`` compared with ``value``; all conditions of a rule must hold."""

    column: str
    operator: Operator
    value: Any

    def to_expectation(self) -> dict[str, Any]:
        """As Great Expectations stores a row condition."""
        if self.operator == "is_null":
            return {"type": "nullity", "column": {"name": self.column}, "is_null": self.value}
        return {
            "type": "comparison",
            "column": {"name": self.column},
            "operator": OPERATORS[self.operator][0],
            "parameter": self.value,
        }

    def to_sql(self, alias: str | None = None) -> sql.Composable:
        """The same as a SQL condition, on the columns of ``alias`` where one is given."""
        column = sql.Identifier(alias, self.column) if alias else sql.Identifier(self.column)
        if self.operator == "is_null":
            return sql.SQL("{} is null" if self.value else "{} is not null").format(column)
        if self.operator in ("in", "not_in"):
            values = sql.SQL(", ").join(sql.Literal(value) for value in self.value)
            return sql.SQL("{} {} ({})").format(column, sql.SQL(OPERATORS[self.operator][1]), values)
        return sql.SQL("{} {} {}").format(column, sql.SQL(OPERATORS[self.operator][1]), sql.Literal(self.value))


def row_condition(conditions: Iterable[Condition]) -> dict[str, Any] | None:
    """All ``conditions`` together, as Great Expectations stores them; None where there are none."""
    parts = [condition.to_expectation() for condition in conditions]
    if len(parts) < 2:
        return parts[0] if parts else None
    return {"type": "and", "conditions": parts}


def all_of(conditions: Iterable[sql.Composable]) -> sql.Composable:
    """Conditions joined by ``and``; ``true`` where there are none."""
    parts = list(conditions)
    return sql.SQL(" and ").join(parts) if parts else sql.SQL("true")
