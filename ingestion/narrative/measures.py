"""What is measured, in the document's own words.

The name stands either behind the figure (12家医疗机构) or in front of it (微创手术占比从19.21%); a clause that only
says how things moved (同比增长12%) inherits the name from the figure before it.
"""

from __future__ import annotations

import re
from functools import cache

from ingestion.narrative import wordlists
from ingestion.narrative.guards import Prose
from ingestion.narrative.mention import Mention

_MARKS = "，。；：！？\n:\t"
_COUNTED = {"count", "person", "bed", "case", "person_time", "grade"}


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    lists, alt = wordlists.load("measures"), wordlists.alternatives
    year = (r"(?:到|至|截至|截止)?(?:19|20)\d{2}年?(?:[-~—至](?:19|20)\d{2}年)?(?:\d{1,2}月)?(?:\d{1,2}日)?"
            "(?:末|底|年末|年底|以来|度)?")
    plan = "(?:于|在)?[“\"]?十[一二三四五六七八九]?五[”\"]?(?:期间|时期|以来|末)?内?"
    return {
        "leading": re.compile(f"^(?:\\([一二三四五六七八九十\\d]{{1,2}}\\)|{year}|{plan}|{alt(lists['leading'])}"
                              "|近\\d年|\\d{1,2}月(?:份|底)?(?:以来)?|[、“”()\"]|在(?![岗职编院研校册建用]))"),
        "trailing": re.compile(f"(?:{alt(lists['trailing'])}|{year}|{plan}|(?<![平年日人床])均|连续.{{1,3}}年"
                               "|(?:由|从)(?:目前|现在|原来|原有|上年|去年|前一年)的?)$"),
        "stop": re.compile(f"[{_MARKS}、()（）\t]|{alt(lists['stop_after'])}"),
        "not_noun": re.compile(f"(?:{alt(lists['not_noun_after'])})"),
        "predicate": re.compile(f"(?:{alt(lists['predicate'])})"),
        "rank": re.compile("(?:连续.{1,3}年)?(?:中|里|上)?(?:位列|位居|名列|排名|排在|排|居|跃居|稳居|跻身|进入|列)"
                           ".{0,12}$"),
        "change": re.compile(alt(lists["change_names"])),
        "inherit": re.compile(f"^(?:{alt(lists['inherit'])})"),
    }


def assign(prose: Prose, mentions: list[Mention], roles: list[str]) -> list[str]:
    """Return the measure of each mention, in order; never empty unless the document gives no word at all."""
    measures: list[str] = []
    for i, mention in enumerate(mentions):
        previous = mentions[i - 1] if i else None
        name = ""
        if previous and roles[i] in ("end", "target", "change") and roles[i - 1] == "start" and _is_near(
                prose, previous, mention):
            name = measures[i - 1] if roles[i] != "change" else ""
            behind = _behind(prose, mention, mentions[i + 1] if i + 1 < len(mentions) else None)
            if roles[i] == "end" and behind:
                name = measures[i - 1] = behind
        if not name:
            following = mentions[i + 1] if i + 1 < len(mentions) else None
            above = _antecedent(prose, mentions, i)
            name = _name(prose, mention, previous, following, measures[above] if above is not None else "")
        measures.append(name)
    for i, role in enumerate(roles[:-1]):
        # 在原基础（6个）上增至7个学科: the name stands behind the level that follows
        if role == "baseline" and _is_near(prose, mentions[i], mentions[i + 1]):
            measures[i] = measures[i + 1]
    return measures


def _is_near(prose: Prose, previous: Mention, mention: Mention) -> bool:
    return len(re.findall("[。；\n]", prose.text[previous.end:mention.start])) == 0


def _antecedent(prose: Prose, mentions: list[Mention], i: int) -> int | None:
    """Return the mention whose measure the i-th may inherit: the last one not shut away in brackets."""
    for j in range(i - 1, -1, -1):
        between = prose.text[mentions[j].end:mentions[i].start]
        if between.count(")") <= between.count("("):
            return j
    return i - 1 if i else None


