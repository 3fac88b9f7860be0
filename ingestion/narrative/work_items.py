"""The items of a yearly work plan: section, text, lead departments and the targets stated in them."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any

from ingestion.narrative import wordlists
from ingestion.narrative.claims import Claim, extract_claims
from ingestion.narrative.numerals import read_number
from ingestion.narrative.textmodel import CleanText, read

_SECTION = re.compile(r"(?P<no>[一二三四五六七八九十]{1,3})、(?P<title>.+)")
# Numbering of paragraphs, the outer kinds first.
_NUMBERINGS = tuple(re.compile(pattern) for pattern in (
    r"[(（][一二三四五六七八九十]{1,3}[)）]", r"\d{1,3}[.、．](?!\d)", r"[(（]\d{1,3}[)）]", "[①-⑳]",
    "[一二三四五六七八九十]{1,3}是"))


@dataclass(frozen=True)
class WorkItem:
    """One item of a work plan.

    item_no           running number through the document, from 1
    section_no        number of its section (一、 is 1), None before the first one
    lead_departments  names as written, split, without line breaks; empty where the plan names none
    text              the item on one line, its note of departments included
    start, end        span of the same in the original text
    targets           the claims inside the span that state a target
    """

    item_no: int
    section_no: int | None
    section_title: str | None
    lead_departments: list[str]
    text: str
    start: int
    end: int
    targets: list[Claim] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return the item as a dictionary that json.dumps accepts."""
        return asdict(self)


@dataclass
class _Draft:
    section_no: int | None
    section_title: str | None
    start: int
    end: int
    departments: list[str]


@cache
def _lead_pattern() -> re.Pattern[str]:
    lists = wordlists.load("work_items")
    label = f"(?:{wordlists.alternatives(lists['lead'])})(?:[及和与、/](?:{wordlists.alternatives(lists['other'])}))?"
    return re.compile(rf"[(（\[【]\s*{label}[:：](?P<inside>[^()（）]*(?:[(（][^()（）]*[)）][^()（）]*)*)[)）\]】]。?"
                      rf"|(?<=[。；\n]){label}[:：](?P<open>[^。\n]{{2,120}})。?")


@cache
def _other_pattern() -> re.Pattern[str]:
    return re.compile(rf"[;；，,。\s]*(?:{wordlists.alternatives(wordlists.load('work_items')['other'])})[:：].*")


def split_departments(written: str) -> list[str]:
    """Return the names of a list of departments, cleaned of line breaks and blanks; cooperating ones are left out."""
    leads = _other_pattern().sub("", re.sub(r"\s+", "", written))
    names = (name.strip("。.等 ") for name in re.split(r"[、，,;；/]", leads))
    return [name for name in names if name]


def extract_items(text: str) -> list[WorkItem]:
    """Return the items of a work plan in order.

    An item ends with its note of lead departments (（牵头部门：…）); in a plan without such notes, and for
    numbered paragraphs that have none, each numbered paragraph under a section is an item.
    """
    source = read(text)
    drafts = _drafts(source)
    claims = extract_claims(text) if drafts else []
    items = []
    for number, draft in enumerate(drafts, 1):
        start, end = source.span(draft.start, draft.end)
        items.append(WorkItem(
            item_no=number, section_no=draft.section_no, section_title=draft.section_title,
            lead_departments=draft.departments, text=source.on_one_line(draft.start, draft.end),
            start=start, end=end,
            targets=[c for c in claims if c.role == "target" and start <= c.start < end],
        ))
    return items


def _drafts(source: CleanText) -> list[_Draft]:
    notes = list(_lead_pattern().finditer(source.clean))
    headings = dict(source.headings)
    drafts: list[_Draft] = []
    section: tuple[int | None, str | None] = (None, None)
    pending: tuple[int, int] | None = None
    for start, end in source.paragraphs:
        here = [note for note in notes if start <= note.start() < end]
        titled = _section(source.on_one_line(start, end)) if start in headings or end - start <= 40 or here else None
        if titled and here:
            # 一、完成搬迁（牵头部门：后勤部）: the section is the item
            section, pending = (titled[0], source.on_one_line(start, here[0].start()).split("、", 1)[1]), None
        elif titled:
            drafts.extend(_unmarked(section, pending, bool(notes)))
            section, pending = titled, None
            continue
        if pending and _opens_item(source.clean, pending[0], start):
            drafts.extend(_unmarked(section, pending, bool(notes)))
            pending = None
        at = start
        for note in here:
            first = pending[0] if pending else at
            drafts.append(_Draft(*section, first, note.end(), split_departments(note["inside"] or note["open"])))
            pending, at = None, note.end()
        if at < end and source.clean[at:end].strip() and section[0] is not None:
            pending = (pending[0] if pending else at, end)
            if not notes:
                drafts.extend(_unmarked(section, pending, False))
                pending = None
    drafts.extend(_unmarked(section, pending, bool(notes)) if pending and not notes else [])
    return [d for d in drafts if notes or d.section_no is not None] if _is_plan(drafts, notes) else []


def _opens_item(text: str, pending: int, start: int) -> bool:
    """Tell whether the paragraph at `start` begins an item of its own rather than going on with the pending one.

    A numbered paragraph does, unless it is a sub-point of a numbered one.
    """
    level, above = _level(text, start), _level(text, pending)
    return level < len(_NUMBERINGS) and (level <= above)


def _level(text: str, at: int) -> int:
    """Return how deep a paragraph's numbering is: （一） is 0, 1. is 1, ...; as many as there are kinds for none."""
    return next((n for n, pattern in enumerate(_NUMBERINGS) if pattern.match(text, at)), len(_NUMBERINGS))


def _is_plan(drafts: list[_Draft], notes: list[re.Match[str]]) -> bool:
    """A document without sections and notes has no items."""
    return bool(notes) or any(d.section_no is not None for d in drafts)


def _unmarked(section: tuple[int | None, str | None], pending: tuple[int, int] | None,
              has_notes: bool) -> list[_Draft]:
    """A paragraph without a note is an item only in plans that carry none at all: else it is an introduction."""
    if pending is None or has_notes or section[0] is None:
        return []
    return [_Draft(*section, pending[0], pending[1], [])]


def _section(line: str) -> tuple[int, str] | None:
    found = _SECTION.fullmatch(line.strip())
    if not found:
        return None
    number = read_number(found["no"])
    return (int(number), found["title"].strip()) if number else None
