"""Grades and ranks in running text: both are quantities only in the company of the right words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from ingestion.narrative import guards, wordlists
from ingestion.narrative.grades import letter_pattern, level_pattern
from ingestion.narrative.guards import Prose
from ingestion.narrative.mention import Mention
from ingestion.narrative.ranks import place_pattern, rank_of


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    lists = wordlists.load("mentions")
    alt, grade, rank = wordlists.alternatives, lists["grade"], lists["rank"]
    suffix = alt(wordlists.load("grades")["letter_suffix"])
    return {
        "rank": re.compile(rf"(?:{place_pattern()}){rank['follow']}"),
        "rank_words": re.compile(alt(rank["words"])),
        "rank_loose": re.compile(alt(rank["loose_words"])),
        "rank_never": re.compile(f"(?:{alt(rank['never'])})[^，。；]{{0,4}}$"),
        "letter": re.compile(rf"(?<![A-Za-z0-9+])(?P<grade>{letter_pattern()})(?P<suffix>{suffix})?(?![A-Za-z0-9+\-])"),
        "letter_topic": re.compile(alt(grade["letter_topics"])),
        "level": re.compile(
            rf"(?<![第\d〇零一二三四五六七八九十百、])(?P<floor>不低于)?(?P<grade>{level_pattern()})"
            rf"(?P<tail>及以上|以上)?(?:(?<=[甲乙]等)|(?!{alt(grade['not_before'])}))"
        ),
        "topic": re.compile(alt(grade["topics"])),
        "reach": re.compile(f"(?:{alt(grade['reach'])})[^，。；]{{0,4}}$"),
        "hospital": re.compile(alt(grade["hospital_words"])),
    }


def rank_mentions(prose: Prose) -> Iterator[Mention]:
    """Yield 全国第七, 前12名, 跃居首位, but not 第一方阵 or 放在首位."""
    patterns = _patterns()
    for found in patterns["rank"].finditer(prose.text):
        before = prose.text[max(prose.clause_start(found.start()), found.start() - 12) : found.start()]
        is_numbered = prose.text[found.end() - 1] in "名位强"
        word = patterns["rank_words"].search(before) or (is_numbered and patterns["rank_loose"].search(before))
        if not word or patterns["rank_never"].search(before):
            continue
        if prose.quoted.covering(found.start(), found.end()) and guards.refusal(prose, found.start(), found.end()):
            continue
        read = rank_of(found)
        qualifies = re.match(
            "的(?:[\u4e00-\u9fff]{1,8}\\d|(?:依次|分别)?[为是有])", prose.text[found.end() : found.end() + 10]
        )
        if read and not qualifies:  # 进入前五的专科34个 counts 专科
            unit_raw = prose.text[found.end() - 1] if is_numbered else None
            yield Mention(
                found.start(),
                found.end(),
                read[0],
                unit="rank",
                unit_raw=unit_raw,
                comparator=read[1],
                rule="rank with " + word[0],
            )


def grade_mentions(prose: Prose) -> Iterator[Mention]:
    """Yield B++, 电子病历七级, 通过三级甲等评审, but not 三级医院 or 四级手术."""
    yield from _letters(prose)
    yield from _levels(prose)


def _letters(prose: Prose) -> Iterator[Mention]:
    for found in _patterns()["letter"].finditer(prose.text):
        grade = found["grade"]
        around = prose.text[max(prose.clause_start(found.start(), "。；\n"), found.start() - 30) : found.end() + 8]
        is_named = re.search(
            '(?:等级|评级|等次|级别|结果)(?:[^，。；]{0,8}[至到])?(?:为|是|达到|达|获)?[“"]?$',
            prose.text[max(0, found.start() - 16) : found.start()],
        )
        if "+" not in grade and not found["suffix"] and not is_named:
            continue
        if not _patterns()["letter_topic"].search(around):
            continue
        if guards.refusal(prose, found.start(), found.end()):
            continue
        end = found.end("grade") if found["suffix"] in ("等次", "等级", "等", "类") else found.end()
        yield Mention(
            found.start(),
            end,
            None,
            grade=prose.text[found.start() : end],
            unit="grade",
            unit_raw=found["suffix"],
            rule="letter grade",
        )


def _levels(prose: Prose) -> Iterator[Mention]:
    patterns = _patterns()
    for found in patterns["level"].finditer(prose.text):
        start, end = found.start("grade"), found.end("grade")
        clause = prose.clause_start(start)
        before, after = prose.text[max(clause, start - 22) : start], prose.text[found.end() : found.end() + 10]
        grade = found["grade"]
        topics = list(patterns["topic"].finditer(before))
        if re.match("[一二三]级[甲乙]等|[一二三]甲", grade):
            # a hospital's class: stated as won or aimed at, else only a type of hospital
            if not patterns["hospital"].search(before[-10:] + "|" + after):
                continue
            rule = "hospital class"
        elif topics and len(before) - topics[-1].end() <= 14:
            rule = "level of " + topics[-1][0]
        elif patterns["reach"].search(before) and patterns["topic"].match(after.lstrip("的")):
            rule = "level before its topic"
        else:
            continue
        if guards.refusal(prose, start, end):
            continue
        comparator = ">=" if found["floor"] or found["tail"] else "="
        yield Mention(
            found.start(),
            found.end(),
            None,
            grade=grade,
            unit="grade",
            unit_raw="级" if "级" in grade else None,
            comparator=comparator,
            rule=rule,
        )
