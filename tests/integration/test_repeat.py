"""A finished year that is run again: nothing changes, and what a run leaves to be seen says so."""

from __future__ import annotations

import json

import pytest
from faults import SECONDS, YEAR, Undisturbed, Warehouse, check_invariants

from ingestion.checksums import checksums

pytestmark = [pytest.mark.integration, pytest.mark.timeout(2 * SECONDS)]


@pytest.fixture(scope="module")
def repeated(undisturbed: Undisturbed) -> tuple[Warehouse, str, str]:
    """The year, and the exact checksums of all marts before and after it was run again."""
    one = undisturbed.warehouse
    before = one.run("checksum", "--exact")
    one.run("run", "--year", YEAR)
    return one, before, one.run("checksum", "--exact")


def but_lineage(checksums: str) -> list[str]:
    """Without the one view that names the run of dbt; it counts where times of day do not."""
    return [line for line in checksums.splitlines() if not line.endswith(" marts.v_lineage")]


def test_no_mart_changes_to_the_microsecond(repeated: tuple[Warehouse, str, str], undisturbed: Undisturbed) -> None:
    one, before, after = repeated
    assert len(before.splitlines()) > 15
    assert "marts.fct_submission_lifecycle" in before
    assert but_lineage(after) == but_lineage(before)
    assert one.marts() == undisturbed.marts
    assert one.raw() == undisturbed.raw
    assert one.gate() == undisturbed.gate
    check_invariants(one)


def test_a_changed_figure_changes_the_checksum(repeated: tuple[Warehouse, str, str]) -> None:
    one, _, after = repeated
    with one.connect() as connection:
        connection.execute("begin")
        connection.execute(
            "update marts.fct_indicator_value set value = value + 1 where entry_id ="
            " (select min(entry_id) from marts.fct_indicator_value where value is not null)"
        )
        changed = {found.name: found.line() for found in checksums(connection, exact=True)}
        connection.execute("rollback")
    differing = {name for name, line in changed.items() if line not in after}
    assert {"marts.fct_indicator_value", "marts.v_indicator_value"} <= differing
    assert not any(name.startswith("marts.dim_") for name in differing)


def test_the_second_run_finds_nothing_new(repeated: tuple[Warehouse, str, str]) -> None:
    first, second = repeated[0].rows(
        "select new_findings, known_findings, gone_findings, failed_steps, slowest_step, counts ->> 'parsed'"
        " from audit.run_summary order by summary_id"
    )
    assert first[:4] == (first[0], 0, 0, 0)
    assert int(str(first[0])) > 0
    assert second[:4] == (0, first[0], 0, 0)
    assert first[5] == second[5] == "770"
    assert {first[4], second[4]} <= {"gate", "build"}


def test_a_build_tells_of_its_columns_in_openlineage(repeated: tuple[Warehouse, str, str]) -> None:
    file = repeated[0].folder / "local" / "lineage" / "openlineage.jsonl"
    assert sorted(kept.name for kept in file.parent.iterdir()) == [file.name, f"{file.name}.1"], "a file a build"
    events = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert {event["eventType"] for event in events} >= {"START", "COMPLETE"}
    columns = {
        output["name"].split(".", 1)[1]: output["facets"]["columnLineage"]["fields"]
        for event in events
        for output in event.get("outputs", [])
        if "columnLineage" in output["facets"]
    }
    inputs = columns["marts.fct_indicator_value"]["value"]["inputFields"]
    assert [(i["name"].split(".", 1)[1], i["field"]) for i in inputs] == [
        ("intermediate.int_indicator_value__history", "value")
    ]


def test_queries_of_the_runbooks_run_without_a_program_of_the_system(repeated: tuple[Warehouse, str, str]) -> None:
    query = "select count(*) from audit.gate_run where parsed <> accepted + quarantined"
    assert repeated[0].run("psql", "-Atc", query) == "0\n"
