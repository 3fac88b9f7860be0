"""What a sync of Metabase finds: PostgreSQL's JDBC driver reads keys, relations, comments and types of all marts."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import yaml

from ingestion import access
from ingestion.settings import REPOSITORY
from ingestion.steps.build import build

pytestmark = pytest.mark.integration

PROGRAM = Path(__file__).parent / "jdbc" / "ReadMetadata.java"
DRIVER = Path("/usr/share/java/postgresql.jar")
# java.sql.Types that a BI tool knows how to filter and sum: numbers, texts, dates, times, booleans.
KNOWN_TYPES = {-7: "bit", -5: "bigint", 2: "numeric", 4: "integer", 5: "smallint", 8: "double", 12: "varchar",
               16: "boolean", 91: "date", 93: "timestamp"}  # fmt: skip
ARRAY = 2003
JSON = {"json", "jsonb"}

Facts = dict[str, list[tuple[str, ...]]]


@pytest.fixture(scope="module")
def metadata(environment: dict[str, str], models_alone: None) -> Facts:
    """What the driver tells an analyst's login of schema marts, by kind of fact."""
    if not shutil.which("java") or not DRIVER.exists():
        pytest.skip("no java, or no JDBC driver (libpostgresql-jdbc-java) on this machine")
    build(run_id="metadata")
    dsn = environment["WAREHOUSE_DSN"]
    with psycopg.connect(dsn, autocommit=True) as connection:
        made = access.grant(connection, "metabase_reader", "analyst")
    server = urlsplit(dsn)
    url = f"jdbc:postgresql://{server.hostname}:{server.port}{server.path}"
    done = subprocess.run(
        ["java", "-cp", str(DRIVER), str(PROGRAM), url, "marts"],
        env={**os.environ, "HIW_LOGIN": made.login, "HIW_PASSWORD": made.password},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    facts: Facts = defaultdict(list)
    for line in done.stdout.splitlines():
        kind, *parts = line.split("\t")
        facts[kind].append(tuple(parts))
    return facts


def test_every_table_and_view_is_found_and_described(metadata: Facts) -> None:
    names = {name for name, _, _ in metadata["table"]}
    assert {"dim_hospital", "dim_indicator", "fct_indicator_value", "v_indicator_value", "v_finding"} <= names
    assert [name for name, _, remarks in metadata["table"] if not remarks] == []


def test_every_column_is_described_and_has_a_type_that_tools_know(metadata: Facts) -> None:
    assert len(metadata["column"]) > 150
    assert [(table, column) for table, column, *_, remarks in metadata["column"] if not remarks] == []
    unknown = [
        (table, column, name) for table, column, name, number, _ in metadata["column"]
        if int(number) not in {*KNOWN_TYPES, ARRAY} and name not in JSON
    ]  # fmt: skip
    assert unknown == []


def test_every_table_has_a_primary_key(metadata: Facts) -> None:
    keyed = {table for table, _ in metadata["primary key"]}
    assert {name for name, kind, _ in metadata["table"] if kind == "TABLE"} == keyed


def test_facts_are_related_to_dimensions_and_to_nothing_else(metadata: Facts) -> None:
    targets = defaultdict(set)
    for table, _, target, _ in metadata["foreign key"]:
        targets[table].add(target)
    facts = [name for name, kind, _ in metadata["table"] if kind == "TABLE" and not name.startswith("dim_")]
    assert [fact for fact in facts if "dim_hospital" not in targets[fact]] == []
    assert {target for fact in facts for target in targets[fact] if not target.startswith("dim_")} == set()
    # Each key column that names a dimension is a relation that a tool can follow.
    related = {(table, column) for table, column, *_ in metadata["foreign key"]}
    keys = {(table, column) for table, column, *_ in metadata["column"] if table in facts and column.endswith("_key")}
    own = {(fact, f"{fact.partition('_')[2]}_key") for fact in facts}
    assert keys - own - related == set()


def test_the_questions_of_metabase_run_on_the_marts(metadata: Facts, warehouse: psycopg.Connection) -> None:
    columns = {(table, column) for table, column, *_ in metadata["column"]}
    content = yaml.safe_load((REPOSITORY / "bi" / "metabase" / "content.yaml").read_text(encoding="utf-8"))
    for board in content["dashboards"]:
        for question in board["questions"]:
            tags = set(re.findall(r"\{\{(\w+)\}\}", question["sql"]))
            assert tags == set(question["filters"]) <= set(board["filters"]), question["key"]
            assert {(question["table"], column) for column, _ in question["filters"].values()} <= columns
            asked = warehouse.execute(re.sub(r"\{\{\w+\}\}", "true", question["sql"]))
            names = {column.name for column in asked.description or ()}
            settings = question.get("settings", {})
            assert {name for of in settings.values() for name in of} <= names, question["key"]


def test_a_dashboard_that_waits_for_a_first_choice_finds_one_in_an_empty_star(
    metadata: Facts, warehouse: psycopg.Connection
) -> None:
    """Superset draws nothing, for ever, where a filter that must have a value has none to choose from."""
    assets = REPOSITORY / "bi" / "superset" / "assets"
    datasets = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in (assets / "datasets").glob("*.yaml")]
    sql = {dataset["uuid"]: dataset["sql"] for dataset in datasets}
    choices = {
        (path.stem, filter_["name"]): warehouse.execute(
            f"select distinct {target['column']['name']} from ({sql[target['datasetUuid']]}) as choice"
        ).fetchall()
        for path in (assets / "dashboards").glob("*.yaml")
        for filter_ in yaml.safe_load(path.read_text(encoding="utf-8"))["metadata"]["native_filter_configuration"]
        if filter_.get("requiredFirst")
        for target in filter_["targets"]
    }
    assert len(choices) > 3
    assert [choice for choice, found in choices.items() if not found or found[0][0] is None] == []
