"""The quantitative claims of a document: every figure that states a fact, target, baseline or change.

``extract_claims`` reads plain text and returns claims whose `mention` and `quote` are exact substrings of it. The
meaning of the fields follows the annotation guide of the project: value in base units, canonical unit, comparator,
measure in the document's own words, role, direction, period and subject; `rule` says which rules decided.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

from ingestion.narrative import measures, mentions, periods, roles, subjects
from ingestion.narrative.guards import Prose
from ingestion.narrative.mention import Mention
from ingestion.narrative.numerals import Number
from ingestion.narrative.textmodel import CleanText, read

QUOTE_CHARS = 80
_STOP = re.compile("[，。；\n！？]")


@dataclass(frozen=True)
class Claim:
    """One quantitative claim.

    start      index of `mention` in the original text (Python str index)
    mention    the number as written, with approximator, scale and unit, line breaks included
    value      in base units (15万平方米 is 150000), percent as the figure before %; None for letter grades
    value_high upper bound of a range
    grade      a grade as text (B++, 七级)
    unit       canonical: %, percentage_point, CNY, m2, mu, bed, person, person_time, case, hour, ratio, rank, ...
    comparator '=', '~', '>', '>=', '<', '<=' or 'range'
    role       observed, start, end, change, baseline or target
    period     '2023', '2021-2025', '2025-08', 'annual', 'as_of:2025' or None
    quote      an exact substring of the text that holds the mention and its words, at most 80 characters
    rule       which rules and words decided, for --explain
    """

    start: int
    mention: str
    value: Number | None
    value_high: Number | None
    grade: str | None
    unit: str | None
    unit_raw: str | None
    comparator: str
    measure: str
    role: str
    direction: str | None
    period: str | None
    subject: str | None
    quote: str
    rule: str

    @property
    def end(self) -> int:
        """Index behind the mention in the original text."""
        return self.start + len(self.mention)

    def to_json(self) -> dict[str, Any]:
        """Return the claim as a dictionary that json.dumps accepts, keys as in the fields."""
        return asdict(self)


def extract_claims(text: str) -> list[Claim]:
    """Return the quantitative claims of a Chinese hospital document, in the order of the text.

    `text` is the document as extracted, line breaks and page furniture included; nothing raises on odd input.
    """
    prose = Prose(read(text))
    view = periods.outlook(prose)
    found = [m for m in mentions.find(prose) if not _in_table(prose.source, m)]
    assigned = roles.assign(prose, found, view)
    names = measures.assign(prose, found, [role for role, _, _ in assigned])
    times = periods.expressions(prose, view)
    title = prose.text[:200]
    return [
        _claim(
            prose,
            mention,
            name,
            role,
            direction,
            periods.period_of(prose, mention, role, view, times),
            subjects.subject_of(prose, mention, title),
            why,
        )
        for mention, name, (role, direction, why) in zip(found, names, assigned, strict=True)
    ]


def _claim(
    prose: Prose,
    mention: Mention,
    name: str,
    role: str,
    direction: str | None,
    period: str | None,
    subject: str | None,
    why: str,
) -> Claim:
    source = prose.source
    start, end = source.span(mention.start, mention.end)
    if "<" in source.original[start:end]:  # m<sup>2</sup>: the closing tag belongs to the unit
        end += len((re.match(r"</\w+>", source.original[end : end + 10]) or [""])[0])
    return Claim(
        start=start,
        mention=source.original[start:end],
        value=mention.value,
        value_high=mention.value_high,
        grade=mention.grade,
        unit=mention.unit,
        unit_raw=mention.unit_raw,
        comparator=mention.comparator,
        measure=name,
        role=role,
        direction=direction,
        period=period,
        subject=subject,
        quote=_quote(prose, mention, start, end),
        rule=f"{mention.rule}; {role}: {why}",
    )


def _in_table(source: CleanText, mention: Mention) -> bool:
    """Rows of plan tables are targets with baselines, read by their own parser."""
    return any(start <= mention.start < end for start, end in source.tables)


def _quote(prose: Prose, mention: Mention, start: int, end: int) -> str:
    """Return the clause around the mention as it stands in the original, at most `QUOTE_CHARS` characters."""
    source = prose.source
    first, _ = source.span(max(prose.clause_start(mention.start, "，。；\n！？"), mention.start - 50), mention.end)
    # No further than a quote is long: a text may have no such mark at all.
    stop = _STOP.search(prose.text, mention.end, mention.end + QUOTE_CHARS)
    last = source.span(mention.start, stop.start() if stop else min(mention.end + QUOTE_CHARS, len(prose.text)))[1]
    if last - first > QUOTE_CHARS:
        last = max(end, min(last, start + (QUOTE_CHARS - (end - start)) // 2 + (end - start)))
        first = max(first, last - QUOTE_CHARS)
    return source.original[first:last]