def _name(prose: Prose, mention: Mention, previous: Mention | None, following: Mention | None,
          inherited: str) -> str:
    behind = _behind(prose, mention, following) if mention.unit in _COUNTED or mention.unit == "CNY" else ""
    front = _front(prose, mention, previous)
    is_near = previous is not None and _is_near(prose, previous, mention)
    if mention.unit == "rank" and not mention.rule.startswith("rank"):
        return inherited or _words_behind(prose, mention)  # 上升11位: so many places of the rank before
    if mention.unit == "rank":
        front = _patterns()["rank"].sub("", front)
        is_place = len(front) <= 4 and front[-1:] not in "率量数值力比分名" and inherited and is_near
        name = inherited if is_place else front or inherited or _earlier(prose, mention, previous)
        return name if name.endswith("排名") else name + "排名"
    if mention.unit == "grade":
        return front or (inherited if is_near and inherited else "") or _earlier(prose, mention, previous) or behind
    names_money = len(front) > 3 or front[-1:] in wordlists.load("measures")["money_endings"]
    if behind and (mention.unit != "CNY" or not front or not names_money):
        return behind
    if front:
        is_move = _patterns()["inherit"].match(front)
        if is_move and inherited and previous is not None and _is_near(prose, previous, mention):
            return _moved(front, inherited)
        return front
    if inherited and previous is not None and _is_near(prose, previous, mention):
        return _moved(prose.text[max(prose.clause_start(mention.start), mention.start - 8):mention.start], inherited)
    return _earlier(prose, mention, previous) or behind or _words_behind(prose, mention) or inherited


def _words_behind(prose: Prose, mention: Mention) -> str:
    """Return what is said of a figure that nothing names: 996人报名参加."""
    words = re.match(f"[^{_MARKS}()（）]{{2,18}}", prose.text[mention.end:mention.end + 18])
    return words[0].strip("的 ") if words else ""


def _moved(front: str, inherited: str) -> str:
    """四级手术量 … 增幅达76% is the 增幅 of 四级手术量."""
    name = _patterns()["change"].search(front)
    return inherited + name[0] if name and not inherited.endswith(name[0]) else inherited


def _behind(prose: Prose, mention: Mention, following: Mention | None) -> str:
    """Return the noun behind the figure (12家顶尖医疗机构), or what it is said to be (7项为专科引领类项目)."""
    patterns = _patterns()
    limit = min(following.start if following else len(prose.text), mention.end + 40)
    after = prose.text[mention.end:limit]
    if mention.unit == "CNY":
        after = re.sub(r"^\([^()]*\)", "", after)
    said = patterns["predicate"].match(after)
    if said:
        after = after[said.end():]
    elif after.startswith("的"):
        after = after[1:]
    if not after or patterns["not_noun"].match(after):
        return ""
    quoted = re.match("[“\"]([^”\"]{2,16})[”\"]", after)
    if quoted:
        return quoted[1]
    start = 0
    stop = patterns["stop"].search(after, start)
    # a verb inside a compound noun (手术室、通过率) does not end it
    noun = after[:stop.start()] if stop else after
    if len(noun) == 1 and stop and after[stop.start()] not in _MARKS + "、()（）":
        stop = re.search(f"[{_MARKS}、()（）]", after)
        noun = after[:stop.start()] if stop else after
    return noun.strip("的 ") if len(noun) >= 2 else ""


def _front(prose: Prose, mention: Mention, previous: Mention | None) -> str:
    """Return the words between the last mark (or the last figure) and this one, without framing words."""
    clause = prose.clause_start(mention.start, _MARKS)
    if previous is not None and previous.end > clause:
        clause = previous.end
    phrase = prose.text[clause:mention.start]
    opening = phrase.rfind("(")
    if opening >= 0 and ")" not in phrase[opening:]:
        phrase = phrase[opening + 1:]
    return _strip(phrase)


def _strip(phrase: str) -> str:
    patterns = _patterns()
    before = None
    while phrase and before != phrase:
        before = phrase
        phrase = patterns["leading"].sub("", phrase, count=1) if len(phrase) > 2 else phrase
        phrase = patterns["trailing"].sub("", phrase, count=1)
    return phrase.strip("、的 ,“”\"()") if len(phrase) >= 2 else ""


def _earlier(prose: Prose, mention: Mention, previous: Mention | None) -> str:
    """Return the clause before, for a figure that stands alone between commas."""
    clause = prose.clause_start(mention.start, _MARKS)
    sentence, _ = prose.sentence(mention.start)
    if clause - 1 <= sentence:
        return ""
    start = max(prose.clause_start(clause - 1, _MARKS), sentence)
    if previous is not None and previous.end > start:
        return ""
    return _strip(prose.text[start:clause - 1])[-20:]
