"""What Great Expectations reads, written from the rules: suites, validation definitions, the checkpoint, the context.

All of it is generated, with keys derived from names, so that the same rules give the same bytes: the files in
expectations/ are what this module writes, or the build fails.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import yaml

from ingestion.errors import Problem
from ingestion.gate.conditions import row_condition
from ingestion.gate.rules import Rule, load_rules, load_tables

GENERATED = ("great_expectations.yml", "suites", "validation_definitions", "checkpoints")
CHECKPOINT = "gate"
DATA_SOURCE = "warehouse"
SHOWN_ROWS = 20
"""Failed rows that a stored result lists for each rule; all of them stand in audit.validation_result."""
FAILED_ROWS = {
    "partial_unexpected_count": SHOWN_ROWS,
    "result_format": "COMPLETE",
    "return_unexpected_index_query": True,
    "unexpected_index_column_names": ["check_id", "submission_id", "line_code", "period", "locator"],
}
"""What is asked about an expectation that failed: counts, rows with their keys, the query that returns all of them."""
_BATCH = "whole_table"
_SEVERITY = {"reject": "critical", "quarantine": "critical", "flag": "warning", "inform": "info"}


def documents(rules: Sequence[Rule], tables: Sequence[str]) -> dict[str, str]:
    """Path below expectations/ -> text, of everything that is generated from ``rules``. ``tables`` gives the order."""
    used = [table for table in tables if any(rule.table == table for rule in rules)]
    made = {"great_expectations.yml": _context(used), f"checkpoints/{CHECKPOINT}.json": _json(_checkpoint(used))}
    for table in used:
        made[f"suites/{table}.json"] = _json(_suite(table, [rule for rule in rules if rule.table == table]))
        made[f"validation_definitions/{table}.json"] = _json(_validation(table))
    return made


def write(root: Path) -> list[Path]:
    """Generate everything below ``root`` from the rules there; returns the files that changed.

    Raises Problem where a rule is wrong; then nothing is written.
    """
    wanted = documents(load_rules(root), list(load_tables(root)))
    changed = []
    for stale in _present(root) - wanted.keys():
        (root / stale).unlink()
        changed.append(root / stale)
    for name, text in wanted.items():
        path = root / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return sorted(changed)


def check(root: Path) -> None:
    """Raise Problem, naming the files, where those in ``root`` are not what the rules there give."""
    wanted = documents(load_rules(root), list(load_tables(root)))
    present = _present(root)
    drifted = sorted(
        (present ^ wanted.keys())
        | {name for name in present & wanted.keys() if (root / name).read_text(encoding="utf-8") != wanted[name]}
    )
    if drifted:
        raise Problem(
            code="suites-drifted",
            where=root.name,
            read=", ".join(drifted),
            expected="what the rule files give",
            remedy="Run `python -m ingestion.gate.suites` and commit what it writes.",
        )


def _present(root: Path) -> set[str]:
    found = {path.relative_to(root).as_posix() for name in GENERATED for path in (root / name).glob("*.json")}
    return found | {name for name in GENERATED if (root / name).is_file()}


def _suite(table: str, rules: Sequence[Rule]) -> dict[str, Any]:
    return {
        "expectations": [_expectation(rule) for rule in rules],
        "id": _key("suite", table),
        "meta": {},
        "name": table,
        "notes": None,
    }


def _expectation(rule: Rule) -> dict[str, Any]:
    arguments = dict(rule.arguments)
    condition = row_condition(rule.conditions)
    if condition:
        arguments["row_condition"] = condition
    return {
        "description": f"{rule.title_zh} · {rule.title_en} [{rule.rule_id}]",
        "id": _key("rule", rule.rule_id),
        "kwargs": {"column": rule.column, **arguments},
        "meta": {"rule_id": rule.rule_id, "severity": rule.severity, "kind": rule.kind},
        "notes": [f"{rule.remedy_zh}", f"{rule.remedy_en}"],
        "severity": _SEVERITY[rule.severity],
        "type": rule.expectation,
    }


def _validation(table: str) -> dict[str, Any]:
    return {
        "data": {
            "asset": {"id": _key("asset", table), "name": table},
            "batch_definition": {"id": _key("batch", table), "name": _BATCH},
            "datasource": {"id": _key("datasource", DATA_SOURCE), "name": DATA_SOURCE},
        },
        "id": _key("validation", table),
        "name": table,
        "suite": {"id": _key("suite", table), "name": table},
    }


def _checkpoint(tables: Sequence[str]) -> dict[str, Any]:
    return {
        "actions": [],
        "id": _key("checkpoint", CHECKPOINT),
        "name": CHECKPOINT,
        # Only whether: with more, every rule reads its table twice again to list what is mostly nothing. What failed
        # is asked for its rows afterwards.
        "result_format": {"result_format": "BOOLEAN_ONLY"},
        "validation_definitions": [{"id": _key("validation", table), "name": table} for table in tables],
    }


def _context(tables: Sequence[str]) -> str:
    """The context: where suites lie, where results go, how the warehouse is reached. No secret and no place of this
    machine stands in it; both come from the environment."""
    document = {
        "config_version": 4.0,
        "analytics_enabled": False,
        "data_context_id": _key("context", "expectations"),
        "plugins_directory": None,
        "progress_bars": {"globally": False},
        "stores": {
            "expectations_store": _store("ExpectationsStore", "suites/"),
            "validation_definition_store": _store("ValidationDefinitionStore", "validation_definitions/"),
            "checkpoint_store": _store("CheckpointStore", "checkpoints/"),
            "validation_results_store": _store("ValidationResultsStore", "${HIW_GX_RESULTS}"),
        },
        "expectations_store_name": "expectations_store",
        "validation_results_store_name": "validation_results_store",
        "checkpoint_store_name": "checkpoint_store",
        "data_docs_sites": {},  # ingestion/gate/docs.py writes them
        "fluent_datasources": {
            DATA_SOURCE: {
                "type": "postgres",
                "id": _key("datasource", DATA_SOURCE),
                "connection_string": "${HIW_GX_DSN}",
                "create_temp_table": False,
                "assets": {table: _asset(table) for table in tables},
            }
        },
    }
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)
    return "# Generated from rules/ and tables.yml by `python -m ingestion.gate.suites`. Do not edit.\n" + text


def _asset(table: str) -> dict[str, Any]:
    return {
        "type": "table",
        "id": _key("asset", table),
        "table_name": table,
        "batch_metadata": {},
        "batch_definitions": {_BATCH: {"id": _key("batch", table), "partitioner": None}},
    }


def _store(kind: str, folder: str) -> dict[str, Any]:
    return {"class_name": kind, "store_backend": _backend(folder)}


def _backend(folder: str) -> dict[str, Any]:
    return {
        "class_name": "TupleFilesystemStoreBackend",
        "base_directory": folder,
        "suppress_store_backend_id": True,
    }


def _key(kind: str, name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"hospital-indicator-warehouse/{kind}/{name}"))


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    from ingestion.settings import settings

    for changed_path in write(settings().expectations_dir):
        print(changed_path.relative_to(settings().expectations_dir))
