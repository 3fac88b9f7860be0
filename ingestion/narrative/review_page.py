"""A page on which a reviewer reads a document with every claim marked in place and its reading beside it.

The page is one file without any outside resource or script; everything from the document is escaped.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

from ingestion.narrative import wordlists
from ingestion.narrative.checks import Finding
from ingestion.narrative.claims import Claim
from ingestion.narrative.textmodel import read
from ingestion.narrative.units import base_surface

_STYLE = """
:root { --ink: #1c2430; --soft: #5b6675; --line: #d9dee5; --paper: #ffffff; --ground: #f4f6f8; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.75 "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
header, main { max-width: 84rem; margin: 0 auto; padding: 1rem 1.5rem; }
h1 { font-size: 1.35rem; margin: .5rem 0; }
h2 { font-size: 1.05rem; margin: 1.2rem 0 .4rem; }
.counts, .legend { color: var(--soft); font-size: .9rem; }
.row { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 1.5rem; background: var(--paper);
  border-top: 1px solid var(--line); padding: .8rem 1rem; }
.row p { margin: 0; overflow-wrap: anywhere; }
ol.readings { list-style: none; margin: 0; padding: 0; font-size: .86rem; line-height: 1.5; }
ol.readings li { border-left: .3rem solid var(--line); padding: .15rem .6rem; margin-bottom: .35rem; }
li .value { font-weight: 700; font-variant-numeric: tabular-nums; }
li .rule { color: var(--soft); display: block; }
mark { background: #e4ecf7; color: inherit; padding: 0 .15em; border-bottom: 2px solid #5a7fb5; text-decoration: none; }
mark sup { font-size: .65em; color: var(--soft); }
.target { border-color: #b5762a !important; } mark.target { background: #fbefdd; }
.change { border-color: #3d8b5f !important; } mark.change { background: #e2f3e9; }
.start, .baseline { border-color: #8a8f98 !important; } mark.start, mark.baseline { background: #eceef1; }
.finding { background: var(--paper); border-left: .3rem solid #b3352c; padding: .5rem .8rem; margin: .4rem 0; }
mark.doubted { outline: 2px solid #b3352c; }
:target { outline: 3px solid #2460c8; }
a { color: #2460c8; }
@media (max-width: 56rem) { .row { grid-template-columns: 1fr; } }
@media print { body { background: none; } .row { break-inside: avoid; } }
"""


def write_review(text: str, claims: list[Claim], findings: list[Finding], path: str | Path) -> None:
    """Write the review page of one document to `path` (UTF-8 HTML).

    `claims` and `findings` are those of the same `text`; a claim that does not re-match it raises ValueError.
    """
    for claim in claims:
        if text[claim.start : claim.end] != claim.mention:
            raise ValueError(f"claim {claim.mention!r} is not at character {claim.start} of the document")
    numbers = {claim: str(i) for i, claim in enumerate(claims, 1)}
    doubted = {claim.start for finding in findings for claim in finding.claims}
    starts = {claim.start for claim in claims}
    # figures of a table that a contradiction cites are no claims: they are marked with a letter
    cited = sorted(
        {c.start: c for f in findings for c in f.claims if c.start not in starts}.values(),
        key=lambda claim: claim.start,
    )
    numbers |= {claim: f"t{i}" for i, claim in enumerate(cited, 1)}
    rows = "\n".join(_rows(text, sorted([*claims, *cited], key=lambda claim: claim.start), numbers, doubted))
    title = next((line.strip("# \u3000") for line in text.splitlines() if line.strip("# \u3000")), "")
    Path(path).write_text(_page(title, claims, _findings(findings, numbers), len(findings), rows), encoding="utf-8")


def _page(title: str, claims: list[Claim], findings: str, finding_count: int, rows: str) -> str:
    words = wordlists.load("review")
    counts = f"{len(claims)} 条数据，{finding_count} 处矛盾 · {len(claims)} claims, {finding_count} contradictions"
    legend = "　".join(f'<mark class="{role}">{escape(word)} {role}</mark>' for role, word in words["roles"].items())
    return f"""<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{escape(title[:80])}</title>
<style>{_STYLE}</style>
</head>
<body>
<header>
<h1>{escape(title[:120])}</h1>
<p class="counts">{counts}</p>
<p class="legend">{legend}</p>
{findings}
</header>
<main>
{rows}
</main>
</body>
</html>
"""


def _rows(text: str, claims: list[Claim], numbers: dict[Claim, str], doubted: set[int]) -> list[str]:
    """One row a paragraph: the original with marks on the left, the readings on the right."""
    source = read(text)
    rows, at = [], 0
    for start, end in source.paragraphs:
        first, last = source.span(start, end)
        inside = []
        while at < len(claims) and claims[at].start < last:
            inside.append((numbers[claims[at]], claims[at]))
            at += 1
        marked = _marked(text, first, max([last, *(c.end for _, c in inside)]), inside, doubted)
        readings = "".join(_reading(number, claim) for number, claim in inside)
        rows.append(f'<section class="row"><p>{marked}</p><ol class="readings">{readings}</ol></section>')
    return rows


def _marked(text: str, first: int, last: int, inside: list[tuple[str, Claim]], doubted: set[int]) -> str:
    parts, at = [], first
    for number, claim in inside:
        classes = claim.role + (" doubted" if claim.start in doubted else "")
        parts.append(escape(text[at : claim.start]))
        parts.append(
            f'<mark id="m{number}" class="{classes}">{escape(claim.mention)}'
            f'<sup><a href="#r{number}">{number}</a></sup></mark>'
        )
        at = claim.end
    return "".join([*parts, escape(text[at:last])])


def _reading(number: str, claim: Claim) -> str:
    words = wordlists.load("review")
    value = claim.grade or f"{claim.value:,}" if claim.value is not None or claim.grade else "—"
    if claim.value_high is not None:
        value = f"{claim.value:,} – {claim.value_high:,}"
    unit = _unit(claim)
    if claim.unit == "rank" and claim.rule.startswith("rank"):
        value, unit = f"第{value}", ""  # a place, not so many places
    sign = "" if claim.comparator in ("=", "range") else words["comparators"].get(claim.comparator, "")
    facts = [
        words["roles"].get(claim.role, claim.role),
        words["directions"].get(claim.direction or "", ""),
        _said(claim.period or "", words["periods"]),
        claim.subject or "",
    ]
    return (
        f'<li id="r{number}" class="{claim.role}"><a href="#m{number}">{number}</a> '
        f'<span class="value">{escape(sign + value)} {escape(unit)}</span> {escape(claim.measure)}'
        f"　{escape('　'.join(fact for fact in facts if fact))}"
        f'<span class="rule" title="{escape(claim.rule)}">{escape(reason_zh(claim.rule))}</span></li>'
    )


def _unit(claim: Claim) -> str:
    """The unit of the value in base units, as it is written: 812 组 and not 812 个."""
    if not claim.unit or claim.grade:
        return ""
    return claim.unit_raw.lstrip("万亿余") if claim.unit == "count" and claim.unit_raw else base_surface(claim.unit)


def reason_zh(rule: str) -> str:
    """The rule that decided, in the words of ``data/review.yml``; the role stands beside the figure already."""
    figure, _, role = rule.partition("; ")
    return _said(f"{figure}; {role.partition(': ')[2] or role}", wordlists.load("review")["reasons"])


def _said(code: str, words: dict[str, str]) -> str:
    for phrase in sorted(words, key=len, reverse=True):
        code = code.replace(phrase, words[phrase])
    return code


def _findings(findings: list[Finding], numbers: dict[Claim, str]) -> str:
    if not findings:
        return ""
    kinds = wordlists.load("review")["findings"]
    items = []
    for finding in findings:
        links = "、".join(f'<a href="#m{numbers[c]}">{escape(c.mention)}</a>' for c in finding.claims if c in numbers)
        items.append(
            f'<div class="finding"><strong>{escape(kinds.get(finding.kind, finding.kind))}</strong> '
            f"{escape(finding.message_zh)}（{links}）</div>"
        )
    return "<h2>文中矛盾 Contradictions</h2>" + "".join(items)
