"""What a figure is: observed, the start or end of a change, the change itself, a baseline or a target."""

from __future__ import annotations

import re
from functools import cache

from ingestion.narrative import wordlists
from ingestion.narrative.guards import Prose
from ingestion.narrative.mention import Mention
from ingestion.narrative.periods import Outlook, plan_years

_REACH = 1500  # characters back that a sentence or paragraph is looked through: a text may have no stop at all
_LIST = 120  # characters ahead in which a list closes with what it is of
_END_OF = "end of a change from "


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    lists, alt = wordlists.load("roles"), wordlists.alternatives
    glue = alt(w for w in lists["change_glue"] if w)
    return {
        "from": re.compile(f"(?:{alt(lists['from_words'])}|自(?=[\\d上去前]))[^，。；、]{{0,14}}$"),
        # a comma may stand before the word of change, but no other phrase
        "to": re.compile(f"^(?:[^，。；]{{0,14}}|，)?(?:{alt(lists['to_words'])})[^，。；]{{0,8}}$"),
        # 新增3个专科 are new things, 增3个 is a change
        "change": re.compile(
            f"(?<!新)(?P<verb>{alt(lists['change_up'] + lists['change_down'])})(?P<glue>(?:{glue})*)$"
        ),
        # 比2023年全年高1.9个百分点, but not 高达 or 不高于
        "signed": re.compile(lists["signed_change"]),
        "more": re.compile("(?:[较比][^，。；]{1,12}?|[同环]比)(?<!不)([多少高低])(?![达于])[^，。；多少高低]{0,10}$"),
        "down": re.compile(alt(lists["change_down"])),
        "strong": re.compile(alt(lists["strong_target_words"])),
        "opening": re.compile(
            f"(?:医院|拟|将|新院区|项目|一期|二期)?(?!{alt(lists['not_opening'])})"
            f"(?:{alt(lists['opening_target_words'])})"
        ),
        "year_ahead": re.compile(
            rf"((?:19|20)\d{{2}})年(?:全院|医院|我院)?(?!{alt(lists['not_opening'])})"
            f"(?:{alt(lists['year_ahead'])})"
        ),
        "later": re.compile(rf"((?:19|20)\d{{2}})年，[^，。；]{{0,8}}?(?:{alt(lists['year_ahead'])})"),
        "closing": re.compile(alt(lists["closing_target_words"])),
        "wish": re.compile(f"(?:{alt(lists['wish_words'])})"),
        "observed": re.compile(f"(?<![较比与])(?:{alt(lists['observed_words'])})"),
        "looking_ahead": re.compile(f"(?:{alt(lists['looking_ahead'])})"),
        "up_to": re.compile(f"(?:{alt(lists['up_to_words'])})$"),
        "plain": re.compile(alt(lists["plain_headings"])),
        "past": re.compile(alt(lists["past_headings"])),
        "future": re.compile(alt(lists["future_headings"])),
        "until": re.compile(r"[到至力争]\s*((?:19|20)\d{2})年"),
        "year": re.compile(r"(?<![较比与])((?:19|20)\d{2})年"),
        "base": re.compile(r"(?:原基础|现状|基数|基线)\(?$|(?:(?:19|20)\d{2}年|上年|去年)(?:同期)?\(为?$"),
        "introduced": re.compile(alt(lists["future_introductions"])),
        "sought": re.compile(alt(lists["sought_words"])),
        "won": re.compile(f"(?<![较比与])(?:{alt(lists['observed_words'] + lists['won_words'])})"),
        "ahead": re.compile(alt(wordlists.load("periods")["years_ahead"])),
    }


def assign(prose: Prose, mentions: list[Mention], view: Outlook) -> list[tuple[str, str | None, str]]:
    """Return (role, direction, reason) of each mention, in order."""
    roles: list[tuple[str, str | None, str]] = []
    for i, mention in enumerate(mentions):
        roles.append(_role(prose, mentions, i, view))
        if i and _shares_verb(prose, mentions[i - 1], mention) and roles[-2][0] in ("change", "target"):
            roles[-1] = (*roles[-2][:2], "shares the verb of the figure before (分别)")
        if i and roles[-1][2].startswith(_END_OF):
            roles[-2] = ("start", None, "start of a change")
    return roles


def _shares_verb(prose: Prose, before: Mention, mention: Mention) -> bool:
    """分别增长6.1%和7.4%: the verb stands once for both."""
    clause = prose.clause_start(before.start)
    return (
        before.unit == mention.unit
        and prose.text[before.end : mention.start] in ("和", "、", "及", "与")
        and "分别" in prose.text[clause : before.start]
    )


def _role(prose: Prose, mentions: list[Mention], i: int, view: Outlook) -> tuple[str, str | None, str]:
    mention, patterns = mentions[i], _patterns()
    text = prose.text
    clause = prose.clause_start(mention.start)
    before = text[max(clause, mention.start - 24) : mention.start]
    if patterns["base"].search(before):
        return "baseline", None, "named as baseline"
    if i and _is_end_of(prose, mentions[i - 1], mention):
        role = "target" if _is_target(prose, mention, view, mentions[i - 1].end) else "end"
        return role, None, _END_OF + text[mentions[i - 1].start : mentions[i - 1].end]
    target = _is_target(prose, mention, view)
    change = _change(before, mention)
    if target:
        return "target", change, target
    if change and mention.unit != "grade" and not mention.rule.startswith("rank"):
        return "change", change, "verb of change before the figure"
    after = text[mention.end : mention.end + 3]
    if mention.unit == "ratio" and mention.rule == "doubling":
        return "change", "increase", "doubling"
    if re.match("的(?:增长|增幅|提升|涨幅)", after):
        return "change", "increase", "noun of change behind the figure"
    if re.match("的(?:降幅|下降)", after):
        return "change", "decrease", "noun of change behind the figure"
    if patterns["up_to"].search(before):
        return "end", None, "level reached"
    return "observed", None, "statement"


