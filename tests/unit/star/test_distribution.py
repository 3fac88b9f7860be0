"""Where tables lie on a Citus cluster, by the statements that the dbt macro renders; there is no cluster here."""

from __future__ import annotations

from dataclasses import dataclass

import jinja2

from ingestion.settings import REPOSITORY

MACRO = (REPOSITORY / "dbt_project" / "macros" / "distribute.sql").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Relation:
    identifier: str
    schema: str = "marts"


def statement(table: str, *columns: str, has_citus: bool = True) -> str:
    module = jinja2.Environment(autoescape=True).from_string(MACRO).module
    return str(module.distribute(Relation(table), list(columns), has_citus)).strip()  # type: ignore[attr-defined]


def test_facts_and_reports_lie_by_hospital() -> None:
    for table in ("fct_indicator_value", "rpt_benchmark"):
        assert statement(table, "hospital_key", "indicator_key") == (
            f"select create_distributed_table('marts.{table}', 'hospital_key');"
        )


def test_dimensions_are_copied_to_every_node() -> None:
    """Also that of hospitals, whose key is the distribution column of the facts; and what names no hospital."""
    for table, columns in (("dim_hospital", ["hospital_key"]), ("dim_period", ["period_key"]), ("dq_x", ["year"])):
        assert statement(table, *columns) == f"select create_reference_table('marts.{table}');"


def test_plain_postgres_is_left_alone() -> None:
    assert statement("fct_indicator_value", "hospital_key", has_citus=False) == ""
