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
_LONGEST = 200  # characters in front of a figure in which it is named
_SHARES = ("%", "percentage_point")
_COUNTED = {"count", "person", "bed", "case", "person_time", "grade"}


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    lists, alt = wordlists.load("measures"), wordlists.alternatives
    years = f"{lists['year']}|{lists['plan']}"
    leading = "|".join([*lists["leading_patterns"], years, f"(?:{alt(lists['leading'])})(?!率)"])
    trailing = "|".join([*lists["trailing_patterns"], f"(?:由|从)?(?:{years})的?", alt(lists["trailing"])])
    return {
        "leading": re.compile(f"^(?:{leading})"),
        "trailing": re.compile(f"(?:{trailing})$"),
        "stop": re.compile(f"[{_MARKS}、()（）\t]|{alt(lists['stop_after'])}"),
        "not_noun": re.compile(f"(?:{alt(lists['not_noun_after'])})"),
        "predicate": re.compile(f"(?:{alt(lists['predicate'])})"),
        "rank": re.compile(lists["rank_place"]),
        "field": re.compile(lists["rank_field"]),
        "change": re.compile(alt(lists["change_names"])),
        "inherit": re.compile(f"^(?!居民|居家)(?:{alt(lists['inherit'])}|占(?!地))"),
        "moved": re.compile(lists["moved_things"]),
        "framing": re.compile(f"(?:{alt(lists['leading'])})+"),
        "verb_behind": re.compile(alt(lists["verbs_behind"])),
    }


def assign(prose: Prose, mentions: list[Mention], roles: list[str]) -> list[str]:
    """Return the measure of each mention, in order; never empty unless the document gives no word at all."""
    measures: list[str] = []
    for i, mention in enumerate(mentions):
        previous = mentions[i - 1] if i else None
        name = ""
        if (
            previous
            and roles[i] in ("end", "target", "change")
            and roles[i - 1] == "start"
            and _is_near(prose, previous, mention)
        ):
            name = measures[i - 1] if roles[i] != "change" else ""
            behind = _behind(prose, mention, mentions[i + 1] if i + 1 < len(mentions) else None)
            if roles[i] == "end" and behind:
                name = measures[i - 1] = behind
        if not name:
            following = mentions[i + 1] if i + 1 < len(mentions) else None
            above = _antecedent(prose, mentions, i)
            name = _name(prose, mention, previous, following, measures[above] if above is not None else "")
        measures.append(name)
    _distribute(prose, mentions, roles, measures)
    for i, role in enumerate(roles[:-1]):
        # 在原基础（6个）上增至7个学科: the name stands behind the level that follows
        if role == "baseline" and _is_near(prose, mentions[i], mentions[i + 1]):
            measures[i] = measures[i + 1]
    return measures


def _distribute(prose: Prose, mentions: list[Mention], roles: list[str], measures: list[str]) -> None:
    """门诊8万、住院2万、手术1万，分别增长3%、4%和5%: hand the names to the shares or changes in their order."""
    i = 0
    while i < len(mentions):
        end = i + 1
        while end < len(mentions) and prose.text[mentions[end - 1].end : mentions[end].start] in (
            "、",
            "和",
            "及",
            "与",
        ):
            end += 1
        apart = _named_apart(prose, mentions[i], measures[i], end - i)
        if apart:
            measures[i:end] = apart
        named = _free_before(prose, mentions, i, end - i) if end - i > 1 and not apart else []
        if named and _shares_names(prose, mentions, roles, named, range(i, end)):
            measures[i:end] = [measures[j] for j in named]
        i = end


def _named_apart(prose: Prose, first: Mention, name: str, count: int) -> list[str]:
    """Return a name for each figure of a row (参加率、合格率分别为; 药品、耗材收入占比分别为), or nothing.

    The names end alike, or what the last one ends with is meant of each.
    """
    front = prose.text[prose.clause_start(first.start) : first.start]
    names = re.split("[、和与及]", name)
    if count < 2 or "分别" not in front or len(names) != count or not all(names):
        return []
    tail = next((tail for tail in wordlists.load("measures")["shared_tails"] if names[-1].endswith(tail)), "")
    if tail and len(names[-1]) > len(tail) and not any(one[-1] == tail[-1] for one in names[:-1]):
        return [*(one + tail for one in names[:-1]), names[-1]]
    ends = {one[-1] for one in names}
    return names if len(ends) == 1 and ends <= set("率数量比") and min(map(len, names)) > 2 else []


