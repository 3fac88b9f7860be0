"""The items of a yearly work plan: section, text, lead departments and the targets stated in them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

from ingestion.narrative import wordlists
from ingestion.narrative.claims import Claim, extract_claims
from ingestion.narrative.numerals import read_number
from ingestion.narrative.plan_tables import is_section, table_lines
from ingestion.narrative.textmodel import CleanText, read

T = TypeVar("T")
_SECTION = re.compile(r"(?P<no>[一二三四五六七八九十]{1,3})、(?P<title>.+)")
# Numbering of paragraphs, the outer kinds first.
_NUMBERINGS = tuple(
    re.compile(pattern)
    for pattern in (
        r"[(（][一二三四五六七八九十]{1,3}[)）]",
        r"\d{1,3}[.、．](?!\d)",
        r"[(（]\d{1,3}[)）]",
        "[①-⑳]",
        "[一二三四五六七八九十]{1,3}是",
    )
)


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
def _patterns() -> dict[str, re.Pattern[str]]:
    lists, alt = wordlists.load("work_items"), wordlists.alternatives
    label = (
        f"(?:{alt(lists['lead_rank'])})?(?:(?:{alt(lists['lead_word'])})(?:{alt(lists['lead_body'])})"
        f"|{alt(lists['lead_alone'])})(?:[及和与、/](?:{alt(lists['other'])}))?"
    )
    return {
        "note": re.compile(
            rf"[(（\[【]\s*(?:(?:{alt(lists['other'])})[:：][^()（）:：；;]{{1,30}}[；;，,]\s*)*{label}[:：](?P<inside>[^()（）]*(?:[(（][^()（）]*[)）][^()（）]*)*)[)）\]】]。?"
            rf"|(?<=[。；\n]){label}[:：](?P<open>[^。\n]{{2,120}})。?"
            rf"|[(（\[【](?P<led>[^()（）\[\]【】:：。\n]{{2,60}}?)(?:{alt(lists['lead_verbs'])})"
            rf"(?:[，,；;、][^()（）\[\]【】:：。\n]{{2,80}}(?:{alt(lists['helping_verbs'])}))?[)）\]】]。?"
            rf"|(?<=[。；])[(（\[【](?P<bare>[^()（）\[\]【】:：。\n]{{2,80}})[)）\]】]。?(?=\n|$)"
        ),
        "label": re.compile(label),
        "other": re.compile(rf"[;；，,。\s]*(?:{alt(lists['other'])})[:：].*"),
        "department": re.compile(rf".+(?:{alt(lists['department_ends'])})(?:\([^()]*\))?"),
        "work": re.compile(alt(lists["table_work"])),
    }


def split_departments(written: str) -> list[str]:
    """Return the names of a list of departments, cleaned of line breaks and blanks; cooperating ones are left out.

    A line break may stand inside a name; a blank parts two names where each of them ends as a department does.
    """
    leads = _patterns()["other"].sub("", re.sub(r"\s*\n\s*", "", written).strip())
    names: list[str] = []
    for name in re.split(r"[、，,;；/]", leads):
        names.extend(_apart(name.strip("。.等 \t\u3000")))
    return [name for name in names if name]


def _apart(name: str) -> list[str]:
    is_department = _patterns()["department"].fullmatch
    for parts in (name.split(), re.split("[和与及]", re.sub(r"\s+", "", name))):
        if len(parts) > 1 and all(is_department(part) for part in parts):
            return parts
    return [re.sub(r"\s+", "", name)]


def extract_items(text: str) -> list[WorkItem]:
    """Return the items of a work plan in order.

    An item ends with its note of lead departments (（牵头部门：…）); in a plan without such notes, and for
    numbered paragraphs that have none, each numbered paragraph under a section is an item.
    """
    source = read(text)
    drafts = _drafts(source)
    if not any(draft.departments for draft in drafts):
        rows = _table_items(text)
        if rows:
            return rows
    targets = [c for c in extract_claims(text) if c.role == "target"] if drafts else []
    items = []
    for number, draft in enumerate(drafts, 1):
        start, end = source.span(draft.start, draft.end)
        items.append(
            WorkItem(
                item_no=number,
                section_no=draft.section_no,
                section_title=draft.section_title,
                lead_departments=draft.departments,
                text=source.on_one_line(draft.start, draft.end),
                start=start,
                end=end,
                targets=_within(targets, start, end, attrgetter("start")),
            )
        )
    return items


def _within(things: list[T], start: int, end: int, place: Callable[[T], int]) -> list[T]:
    """Return those of `things`, in the order of their places, that begin from `start` on and before `end`."""
    return things[bisect_left(things, start, key=place) : bisect_left(things, end, key=place)]


def _drafts(source: CleanText) -> list[_Draft]:
    notes = _notes(source.clean)
    headings = dict(source.headings)
    drafts: list[_Draft] = []
    section: tuple[int | None, str | None] = (None, None)
    pending: tuple[int, int] | None = None
    shared: list[str] | None = None  # who leads all items of the section
    for number, (start, end) in enumerate(source.paragraphs):
        here = _within(notes, start, end, re.Match.start)
        titled = _section(source.on_one_line(start, end)) if start in headings or end - start <= 40 or here else None
        if titled and here:
            section, pending = (titled[0], source.on_one_line(start, here[0].start()).split("、", 1)[1]), None
            below = source.paragraphs[number + 1] if number + 1 < len(source.paragraphs) else None
            shared = None
            if below and here[-1].end() >= end and _level(source.clean, below[0]) < len(_NUMBERINGS):
                # 二、业务（责任科室：医务部） over numbered items: they lead each of them
                shared = split_departments(_written_names(source, here[-1]))
                continue
            # else 一、完成搬迁（牵头部门：后勤部）: the section is the item
        elif titled:
            drafts.extend(_unmarked(section, pending, bool(notes)))
            section, pending, shared = titled, None, None
            continue
        if pending and pending in headings.items() and _is_led(source, start, end, notes):
            pending = None  # a heading over items that each name who leads them is no part of the first one
        if pending and _opens_item(source.clean, pending[0], start):
            drafts.extend(_unmarked(section, pending, bool(notes)))
            pending = None
        at = start
        for note in here:
            first = pending[0] if pending else at
            drafts.append(_Draft(*section, first, note.end(), split_departments(_written_names(source, note))))
            pending, at = None, note.end()
        if at < end and source.clean[at:end].strip() and section[0] is not None:
            pending = (pending[0] if pending else at, end)
            if not notes or shared is not None:
                drafts.extend(_unmarked(section, pending, False, shared))
                pending = None
    drafts.extend(_unmarked(section, pending, bool(notes)) if pending and not notes else [])
    return [d for d in drafts if notes or d.section_no is not None] if _is_plan(drafts, notes) else []


def _table_items(text: str) -> list[WorkItem]:
    """Return the items of a plan laid out as a table: a row each, led by who stands in the column of leads."""
    columns: dict[str, int] = {}
    section: tuple[int | None, str | None] = (None, None)
    items: list[WorkItem] = []
    for line in table_lines(text):
        header = _work_columns(line.cells)
        if header is not None:
            columns = header
        elif is_section(line.cells):
            section = _section(line.cells[0]) or section
        elif columns and len(line.cells) > max(columns.values()) and line.cells[columns["work"]]:
            # the row read as prose: same length, so that every span holds
            row = re.sub(r"[\t|｜]", "。", text[line.start : line.end])
            targets = [
                replace(
                    claim,
                    start=claim.start + line.start,
                    role="target",
                    quote=text[claim.start + line.start : claim.end + line.start],
                )
                for claim in extract_claims(row)
            ]
            items.append(
                WorkItem(
                    item_no=len(items) + 1,
                    section_no=section[0],
                    section_title=section[1],
                    lead_departments=split_departments(line.cells[columns["lead"]]),
                    text="　".join(cell for cell in line.cells if cell),
                    start=line.start,
                    end=line.end,
                    targets=targets,
                )
            )
    return items


def _work_columns(cells: list[str]) -> dict[str, int] | None:
    """Return the columns of the work and of its leads, where the row is the header of a plan's table."""
    names = [re.sub(r"\s+", "", cell) for cell in cells]
    lead = next((i for i, name in enumerate(names) if _patterns()["label"].fullmatch(name)), None)
    names_work = _patterns()["work"].search
    work = next((i for i, name in enumerate(names) if i != lead and len(name) <= 8 and names_work(name)), None)
    return None if lead is None or work is None else {"lead": lead, "work": work}


