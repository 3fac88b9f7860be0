"""Reading prose: claims of a long document, of many documents, and of one that is a single line.

The limit is a bare pass of the two patterns that every document must be searched with (figures, and what is no figure)
over the same text: what is above it is what the reading adds.
"""

from __future__ import annotations

import time

from bench.report import Ratio, peak_mb
from ingestion.narrative import layout, mentions, spans
from ingestion.narrative.claims import extract_claims

_PARAGRAPH = (
    "全年完成门急诊诊疗{0}56.8万人次，同比增长{0}8.6%；住院手术3.{0}万台次，其中三四级手术2.{0}万台次，占比66.7%；平均住院日"
    "7.{0}天。\n医院始终坚持以人民健康为中心，落实党委领导下的院长负责制，持续改善服务，扎实推进学科建设、人才建设和信息化建设，"
    "做实“我为群众办实事”，围绕四个方面开展工作，医院面貌焕然一新。\n引进博士{0}8人、硕士112人，获批省级重点专科{0}个，电子病历"
    "通过五级评审，满意度位居全省第{0}位，科研经费由2020年的300万元增至{0}200万元，力争到2030年突破{0}亿元。\n"
)
_CHARACTERS = 40_000


def run(size: str) -> list[Ratio]:
    """One document of 40,000 characters, many of them in one process, 5 MB without a line break."""
    document = _document(_CHARACTERS)
    extract_claims(document)  # what is loaded once is not counted
    limit = _seconds(_bare_pass, document)
    found = [
        Ratio("narrative", "claims of a document", "bare pass of the patterns", _seconds(extract_claims, document),
              limit, most=12, note=f"{len(document):,} characters, {len(extract_claims(document)):,} claims"),
    ]  # fmt: skip
    count = 20 if size == "small" else 1000
    before = peak_mb()
    started = time.process_time()
    for _ in range(count):
        extract_claims(document)
    each = (time.process_time() - started) / count
    found.append(
        Ratio("narrative", f"a document of {count:,} in one process", "one alone", each, found[0].measured, most=1.5)
    )
    found.append(
        Ratio("narrative", f"memory after {count:,} documents", "after one", peak_mb(), before, most=1.2, unit="MB")
    )
    line = _document(300_000 if size == "small" else 5_000_000).replace("\n", "")
    quarter = line[: len(line) // 4]
    found.append(
        Ratio("narrative", "one line, four times as long", "four of the shorter", _seconds(extract_claims, line),
              4 * _seconds(extract_claims, quarter), most=1.5, note=f"{len(line):,} characters")
    )  # fmt: skip
    return found


def _document(characters: int) -> str:
    paragraphs = [_PARAGRAPH.format(n % 9 + 1) for n in range(characters // len(_PARAGRAPH) + 1)]
    return "".join(paragraphs)[:characters]


def _bare_pass(text: str) -> None:
    layout.lines(text)
    spans.excluded(text)
    for _ in mentions._figure_pattern().finditer(text):
        pass


def _seconds(step: object, text: str) -> float:
    times = []
    for _ in range(3 if len(text) < 100_000 else 1):
        started = time.process_time()
        step(text)  # type: ignore[operator]
        times.append(time.process_time() - started)
    return min(times)