def _free_before(prose: Prose, mentions: list[Mention], i: int, count: int) -> list[int]:
    """Return the `count` mentions before the i-th, or none; where brackets hold one, the mention before them counts."""
    free: list[int] = []
    for j in range(i - 1, max(-1, i - 12), -1):
        between = prose.text[mentions[j].end : mentions[i].start]
        if between.count(")") <= between.count("("):
            free.insert(0, j)
        if len(free) == count:
            return free
    return []


def _shares_names(prose: Prose, mentions: list[Mention], roles: list[str], named: list[int], run: range) -> bool:
    """Tell whether the percentages of `run` speak of the figures `named` before them in the same sentence."""
    first = mentions[run[0]]
    front = prose.text[prose.clause_start(first.start) : first.start]
    own = _front(prose, first, None)
    is_unnamed = not own or _patterns()["inherit"].match(own) is not None
    is_said = "分别占" in front or (
        "分别" in front and is_unnamed and all(roles[j] in ("change", "target") for j in run)
    )
    sentence, _ = prose.sentence(first.start)
    return (
        is_said
        and mentions[named[0]].start >= sentence
        and all(mentions[j].unit in _SHARES for j in run)
        and all(mentions[j].unit not in _SHARES for j in named)
    )


def _is_near(prose: Prose, previous: Mention, mention: Mention) -> bool:
    return len(re.findall("[。；\n]", prose.text[previous.end : mention.start])) == 0


def _antecedent(prose: Prose, mentions: list[Mention], i: int) -> int | None:
    """Return the mention whose measure the i-th may inherit: the last one that is not shut away in brackets and does
    not count those among whom a place is held (在32家医院中排名第三)."""
    for j in range(i - 1, max(-1, i - 12), -1):
        between = prose.text[mentions[j].end : mentions[i].start]
        is_field = mentions[i].unit == "rank" and _patterns()["field"].fullmatch(between)
        if between.count(")") <= between.count("(") and not is_field:
            return j
    return i - 1 if i else None


def _name(prose: Prose, mention: Mention, previous: Mention | None, following: Mention | None, inherited: str) -> str:
    behind = _behind(prose, mention, following) if mention.unit in _COUNTED or mention.unit == "CNY" else ""
    front = _front(prose, mention, previous)
    is_near = previous is not None and _is_near(prose, previous, mention)
    if mention.unit == "rank" and not mention.rule.startswith("rank"):  # 上升11位: so many places of a rank
        is_move = not front or _patterns()["inherit"].match(front)
        return inherited if is_move and inherited else front or _words_behind(prose, mention)
    if mention.unit == "rank":
        cut = _patterns()["rank"].search(front)
        front = front[: cut.start()] if cut else front
        clause = max(prose.clause_start(mention.start, _MARKS), previous.end if previous else 0)
        # 综合排名进入前八, but not 排名第八 or 在32家医院中排名第三
        is_named = bool(re.search("(?<![中里内])排名", prose.text[clause + 1 : mention.start]))
        is_place = not is_named and len(front) <= 4 and front[-1:] not in "率量数值力比分名考" and inherited and is_near
        name = (
            inherited
            if is_place
            else front or (inherited if is_near else "") or _earlier(prose, mention, previous) or inherited
        )
        return name if name.endswith("排名") else name + "排名"
    if mention.unit == "grade":
        if front in wordlists.load("measures")["rating_words"]:  # 国考…，等级A: what is rated stands before
            return _earlier(prose, mention, previous) or inherited.removesuffix("排名") or front
        above = inherited.removesuffix("排名") if is_near else ""
        return front or above or _earlier(prose, mention, previous) or behind
    names_money = len(front) > 3 or front[-1:] in wordlists.load("measures")["money_endings"]
    is_tied = prose.text[mention.end : mention.end + 1] == "的" and len(front) > 3
    if behind and not is_tied and (mention.unit != "CNY" or not front or not names_money):
        return behind
    if mention.unit in _COUNTED and not front and _patterns()["verb_behind"].match(prose.text, mention.end):
        return _words_behind(prose, mention)
    if front:
        moves = _patterns()["inherit"].match(front) and not _patterns()["moved"].fullmatch(front)
        if moves and inherited and previous is not None and _is_near(prose, previous, mention):
            return _moved(front, inherited)
        return front
    if inherited and previous is not None and _is_near(prose, previous, mention):
        return _moved(prose.text[max(prose.clause_start(mention.start), mention.start - 8) : mention.start], inherited)
    return _earlier(prose, mention, previous) or behind or _words_behind(prose, mention) or inherited


