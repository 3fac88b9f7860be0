"""What Great Expectations reads is what the rules give, byte for byte."""

from __future__ import annotations

import ast
import json
import shutil
from pathlib import Path

import pytest
import yaml

from ingestion.errors import Problem
from ingestion.gate import suites
from ingestion.gate.rules import load_rules
from ingestion.settings import REPOSITORY, settings

COMMITTED = settings().expectations_dir


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the rules alone, with everything generated from them."""
    shutil.copytree(COMMITTED / "rules", tmp_path / "rules")
    shutil.copy(COMMITTED / "tables.yml", tmp_path)
    suites.write(tmp_path)
    return tmp_path


def generated(root: Path) -> dict[str, bytes]:
    paths = [root / "great_expectations.yml", *(p for name in suites.GENERATED for p in (root / name).glob("*.json"))]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def test_the_committed_files_are_what_the_rules_give(root: Path) -> None:
    assert generated(COMMITTED) == generated(root)
    suites.check(COMMITTED)


def test_writing_again_changes_nothing(root: Path) -> None:
    assert suites.write(root) == []


def test_every_rule_is_one_expectation_on_its_table(root: Path) -> None:
    rules = load_rules(root)
    stored = {
        expectation["meta"]["rule_id"]: (path.stem, expectation["type"])
        for path in (root / "suites").glob("*.json")
        for expectation in json.loads(path.read_text(encoding="utf-8"))["expectations"]
    }
    assert stored == {rule.rule_id: (rule.table, rule.expectation) for rule in rules}


def test_a_rule_changed_without_writing_its_suite_is_drift_and_names_the_file(root: Path) -> None:
    path = root / "rules" / "domain.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("max_value: 100", "max_value: 101"), encoding="utf-8")
    with pytest.raises(Problem) as caught:
        suites.check(root)
    assert caught.value.read == "suites/entry_check.json"
    assert suites.write(root) == [root / "suites" / "entry_check.json"]
    suites.check(root)


def test_a_suite_edited_by_hand_or_left_over_is_drift(root: Path) -> None:
    (root / "suites" / "left_over.json").write_text("{}")
    with (root / "great_expectations.yml").open("a") as file:
        file.write("# a note\n")
    with pytest.raises(Problem) as caught:
        suites.check(root)
    assert caught.value.read == "great_expectations.yml, suites/left_over.json"
    suites.write(root)
    assert not (root / "suites" / "left_over.json").exists()


def test_no_secret_and_no_place_of_this_machine_stands_in_the_context(root: Path) -> None:
    context = yaml.safe_load((root / "great_expectations.yml").read_text(encoding="utf-8"))
    assert context["analytics_enabled"] is False
    assert context["fluent_datasources"]["warehouse"]["connection_string"] == "${HIW_GX_DSN}"
    assert context["stores"]["validation_results_store"]["store_backend"]["base_directory"] == "${HIW_GX_RESULTS}"
    assert context["data_docs_sites"] == {}


def test_great_expectations_is_imported_by_the_gate_alone_and_only_when_it_runs() -> None:
    importing = []
    for path in sorted((REPOSITORY / "ingestion").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] == "great_expectations" for name in names):
                importing.append((path.relative_to(REPOSITORY).as_posix(), node.col_offset > 0))
    assert set(importing) == {("ingestion/steps/gate.py", True)}
