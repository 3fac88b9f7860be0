"""dbt's exposures against the dashboards: each names exactly the tables that its dashboard reads."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from ingestion.settings import REPOSITORY

ASSETS = REPOSITORY / "bi" / "superset" / "assets"


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_every_dashboard_is_an_exposure_of_the_tables_it_reads() -> None:
    of_dataset = {
        dataset["uuid"]: set(re.findall(r"\b(?:from|join)\s+(?:marts|quality|reference_data)\.(\w+)", dataset["sql"]))
        for dataset in map(read, (ASSETS / "datasets").glob("*.yaml"))
    }
    of_chart = {chart["uuid"]: of_dataset[chart["dataset_uuid"]] for chart in map(read, ASSETS.glob("charts/*.yaml"))}
    read_by = {}
    for path in ASSETS.glob("dashboards/*.yaml"):
        text = path.read_text(encoding="utf-8")
        used = [tables for uuid, tables in {**of_dataset, **of_chart}.items() if uuid in text]
        read_by[read(path)["slug"]] = sorted(set().union(*used))
    told = {
        exposure["url"].rstrip("/").split("/")[-1]: sorted(re.findall(r"ref\('(\w+)'\)", str(exposure["depends_on"])))
        for exposure in read(REPOSITORY / "dbt_project" / "models" / "exposures.yml")["exposures"]
        if "/superset/" in exposure["url"]
    }
    assert told == read_by