def _is_end_of(prose: Prose, start: Mention, end: Mention) -> bool:
    """从A提升至B: the same unit, a word of change between them, 从 or 原有 in front."""
    between = prose.text[start.end : end.start]
    if start.unit != end.unit or len(between) > 30 or re.search("[。；\n]", between):
        return False
    clause = prose.clause_start(start.start)
    return bool(
        _patterns()["from"].search(prose.text[max(clause, start.start - 20) : start.start])
        and _patterns()["to"].match(between)
    )


def _change(before: str, mention: Mention) -> str | None:
    found = _patterns()["change"].search(before)
    if not found and mention.unit in ("%", "percentage_point") and _patterns()["signed"].search(before):
        return "increase"  # a fall has its own sign: 同比-2.3%
    if not found:
        more = _patterns()["more"].search(before)  # 较上年多收治1200人次
        return None if not more else "increase" if more[1] in "多高" else "decrease"
    return "decrease" if _patterns()["down"].fullmatch(found["verb"]) else "increase"


def _is_target(prose: Prose, mention: Mention, view: Outlook, start: int = 0) -> str | None:
    """Return why the figure is a target, or None; at the end of a change nothing before `start` recalls a fact."""
    patterns, text = _patterns(), prose.text
    sentence = max(prose.sentence(mention.start)[0], mention.start - _REACH)
    before = text[sentence : mention.start]
    clause = text[max(prose.clause_start(mention.start, "，。；：\n"), sentence) : mention.start]
    until = patterns["until"].findall(before)
    if until and view.year and int(until[-1]) > view.year:
        return "a year ahead"
    ahead = patterns["year_ahead"].findall(before)
    if ahead and view.year and int(ahead[-1]) >= view.year:
        return "a year ahead"
    later = patterns["later"].findall(before)
    if later and view.year and int(later[-1]) > view.year:
        return "a year ahead"
    years = [int(year) for year in patterns["year"].findall(text[max(sentence, start) : mention.start])]
    if years and view.year and max(years) < view.year:
        strong = patterns["strong"].search(clause)
        if not strong or strong[0] == "预计":
            return None  # a plan that recalls 2023 states a fact, or an estimate of it
    mood = _mood(prose, mention, view)
    if mood == "future" and patterns["ahead"].search(clause):
        return "years ahead"
    since = clause[start - mention.start :] if start else clause
    observed = patterns["observed" if mood == "future" else "won"].search(since)
    segment = before.split("；")[-1]
    opening = patterns["opening"].match(_NUMBERING.sub("", clause))
    if mood == "past":
        clause, segment = patterns["sought"].sub("", clause), patterns["sought"].sub("", segment)
    strong = patterns["strong"].search(clause) or opening
    if strong:
        return f"word of intent: {strong[0]}"
    strong = patterns["strong"].search(segment[-80:])
    if strong and not observed:
        return f"word of intent: {strong[0]}"
    if mood == "future" and not observed:
        return "plan or outlook"
    if (
        not observed
        and patterns["closing"].search(text, mention.end, min(prose.sentence(mention.start)[1], mention.end + _LIST))
        and re.search("实现|达到|完成", clause)
    ):
        return "list of what is aimed at"
    return None


def _mood(prose: Prose, mention: Mention, view: Outlook) -> str:
    """Tell whether the section speaks of what was or what shall be."""
    patterns = _patterns()
    paragraph = max(prose.text.rfind("\n", max(0, mention.start - _REACH), mention.start) + 1, mention.start - _REACH)
    opening = prose.text[paragraph : mention.start]
    plans = re.findall('[“"](十[一二三四五六七八九]?五)[”"](?:期间|时期)', opening)
    if plans and view.year:
        years = plan_years(plans[-1])
        if years:
            if years[0] > view.year:
                return "future"
            if years[1] < view.year:
                return "past"
    if patterns["looking_ahead"].match(opening) or _opens_with_the_year_after(opening, view):
        return "future"
    if patterns["introduced"].search(prose.text, *prose.introduction(mention.start)):
        return "future"
    for heading in reversed(prose.headings_above(mention.start)):
        level, words = heading
        named = patterns["year"].search(words)
        if named and view.year and int(named[1]) > view.year:
            return "future"
        if level > 2 and not patterns["plain"].search(words):
            continue
        if patterns["past"].search(words):
            return "past"
        if patterns["future"].search(words):
            return "future"
    return "future" if view.is_plan else "past"


def _opens_with_the_year_after(opening: str, view: Outlook) -> bool:
    """今年 in a text of January on the year before."""
    is_on_the_year_before = view.year is not None and view.span == str(view.year - 1)
    return is_on_the_year_before and opening.startswith(("今年", f"{view.year}年"))


_NUMBERING = re.compile(r"^(?:\([^()]{1,3}\)|\d{1,2}[.、])\s*")
