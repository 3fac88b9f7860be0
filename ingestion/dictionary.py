"""The data dictionary: every table that analysts read, from dbt's own descriptions, with queries to start from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader

from ingestion.settings import REPOSITORY

_TEMPLATES = Path(__file__).parent / "templates"
_SCHEMAS = ("marts", "quality")
QUERIES = REPOSITORY / "docs" / "example_queries.yml"
"""Questions with the SQL that answers them; a test runs every one of them."""


def write_dictionary(manifest: Path, path: Path) -> Path:
    """Write the dictionary as Markdown from dbt's ``manifest``; the same manifest gives the same bytes."""
    nodes = json.loads(manifest.read_bytes())["nodes"].values()
    tables = [
        _table(node) for node in nodes if node["resource_type"] == "model" and node["schema"] in _SCHEMAS
    ]  # fmt: skip
    pages = Environment(
        loader=FileSystemLoader(_TEMPLATES), trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  Markdown of our own files
    )  # fmt: skip
    page = pages.get_template("dictionary.md.j2").render(
        tables=sorted(tables, key=lambda table: (table["schema"], _kind(table["name"]), table["name"])),
        queries=example_queries(),
    )
    path.write_text(page, encoding="utf-8")
    return path


def example_queries() -> list[dict[str, str]]:
    """The questions of example_queries.yml: ``question_zh``, ``question_en``, ``sql``."""
    return list(yaml.safe_load(QUERIES.read_text(encoding="utf-8")))


def _table(node: dict[str, Any]) -> dict[str, Any]:
    """What the page tells of a model. A column's ``key`` reads PK, or -> the table that it leads to, or both."""
    keys: dict[str, list[str]] = {}
    for constraint in node["constraints"]:
        for column in constraint["columns"]:
            if constraint["type"] == "primary_key":
                keys.setdefault(column, []).insert(0, "PK")
            elif constraint["type"] == "foreign_key":
                target = str(constraint["to"]).replace('"', "").split(".")[-1]
                keys.setdefault(column, []).append(f"→ {target}")
    return {
        "schema": node["schema"],
        "name": node["name"],
        "kind": "view" if node["config"]["materialized"] == "view" else "table",
        "description": " ".join(node["description"].split()),
        "columns": [
            {
                "name": name,
                "type": column["data_type"] or "",
                "key": ", ".join(keys.get(name, [])),
                "description": _cell(column["description"]),
            }
            for name, column in node["columns"].items()
        ],
    }


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _kind(name: str) -> int:
    """Reading views first: that is where an analyst starts."""
    order = ("v_", "rpt_", "fct_", "bridge_", "dim_")
    return next((place for place, prefix in enumerate(order) if name.startswith(prefix)), len(order))