def _words_behind(prose: Prose, mention: Mention) -> str:
    """Return what is said of a figure that nothing names: 996人报名参加."""
    words = re.match(f"[^{_MARKS}()（）]{{2,18}}", prose.text[mention.end : mention.end + 18])
    return words[0].strip("的 ") if words else ""


def _moved(front: str, inherited: str) -> str:
    """四级手术量 … 增幅达76% is the 增幅 of 四级手术量."""
    name = _patterns()["change"].search(front)
    return inherited + name[0] if name and not inherited.endswith(name[0]) else inherited


def _behind(prose: Prose, mention: Mention, following: Mention | None) -> str:
    """Return the noun behind the figure (12家顶尖医疗机构), or what it is said to be (7项为专科引领类项目)."""
    patterns = _patterns()
    limit = min(following.start if following else len(prose.text), mention.end + 40)
    after = prose.text[mention.end : limit]
    after = re.sub("^/[\u4e00-\u9fff]{1,2}", "", after)  # 31次/年
    if mention.unit == "CNY":
        after = re.sub(r"^\([^()]*\)", "", after)
    said = patterns["predicate"].match(after)
    if said:
        after = after[said.end() :]
    elif after.startswith("的"):
        after = after[1:]
    if not after or patterns["not_noun"].match(after):
        return ""
    quoted = re.match('[“"]([^”"]{2,16})[”"]', after)
    if quoted:
        return quoted[1]
    # 县(市)医院: brackets inside a name end it no more than they do in 副(正)高
    inner = re.match(r"[\u4e00-\u9fff]{1,2}\([^()\d]{1,4}\)(?=[\u4e00-\u9fff])", after)
    stop = patterns["stop"].search(after, inner.end() if inner else 0)
    # a verb inside a compound noun (手术室、通过率) does not end it
    noun = after[: stop.start()] if stop else after
    if len(noun) == 1 and stop and after[stop.start()] not in _MARKS + "、()（）":
        stop = re.search(f"[{_MARKS}、()（）]", after)
        noun = after[: stop.start()] if stop else after
    return noun.strip("的 ") if len(noun) >= 2 else ""


def _front(prose: Prose, mention: Mention, previous: Mention | None) -> str:
    """Return the words between the last mark (or the last figure) and this one, without framing words."""
    clause = prose.clause_start(mention.start, _MARKS)
    if previous is not None and previous.end > clause:
        clause = previous.end
    clause = max(clause, mention.start - _LONGEST)
    phrase = prose.text[clause : mention.start]
    opening = phrase.rfind("(")
    if opening >= 0 and ")" not in phrase[opening:]:
        phrase = phrase[opening + 1 :] or phrase[:opening]
    if phrase.startswith(")"):  # 治疗人次较2023年(4200人次)提高: the name stands before the brackets
        start = max(prose.clause_start(mention.start, _MARKS), clause - _LONGEST)
        named = prose.text[start : prose.text.rfind("(", start, mention.start)]
        if not re.search(r"\d(?!\d*年)", named):
            return _strip(_strip(phrase[1:]) or named)
    return _strip(phrase)


def _strip(phrase: str) -> str:
    patterns = _patterns()
    before = None
    while phrase and before != phrase:
        before = phrase
        phrase = patterns["leading"].sub("", phrase, count=1) if len(phrase) > 2 else phrase
        phrase = patterns["trailing"].sub("", phrase, count=1)
    phrase = phrase.strip('、的 ,“”"()')
    return "" if len(phrase) < 2 or patterns["framing"].fullmatch(phrase) else phrase


def _earlier(prose: Prose, mention: Mention, previous: Mention | None) -> str:
    """Return the clause before, for a figure that stands alone between commas."""
    clause = prose.clause_start(mention.start, _MARKS)
    sentence, _ = prose.sentence(mention.start)
    if clause - 1 <= sentence:
        return ""
    start = max(prose.clause_start(clause - 1, _MARKS), sentence, clause - _LONGEST)
    if previous is not None and previous.end > start:
        return ""
    return _strip(prose.text[start : clause - 1])[-20:]
