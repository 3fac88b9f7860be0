"""Refusing figures that are not quantities: why a figure is a date, a name, a model or a way of speaking."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cache, cached_property

from ingestion.narrative import spans, wordlists
from ingestion.narrative.textmodel import CleanText

_LIST_REACH = 4000  # characters behind which what introduces a list is forgotten
_TITLE = 60  # characters of a document in which its author is named
_LEVELS = (
    re.compile("第.{1,3}(?:部分|章|篇)"),
    re.compile("[一二三四五六七八九十]+、"),
    re.compile("[(（][一二三四五六七八九十]+"),
    re.compile(r"[(（]?\d"),
)
_END = "，。；、,;!！？：:()（）“”\n"


@dataclass(frozen=True)
class Prose:
    """A clean text with what every rule asks of it: excluded spans, quotations, clauses."""

    source: CleanText

    @cached_property
    def text(self) -> str:
        """The clean characters."""
        return self.source.clean

    @cached_property
    def excluded(self) -> spans.Spans:
        """Dates, numbering, models."""
        return spans.excluded(self.text)

    @cached_property
    def quoted(self) -> spans.Spans:
        """Insides of quotation marks."""
        return spans.quoted(self.text)

    @cached_property
    def is_regional(self) -> bool:
        """Whether the document is that of a region's health authority and not of one hospital."""
        return any(word in self.text[:_TITLE] for word in wordlists.load("mentions")["regional_titles"])

    def clause_start(self, at: int, marks: str = "，。；：\n！？:") -> int:
        """Return where the clause around `at` begins."""
        places = self._marks(marks)
        before = bisect_left(places, at)
        return places[before - 1] + 1 if before else 0

    def sentence(self, at: int) -> tuple[int, int]:
        """Return the span of the sentence around `at` (a paragraph end closes it too)."""
        places = self._marks("。！？\n")
        before = bisect_left(places, at)
        return places[before - 1] + 1 if before else 0, places[before] if before < len(places) else len(self.text)

    def introduction(self, at: int) -> tuple[int, int]:
        """Return the span of the paragraph that introduces the list in which `at` stands (主要目标如下：), below the
        same heading and not far above; an empty span where there is none."""
        own = bisect_right(self._paragraph_starts, at) - 1
        return self._introductions[own] if own >= 0 else (at, at)

    @cached_property
    def _paragraph_starts(self) -> list[int]:
        return [start for start, _ in self.source.paragraphs]

    @cached_property
    def _introductions(self) -> list[tuple[int, int]]:
        """What introduces each paragraph."""
        found: list[tuple[int, int]] = []
        headings = {start for start, _ in self.source.headings}
        standing = (0, 0)
        for start, end in self.source.paragraphs:
            if start in headings or start - standing[0] > _LIST_REACH:
                standing = (0, 0)
            found.append(standing)
            if self.text[end - 1] == ":":
                standing = (start, end)
        return found

    def headings_above(self, at: int) -> list[tuple[int, str]]:
        """Return (level, words) of the headings that hold at a place, the outermost first."""
        count = bisect_right(self._heading_starts, at)
        return self._outlines[count - 1] if count else []

    def last_heading(self, at: int, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Return how `pattern` fits the nearest heading above `at` that it fits, or None."""
        found = self._fitting.get(pattern)
        if found is None:
            found = [fit for start, end in self.source.headings if (fit := pattern.search(self.text, start, end))]
            self._fitting[pattern] = found
        before = bisect_left(found, at, key=re.Match.end)
        return found[before - 1] if before else None

    @cached_property
    def _fitting(self) -> dict[re.Pattern[str], list[re.Match[str]]]:
        """The headings that each pattern fits, found once."""
        return {}

    @cached_property
    def _heading_starts(self) -> list[int]:
        return [start for start, _ in self.source.headings]

    @cached_property
    def _outlines(self) -> list[list[tuple[int, str]]]:
        """For each heading, itself and those it stands under."""
        outlines: list[list[tuple[int, str]]] = []
        holding: list[tuple[int, str]] = []
        for start, end in self.source.headings:
            words = self.text[start:end]
            level = next((n for n, pattern in enumerate(_LEVELS, 1) if pattern.match(words)), 2)
            holding = [(n, w) for n, w in holding if n < level] + [(level, words)]
            outlines.append(holding)
        return outlines

    def _marks(self, marks: str) -> list[int]:
        if marks not in self._places:
            self._places[marks] = [m.start() for m in re.finditer(f"[{re.escape(marks)}]", self.text)]
        return self._places[marks]

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        """Places of each set of marks, found once: every rule asks for its clause."""
        return {}


@cache
def _lists() -> dict:
    lists = dict(wordlists.load("mentions"))
    lists["abstract"] = re.compile(
        f"(?:{wordlists.alternatives(lists['abstract_heads'])})"
        f"|(?:{wordlists.alternatives(lists['abstract_ends'])})(?=[{_END}的为上下中等入来\\d]|$)"
    )
    lists["names"] = re.compile(wordlists.alternatives(lists["fixed_names"]))
    lists["spoken"] = re.compile(f"(?:{wordlists.alternatives(lists['spoken_heads'])})(?=[{_END}的和与为]|$)")
    lists["counters"] = frozenset(lists["chinese_counters"])
    lists["not_before_pattern"] = re.compile(wordlists.alternatives(lists["not_before"]))
    lists["not_after_pattern"] = re.compile(f"(?:{wordlists.alternatives(lists['not_after'])})$")
    lists["durations"] = re.compile(wordlists.alternatives(lists["duration_words"]))
    lists["points"] = re.compile(wordlists.alternatives(lists["words_of_points"]))
    lists["days"] = re.compile(wordlists.alternatives(lists["words_of_days"]))
    lists["ages"] = re.compile(wordlists.alternatives(lists["words_of_age"]))
    lists["held"] = wordlists.alternatives(lists["held_in_issues"])
    lists["elsewhere"], lists["yardstick"] = re.compile(lists["elsewhere"]), re.compile(lists["yardstick"])
    lists["bound"] = re.compile(lists["yardstick_front"]), re.compile(lists["yardstick_behind"])
    lists["numbered"] = f"[\u4e00-\u9fff]{{0,6}}(?:{wordlists.alternatives(lists['numbered_bodies'])})(?:总|个|家)?数"
    lists["one_of"] = re.compile("[^，。；、：\n]{0,16}之一")
    lists["fixed"] = tuple(lists["fixed_spans"])
    lists["implied"] = {
        unit: re.compile(wordlists.alternatives(words)) for unit, words in lists["implied_units"].items()
    }
    lists["named"] = {
        unit: re.compile(
            f"(?:{wordlists.alternatives(w for w in words if w[-1] in '量数次积位口工')})"
            "(?:总数|数|总量)?(?:达到|达|为|是|至|到|共|:)?$"
        )
        for unit, words in lists["implied_units"].items()
        if unit not in ("CNY", "count")
    }
    lists["bare"] = re.compile(
        f"(?:{wordlists.alternatives(lists['bare_measures'])})"
        # CMI值从0.98提升到1.21: the end of a change stands behind its start
        r"(?:\([^()]{0,12}\))?(?:值|数)?(?:[^，。；\d]{0,6}(?:\d+(?:\.\d+)?(?:\([^()]{0,12}\))?[^，。；\d]{0,4}))?"
        r"(?:[^，。；\d]{0,6})?(?:达到|达|为|至|到|是|由|从|[:：])?$"
        r"|(?:同比|环比|较[^，。；\d]{1,8})(?:上升|提高|提升|下降|降低|增长|增加|减少)了?$"
    )
    return lists


def refusal(prose: Prose, start: int, end: int) -> str | None:
    """Return why the stretch cannot be a quantity whatever its unit, or None.

    Quotation marks refuse what they hold unless they hold nothing but the figure.
    """
    reason = prose.excluded.covering(start, end)
    if reason:
        return reason
    for first, last, mark in prose.quoted.around(start, end):
        if mark in "《〈":
            return "title"
        if last - first > end - start and last - first <= 40:
            return "name in quotation marks"
    if _lists()["not_after_pattern"].search(prose.text[max(0, start - 4) : start]):
        return "ordinal or number of something"
    return None


def unit_refusal(prose: Prose, found: re.Match[str], surface: str, unit: str) -> str | None:
    """Return why a figure with this unit is no quantity: 四个方面, 建院75年, 5天工作制."""
    text, start, end = prose.text, found.start(), found.end()
    after = text[end : end + 10]
    if unit == "grade":
        return "grade without topic"
    if unit == "count" and _lists()["abstract"].match(after):
        return "abstract head"
    if text.startswith(_lists()["fixed"], found.start("low")):
        return "fixed expression"
    before = text[max(prose.clause_start(start), start - 12) : start]
    if surface == "岁":
        return None if _lists()["ages"].search(before) else "age group"
    if unit in _lists()["duration_units"] and not _lists()["durations"].search(before):
        return "span of time"
    if (found["suffix"] in ("以上", "以下") and re.match("的?[\u4e00-\u9fff]{1,8}\\d", after)) or (
        found["prefix"] and re.match(f"的(?:[\u4e00-\u9fff]{{0,8}}\\d|{_lists()['numbered']})", after)
    ):
        return "qualifies what is counted next"  # 100万元以上设备56台
    if text[start - 1 : start] == "前" and re.match("的(?:依次|分别)?[为是有]", after):
        return "introduces those in front"  # 前三位的依次为
    if surface == "分" and not _lists()["points"].search(before):
        return "minutes or a part of a word"
    if surface == "期" and re.match(f"(?!{_lists()['held']})[\u4e00-\u9fff]", after):
        return "phase of something"
    if not prose.is_regional and _lists()["elsewhere"].search(before):
        return "of the region, not the hospital"
    front, behind = _lists()["bound"]
    if is_yardstick(prose, start) or (front.search(text[max(0, start - 16) : start]) and behind.match(after)):
        return "what another figure is held against"
    if _lists()["one_of"].match(text, end):
        return "one of so many"
    if unit == "day":
        if any(after.startswith(word) for word in _lists()["day_exclude_after"]):
            return "name of a campaign"
        if surface == "日" and not _lists()["days"].search(before):
            return "date"
    return None


def is_yardstick(prose: Prose, start: int) -> bool:
    """Tell whether the words before `start` say what is asked of everyone (评审标准要求床护比不低于…)."""
    before = prose.text[max(prose.clause_start(start), start - 28) : start]
    return _lists()["yardstick"].search(before) is not None


def chinese_counts(prose: Prose, found: re.Match[str], surface: str | None) -> bool:
    """Tell whether a Chinese numeral is a count here and not part of a word or a name."""
    lists = _lists()
    text, start, end = prose.text, found.start("low"), found.end()
    number = found["low"]
    if surface is None:  # 一百万资助, 投资近千万: its unit is in a noun beside it
        if number in ("百万", "千万") and (found["prefix"] or found["infix"]):
            return True
        return re.fullmatch("[一二三四五六七八九十两][^万亿]*[万亿]", number) is not None
    if surface not in lists["counters"]:
        return False
    for at in range(max(0, start - 2), start + 1):
        name = lists["names"].match(text, at)
        if name and name.end() > start:
            return False
    if number in ("一", "零", "〇"):
        closes = text[end : end + 1] in _END or end >= len(text)
        before = text[start - 1 : start]
        is_free = bool(before) and before not in _END + "每同任另这某统第之"
        return number == "一" and surface in lists["article_counters"] and closes and is_free
    if lists["spoken"].match(text, end):
        return False
    # 百名 and 千人 without 余 are figures of speech
    return not (
        number in ("万", "亿", "千", "百") and not (found["prefix"] or found["infix"] or found["suffix"])
    ) and not number.startswith("〇")


def implied_unit(
    prose: Prose, found: re.Match[str], has_scale: bool, is_chinese: bool
) -> tuple[str | None, str] | None:
    """Return (unit, rule) of a figure that writes no unit, or None where nothing names one.

    Only a figure with a scale word (500万专项经费) or behind an index (CMI值1.05) is taken.
    """
    lists = _lists()
    text, start, end = prose.text, found.start(), found.end()
    clause = max(prose.clause_start(start, "，。；\n！？"), start - 30)  # a colon stands between a noun and its figure
    before, after = text[clause:start], re.split("[，。；：!？\n]", text[end : end + 8])[0]
    if re.match("[A-Za-z]", text[found.end("low") : found.end("low") + 1]):
        return None
    if has_scale or is_chinese:
        is_vague = is_chinese and found["low"][0] in "百千"
        is_told_before = len(found["low"]) > 2 and (not after or after[0] in _END)  # 投入一千九百万，
        places = (before, after) if is_vague else (after, before) if is_told_before or not is_chinese else (after,)
        for place in places:
            for unit, pattern in lists["implied"].items():
                if pattern.search(place):
                    return unit, f"scale word with a noun of {unit}"
        return None
    is_closed = not after or after[0] in _END
    if (is_closed or after[0] in "提上升增降比较" or after.startswith("/年")) and lists["bare"].search(before):
        return None, "index without unit"
    if is_closed and len(found["low"]) > 1:  # 门急诊人次：1035634
        for unit, pattern in lists["named"].items():
            if pattern.search(before):
                return unit, f"bare figure of a noun of {unit}"
    return None
