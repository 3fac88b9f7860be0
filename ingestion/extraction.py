"""What ``hiw extract`` prints: claims, work items and plan targets of one document, as records.

The same readers and parsers as ingestion, without a database.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from ingestion.entries import Entry
from ingestion.errors import Problem
from ingestion.narrative.checks import check_document
from ingestion.narrative.claims import extract_claims
from ingestion.narrative.review_page import reason_zh, write_review
from ingestion.narrative.textmodel import is_chinese
from ingestion.narrative.work_items import extract_items
from ingestion.readers import read_document
from ingestion.steps.parse import read_entries

_CLAIM_FIELDS = (
    "start", "mention", "value", "value_high", "grade", "unit", "comparator", "measure", "role", "direction",
    "period", "subject", "quote",
)  # fmt: skip
_ITEM_FIELDS = ("item_no", "section_no", "section_title", "lead_departments", "text")


def claims(path: Path, *, explain: bool = False) -> list[dict[str, Any]]:
    """The quantitative claims of a document in reading order; with ``explain`` also the rules that decided
    (``rule``), and these in Chinese (``rule_zh``)."""
    found = extract_claims(_text(path))
    records = [_plain({name: getattr(claim, name) for name in _CLAIM_FIELDS}) for claim in found]
    if explain:
        for record, claim in zip(records, found, strict=True):
            record |= {"rule": claim.rule, "rule_zh": reason_zh(claim.rule)}
    return records


def work_items(path: Path) -> list[dict[str, Any]]:
    """The items of a work plan, each with its targets."""
    return [
        {name: getattr(item, name) for name in _ITEM_FIELDS}
        | {"targets": [_plain({name: getattr(claim, name) for name in _CLAIM_FIELDS}) for claim in item.targets]}
        for item in extract_items(_text(path))
    ]


def plan_targets(path: Path) -> list[dict[str, Any]]:
    """The rows of a plan's annex table. ``target_text`` is the wording of a target that no figure can hold,
    ``level_zh`` the grade as written."""
    # No reporting year is known: of columns headed with years alone, the last one holds the targets.
    return [_target(entry) for entry in read_entries(path, path.name, 1, "plan_annex").entries]


def contradictions(path: Path) -> list[dict[str, Any]]:
    """Contradictions inside a document, each citing the figures it compares."""
    text = _text(path)
    return [finding.to_json() for finding in check_document(extract_claims(text), text)]


def write_review_page(path: Path, page: Path) -> None:
    """Write a page that shows the document with every claim highlighted and its reading beside it."""
    text = _text(path)
    found = extract_claims(text)
    write_review(text, found, check_document(found, text), page)


def line(record: dict[str, Any]) -> str:
    """A record as one line for people."""
    return "  ".join(f"{name}={value}" for name, value in record.items() if value not in (None, [], ""))


def _text(path: Path) -> str:
    text = read_document(path).text
    if not text or not text.strip():
        raise Problem(
            code="no-text",
            where=path.name,
            read="a file without running text",
            expected="a document: docx, pdf with a text layer, html or text",
            remedy="For a workbook use `hiw ingest`.",
        )
    if not is_chinese(text):
        raise Problem(
            code="not-chinese",
            where=path.name,
            read="a text with hardly a Chinese letter",
            expected="a document in Chinese",
            remedy="Send the Chinese original; where it is one, save it as UTF-8.",
        )
    return text


def _target(entry: Entry) -> dict[str, Any]:
    return _plain(
        {
            "section": entry.section_raw,
            "row_no": int(entry.row_raw) if entry.row_raw and entry.row_raw.isdecimal() else entry.row_raw,
            "indicator": entry.label_raw,
            "unit": entry.unit,
            "baseline_raw": entry.baseline_raw,
            "target_raw": entry.value_raw,
            "responsible_department": entry.department_raw,
            "baseline_value": entry.baseline_value,
            "target_value": entry.value,
            "target_value_high": entry.value_high,
            "target_comparator": entry.comparator,
            "target_text": entry.value_raw if entry.comparator == "qualitative" else None,
            "level_zh": entry.value_raw if entry.grade else None,
            "per_year": entry.is_per_year,
            "kind": entry.target_kind,
            "horizon": entry.period,
            "locator": entry.locator,
        }
    )


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    """Numbers as JSON has them: whole where they are whole."""
    return {name: _number(value) if isinstance(value, (Decimal, float)) else value for name, value in record.items()}


def _number(value: Decimal | float) -> int | float:
    return int(value) if value == int(value) else float(value)