def _notes(text: str) -> list[re.Match[str]]:
    """Return the notes of who leads, in order; brackets without a label or verb count where the plan writes them so."""
    notes = [note for note in _patterns()["note"].finditer(text) if _names_departments(note)]
    bare = sum(note["bare"] is not None for note in notes)
    return notes if 2 * bare >= len(notes) else [note for note in notes if not note["bare"]]


def _names_departments(note: re.Match[str]) -> bool:
    """Brackets without a label hold leads only where all they hold are departments: （信息科）, but not （试行）."""
    if note["inside"] or note["open"]:
        return True
    is_department = _patterns()["department"].fullmatch
    return all(is_department(name) for name in split_departments(note["led"] or note["bare"]))


def _written_names(source: CleanText, note: re.Match[str]) -> str:
    """Return the list of departments as printed, with the blanks that may part its names."""
    group = next(name for name in ("inside", "open", "led", "bare") if note[name])
    return source.written(*note.span(group))


def _is_led(source: CleanText, start: int, end: int, notes: list[re.Match[str]]) -> bool:
    """Tell whether a numbered paragraph names who leads it, in itself or on the line below."""
    if _level(source.clean, start) == len(_NUMBERINGS):
        return False
    first = bisect_left(notes, start, key=re.Match.start)
    note = notes[first] if first < len(notes) else None
    return note is not None and (note.start() < end or source.clean[end : note.start()].strip("\n") == "")


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


def _unmarked(
    section: tuple[int | None, str | None],
    pending: tuple[int, int] | None,
    has_notes: bool,
    departments: list[str] | None = None,
) -> list[_Draft]:
    """A paragraph without a note is an item only in plans or sections that carry none at all: else it is an
    introduction."""
    if pending is None or has_notes or section[0] is None:
        return []
    return [_Draft(*section, pending[0], pending[1], departments or [])]


def _section(line: str) -> tuple[int, str] | None:
    found = _SECTION.fullmatch(line.strip())
    if not found:
        return None
    number = read_number(found["no"])
    return (int(number), found["title"].strip()) if number else None
