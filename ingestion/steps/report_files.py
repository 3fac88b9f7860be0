"""What hospitals and auditors take away: feedback workbooks, audit reports, and the page that links them."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import psycopg

from ingestion.audit_report import HospitalReport, hospital_reports, list_page, page
from ingestion.audit_trail import head
from ingestion.settings import settings
from ingestion.workbooks.feedback import write_answer
from ingestion.workbooks.findings import Answer, answers

_VERSION = "1"
"""Raised when workbook or page look different: then all of them are written again."""


def write_files(connection: psycopg.Connection, reporting_year: int, hospital_code: str | None = None) -> list[Path]:
    """Write report and feedback workbooks of a year, of one hospital or all; returns those that were written.

    They lie under ``<reports>/<year>/<hospital>/``. What is already there and says the same is left alone, so that
    publishing again costs what has changed. ``connection`` is an autocommit one. Raises Problem where a hospital that
    is named has nothing of the year.
    """
    folder = settings().reports_dir / str(reporting_year)
    folder.mkdir(parents=True, exist_ok=True)
    reports = hospital_reports(connection, reporting_year, hospital_code)
    known = _read_known(folder)
    newest = head(connection)
    written = []
    for report in reports:
        path = folder / report.hospital_code / "report.html"
        if _is_new(path, report, known):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(page(report, newest), encoding="utf-8")
            written.append(path)
    for answer in answers(connection, [sent.submission_id for report in reports for sent in report.submissions]):
        path = folder / answer.hospital_code / f"{answer.submission_id}.xlsx"
        if _is_new(path, answer, known):
            path.parent.mkdir(parents=True, exist_ok=True)
            written.append(write_answer(answer, path))
    if hospital_code is None:
        (folder / "hospitals.html").write_text(list_page(reporting_year, reports), encoding="utf-8")
    (folder / "written.json").write_text(json.dumps(known, indent=0, sort_keys=True) + "\n", encoding="utf-8")
    return written


def _is_new(path: Path, content: HospitalReport | Answer, known: dict[str, str]) -> bool:
    """Whether ``path`` does not yet say this; from now on it is known to."""
    name = f"{path.parent.name}/{path.name}"
    digest = sha256(f"{_VERSION} {content!r}".encode()).hexdigest()
    is_there = known.get(name) == digest and path.exists()
    known[name] = digest
    return not is_there


def _read_known(folder: Path) -> dict[str, str]:
    try:
        return dict(json.loads((folder / "written.json").read_text(encoding="utf-8")))
    except (OSError, ValueError):  # none yet, or cut off while it was written: then everything is written again
        return {}
