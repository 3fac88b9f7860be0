"""Running text: a narrative report's claims, and a work plan's items with the claims in them.

Every entry's locator is the span of its words in the text of the document, which is kept beside the entries, so that
the gate can hold each claim against the document itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ingestion.entries import Entry
from ingestion.forms.form import Form
from ingestion.forms.values import decimals
from ingestion.narrative.checks import Finding, check_document
from ingestion.narrative.claims import Claim, extract_claims
from ingestion.narrative.textmodel import is_chinese
from ingestion.narrative.work_items import WorkItem, extract_items
from ingestion.readers import Document


@dataclass(frozen=True)
class ProseMatch:
    """What was found in the text; ``score`` counts work items or claims."""

    claims: list[Claim]
    items: list[WorkItem]
    findings: list[Finding]
    score: int
    unread: tuple[str, ...] = ()


def find(document: Document, form: Form, reporting_year: int) -> ProseMatch | None:
    """The claims (and for a work plan the items) of a document, or None where there are too few for the form."""
    if not document.text or not is_chinese(document.text):
        return None
    needed = form.recognise
    items: list[WorkItem] = []
    if "min_items_with_lead" in needed:
        items = extract_items(document.text)
        if sum(bool(item.lead_departments) for item in items) < needed["min_items_with_lead"]:
            return None
    claims = extract_claims(document.text)
    if "beside" in needed:
        claims = _outside_tables(claims, document)
    if len(claims) < needed.get("min_claims", 0):
        return None
    return ProseMatch(claims, items, check_document(claims, document.text), len(items) or len(claims))


def _outside_tables(claims: list[Claim], document: Document) -> list[Claim]:
    """Claims but those of lines that are made of a table's cells, as a page prints its tables among its text."""
    text = document.text or ""
    cells = [str(cell) for table in document.tables for row in table.rows for cell in row if cell]
    told = "\n".join("".join(cell.split()) for cell in cells)

    def is_printed_row(claim: Claim) -> bool:
        line = text[text.rfind("\n", 0, claim.start) + 1 : text.find("\n", claim.end) % (len(text) + 1)]
        return all(part in told for part in line.split())

    return [claim for claim in claims if not is_printed_row(claim)]


def read(form: Form, match: ProseMatch, reporting_year: int, keep_markers: bool) -> Iterator[Entry]:
    """Work items first, then claims in the order of the text; a claim inside an item carries its number."""
    for item in match.items:
        yield Entry(
            entry_kind="work_item",
            ordinal=item.item_no,
            locator=f"chars {item.start}-{item.end}",
            section_raw=item.section_title,
            row_raw=str(item.item_no),
            label_raw=item.text,
            department_raw="、".join(item.lead_departments) or None,
            value_raw=item.text,
            period=str(reporting_year),
            detail={
                "section_no": item.section_no,
                "lead_departments": item.lead_departments,
                "targets": [_target(target) for target in item.targets],
            },
        )
    contradictions = _contradictions(match)
    for number, claim in enumerate(match.claims, len(match.items) + 1):
        within = next((i for i in match.items if i.start <= claim.start < i.end), None)
        yield _claim(claim, number, within, contradictions.get(claim.start, []))


_CHANGE_BASES = {"percentage_point": "points", "%": "percent"}


def _target_kind(claim: Claim) -> str:
    """The kind of a target in prose, as of one in a plan's table."""
    if claim.grade:
        return "grade"
    if claim.direction:
        return "change" if claim.unit in (*_CHANGE_BASES, "permille", "ratio") else "increment"
    return "range" if claim.value_high is not None else "level"


def _target(claim: Claim) -> dict[str, Any]:
    """A target inside a work item, as marts.fct_work_item shows it."""
    stated = {name: getattr(claim, name) for name in ("value", "value_high", "grade", "unit", "comparator", "period")}
    return {"mention": claim.mention, "measure": claim.measure, **stated, "locator": _place(claim)}


def _contradictions(match: ProseMatch) -> dict[int, list[dict[str, str]]]:
    """Contradictions by the claim they are held against (its start): the change, the total, the later of two.

    Each cites the figures it was compared with, by their words and their places.
    """
    own = {claim.start for claim in match.claims}
    found: dict[int, list[dict[str, str]]] = {}
    for finding in match.findings:
        told = sorted(finding.claims, key=lambda claim: claim.start)
        in_doubt = [c for c in (told if finding.kind == "parts" else reversed(told)) if c.start in own]
        if not in_doubt:
            continue  # two rows of a table: no claims
        cited = "、".join(f"{' '.join(c.mention.split())} ({_place(c)})" for c in told if c is not in_doubt[0])
        due = "" if finding.expected is None or finding.kind == "told_twice" else f"{finding.expected:.12g}; "
        found.setdefault(in_doubt[0].start, []).append({"kind": finding.kind, "expected": due + cited})
    return found


def _place(claim: Claim) -> str:
    return f"chars {claim.start}-{claim.end}"


def _claim(claim: Claim, ordinal: int, item: WorkItem | None, contradictions: list[dict[str, str]]) -> Entry:
    value = _decimal(claim.value)
    return Entry(
        entry_kind="claim",
        ordinal=ordinal,
        locator=_place(claim),
        section_raw=item.section_title if item else None,
        row_raw=str(item.item_no) if item else None,
        label_raw=claim.measure,
        unit_raw=claim.unit_raw,
        department_raw="、".join(item.lead_departments) or None if item else None,
        period_raw=claim.period,
        value_raw=claim.mention,
        period=claim.period,
        value=value,
        value_high=_decimal(claim.value_high),
        stated_decimals=decimals(value) if value is not None else None,
        grade=claim.grade,
        comparator=claim.comparator,
        unit=claim.unit,
        direction=claim.direction,
        role=claim.role,
        subject=claim.subject,
        target_kind=_target_kind(claim) if claim.role == "target" else None,
        is_per_year=claim.period == "annual" if claim.role == "target" else None,
        detail={"rule": claim.rule}
        | ({"contradictions": contradictions} if contradictions else {})
        | ({"change_basis": _CHANGE_BASES[claim.unit]} if claim.direction and claim.unit in _CHANGE_BASES else {}),
        quote=claim.quote,
    )


def _decimal(number: Any) -> Decimal | None:
    return None if number is None else Decimal(str(number))
