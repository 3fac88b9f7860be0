"""Finding the figures of prose that are quantities, and reading their value, unit and comparator.

Each rule family yields mentions over the clean text; the first one to claim a stretch keeps it. Guards refuse
dates, names, models and figures of speech. The rule that decided is kept with the mention.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache

from ingestion.narrative import guards, numerals, wordlists
from ingestion.narrative.graded import grade_mentions, rank_mentions
from ingestion.narrative.guards import Prose
from ingestion.narrative.mention import Mention
from ingestion.narrative.numerals import plain, read_number
from ingestion.narrative.quantities import comparison, comparisons, read_spelled, spelled_percent
from ingestion.narrative.units import Unit, in_context, is_contextual, read_unit, surfaces

# A numeral begins where no other one goes on, and 成 before it is a verb (完成两万例), not tenths (三成五).
_NOT_PART_OF = f"(?<![{numerals.DIGITS}])(?:(?<!成)|(?<=[完达建形组]成))"


@cache
def _figure_pattern() -> re.Pattern[str]:
    lists = wordlists.load("comparators")
    alt = wordlists.alternatives
    prefix, infix, suffix = comparisons("prefix", guarded=True), comparisons("infix"), comparisons("suffix")
    followers = wordlists.load("units")["not_followed"]
    unit = "|".join(re.escape(word) + (f"(?![{followers[word]}])" if word in followers else "") for word in surfaces())
    number = rf"(?:(?<![\d.]){numerals.ARABIC}|(?<![数几好若上百千万亿十第]){_NOT_PART_OF}{numerals.CHINESE}|半)"
    scale = numerals.SCALE_WORD
    return re.compile(
        rf"(?:(?P<prefix>{prefix})(?:{_glue()})?)?(?P<low>{number})(?P<scale>{scale})?"
        rf"(?:(?P<unit_low>{unit})?(?P<joint>{alt(lists['range'])})(?P<high>{number})(?P<scale_high>{scale})?)?"
        rf"(?P<infix>{infix})?(?P<late_scale>{scale})?(?: ?(?P<unit>{unit}))?(?P<suffix>{suffix})?"
    )


_DOUBLING = re.compile(r"翻(?:了)?(?P<times>[一两二三])?番|翻倍")


def find(prose: Prose) -> list[Mention]:
    """Return the quantities of a document in order; they do not overlap."""
    taken: list[Mention] = []
    occupied = bytearray(len(prose.text) + 1)
    families: tuple[Callable[[Prose], Iterator[Mention]], ...] = (
        rank_mentions,
        grade_mentions,
        _spelled,
        _ratios,
        _durations,
        _figures,
    )
    for family in families:
        for mention in family(prose):
            if not any(occupied[mention.start : mention.end]):
                occupied[mention.start : mention.end] = b"\1" * (mention.end - mention.start)
                taken.append(mention)
    return list(_inheriting(prose, sorted(taken, key=lambda m: m.start)))


def _inheriting(prose: Prose, mentions: list[Mention]) -> Iterator[Mention]:
    """A counter of several meanings has the one its figure before had, where no noun of its own follows.

    床位由1500张增加到2600张: both are beds; 手术8000台，其中介入120台: both are cases.
    """
    last: dict[str, Mention] = {}
    for mention in _sharing_bounds(prose, _sharing_points(prose, mentions)):
        surface = (mention.unit_raw or "").lstrip("万亿")
        if is_contextual(surface):
            before = last.get(surface)
            has_noun = re.match("的?(?![和与及或])[\u4e00-\u9fff]", prose.text[mention.end : mention.end + 2])
            if (
                before is not None
                and not has_noun
                and mention.unit in ("count", "person")
                and not re.search("[。；\n]", prose.text[before.end : mention.start])
            ):
                mention = replace(mention, unit=before.unit, rule=f"{mention.rule}, as the figure before")
            last[surface] = mention
        yield mention


def _sharing_points(prose: Prose, mentions: list[Mention]) -> list[Mention]:
    """分别提升3个和5个百分点: the unit stands once, behind the last figure of the row."""
    shared = list(mentions)
    for i in range(len(shared) - 2, -1, -1):
        one, other = shared[i], shared[i + 1]
        if (
            other.unit == "percentage_point"
            and one.unit_raw == "个"
            and prose.text[one.end : other.start] in ("、", "和", "及", "与")
        ):
            shared[i] = replace(one, unit=other.unit, unit_raw=other.unit_raw, rule=f"{one.rule}, as the figure behind")
    return shared


def _sharing_bounds(prose: Prose, mentions: list[Mention]) -> list[Mention]:
    """分别不低于90%、95%, 分别控制在40%和15%以下: one bound, in front of the row or, if upper, behind it."""
    shared = list(mentions)
    rows = [i for i in range(1, len(shared)) if _is_row(prose, shared[i - 1], shared[i])]
    for i in rows:
        if _bound_in_front().match(prose.text, shared[i - 1].start) or shared[i - 1].rule.endswith(_OF_ROW):
            shared[i] = _bounded(shared[i], shared[i - 1].comparator)
    for i in reversed(rows):
        if shared[i].comparator in ("<", "<=") and not _bound_in_front().match(prose.text, shared[i].start):
            shared[i - 1] = _bounded(shared[i - 1], shared[i].comparator)
    return shared


_OF_ROW = ", bound of its row"


def _bounded(mention: Mention, comparator: str) -> Mention:
    if comparator in ("=", "~", "range") or mention.comparator != "=":
        return mention
    return replace(mention, comparator=comparator, rule=mention.rule + _OF_ROW)


@cache
def _bound_in_front() -> re.Pattern[str]:
    return re.compile(comparisons("prefix"))


def _is_row(prose: Prose, one: Mention, other: Mention) -> bool:
    clause = prose.clause_start(one.start)
    return (
        one.unit == other.unit
        and prose.text[one.end : other.start] in ("、", "和", "及", "与")
        and "分别" in prose.text[clause : one.start]
    )


def _spelled(prose: Prose) -> Iterator[Mention]:
    """百分之九十五, 九成以上, 翻一番."""
    for found in _DOUBLING.finditer(prose.text):
        if not guards.refusal(prose, found.start(), found.end()):
            times = read_number(found["times"]) if found["times"] else None
            value = 2 ** int(times) if times else 2
            yield Mention(found.start(), found.end(), value, unit="ratio", unit_raw="倍", rule="doubling")
    for found in spelled_percent(guarded=True).finditer(prose.text):
        read = None if guards.refusal(prose, found.start(), found.end()) else read_spelled(found)
        if read:
            low, high, unit, comparator = read
            yield Mention(
                found.start(),
                found.end(),
                plain(low),
                None if high is None else plain(high),
                unit=unit,
                unit_raw="%",
                comparator=comparator,
                rule="spelled percentage",
            )


_FROM = re.compile(r"[从由自][^，。；]{0,15}$")


def _ratios(prose: Prose) -> Iterator[Mention]:
    """1:1.5 behind a word that names a ratio (医护比, 床护比)."""
    ratios, bound = _ratio_patterns()
    for found in ratios.finditer(prose.text):
        first, end = found.span()
        before = prose.text[max(0, first - 12) : first]
        if not re.search(r"比(?:例|值)?[^，。；]{0,6}$", before) or guards.refusal(prose, first, end):
            continue
        # looked for from the ratio backwards: a prefix that may be absent would be tried at every character
        said = bound.search(prose.text, max(0, first - 8), first)
        start = said.start() if said else first
        left, right = float(found["left"]), float(found["right"])
        value = right if left == 1 else left if right == 1 else left / right if right else None
        if value is not None and not guards.is_yardstick(prose, start):
            value = int(value) if value == int(value) else value
            comparator = comparison(said["prefix"] if said else None, found["suffix"], None)
            yield Mention(start, end, value, unit="ratio", unit_raw="比", comparator=comparator, rule="ratio")


@cache
def _ratio_patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the pattern of a ratio with what may follow it, and that of a bound in front of it."""
    return (
        re.compile(
            r"(?<![\d:.])(?P<left>\d+(?:\.\d+)?)[:比](?P<right>\d+(?:\.\d+)?)(?![\d:]|\.\d)"
            rf"(?P<suffix>{comparisons('suffix')})?"
        ),
        re.compile(rf"(?P<prefix>{comparisons('prefix', guarded=True)})(?:{_glue()})?$"),
    )


def _glue() -> str:
    return wordlists.alternatives(wordlists.load("comparators")["glue"])


def _figures(prose: Prose) -> Iterator[Mention]:
    text = prose.text
    at = 0
    while found := _figure_pattern().search(text, at):
        if found["joint"] in ("至", "到") and _FROM.search(text, max(0, found.start() - 16), found.start()):
            # 从14个至23个 states a change, not a range: its two figures are read one by one
            found = _figure_pattern().match(text, found.start(), found.start("joint")) or found
        mention = _figure(prose, found)
        if mention is not None:
            yield mention
        at = max(found.end(), at + 1)


def _figure(prose: Prose, found: re.Match[str]) -> Mention | None:
    """Read one match of the figure grammar, or None where a guard refuses it."""
    text, start, end = prose.text, found.start(), found.end()
    low_start = found.start("low")
    is_chinese = not found["low"][0].isdigit()
    is_range = bool(found["high"])
    surface = found["unit"] or found["unit_low"]
    reason = guards.refusal(prose, low_start, end)
    if reason or (is_chinese and not guards.chinese_counts(prose, found, surface)):
        return None
    scale_high = found["scale_high"] or (found["late_scale"] if is_range else "") or ""
    low_scale = (
        found["scale"] or ("" if found["unit_low"] else scale_high) or ("" if is_range else found["late_scale"]) or ""
    )
    low = read_number(found["low"] + low_scale)
    high = read_number(found["high"] + scale_high) if is_range else None
    if low is None or (is_range and (high is None or high <= low)):
        return None
    comparator = "range" if is_range else comparison(found["prefix"], found["suffix"], found["infix"])
    rule = f"figure with unit {surface}" if surface else ""
    factor: Decimal
    name: str | None
    unit_raw: str | None
    scale_word = found["late_scale"] or scale_high or found["scale"] or ""
    if surface:
        unit = read_unit(surface)
        if unit is None or guards.unit_refusal(prose, found, surface, unit.name):
            return None
        clause = max(prose.clause_start(start, "，。；：\n！？:、(（"), start - 30)
        unit = in_context(unit, text[clause:start], text[end : end + 8])
        factor, name, unit_raw = unit.factor, unit.name, _written_unit(scale_word, surface)
    else:
        implied = guards.implied_unit(prose, found, bool(scale_word) or not found["low"][-1].isdigit(), is_chinese)
        factor, unit_raw = Decimal(1), scale_word or None
        if implied is None:
            shared = _unit_of_end(prose, found, low) if not is_chinese and not is_range else None
            if shared is None:
                return None
            implied, factor = (shared[0].name, f"unit {shared[0].surface} of the end of its change"), shared[1]
        name, rule = implied
    if comparator == "=":
        comparator = _before_verb(text[max(prose.clause_start(start), start - 6) : start]) or comparator
    first, comparator = _with_front(prose, found, comparator, name)
    if name in _SPANS and comparator == "=" and re.match("内(?![科外镜容])", text[end : end + 2]):
        end, comparator = end + 1, "<="  # 30分钟内
    if surface == "倍" and comparator == "=" and re.match("多(?:[，。；、)]|$)", text[end : end + 2]):
        end, comparator = end + 1, ">"  # 两倍多
    if first == start and _is_negative(text, start) and not is_range:
        first, low = start - 1, -low
    return Mention(
        first,
        end,
        plain(low * factor),
        None if high is None else plain(high * factor),
        unit=name,
        unit_raw=unit_raw,
        comparator=comparator,
        rule=rule,
    )


def _unit_of_end(prose: Prose, found: re.Match[str], low: Decimal) -> tuple[Unit, Decimal] | None:
    """由4100增至9300人次: return the unit that stands once, behind the end of the change, and the factor to its base.

    A scale word there is meant of the start too where that would else be a hundred times the end (1.2增至3.5万).
    """
    text = prose.text
    clause = prose.clause_start(found.start())
    if not _FROM.search(text, max(clause, found.start() - 16), found.start()):
        return None
    change = _change_ahead().match(text, found.end())
    ahead = _figure_pattern().match(text, change.end()) if change else None
    surface = ahead["unit"] if ahead else None
    unit = read_unit(surface) if surface else None
    if ahead is None or unit is None or guards.refusal(prose, ahead.start("low"), ahead.end()):
        return None
    scale = ahead["scale"] or ahead["late_scale"] or ""
    end, scaled = read_number(ahead["low"]), read_number(ahead["low"] + scale)
    is_scaled = end is not None and scaled is not None and end > 0 and not found["scale"] and low < end * 100
    unit = in_context(unit, text[clause : found.start()], text[ahead.end() : ahead.end() + 8])
    return unit, unit.factor * (scaled / end if is_scaled and scaled and end else 1)


@cache
def _change_ahead() -> re.Pattern[str]:
    words = [word for word in wordlists.load("roles")["to_words"] if len(word) > 1]
    return re.compile(
        f"[^，。；\\d]{{0,6}}(?:{wordlists.alternatives(words)})(?:(?:19|20)\\d{{2}}年的?|目前的?|现在的?)?"
    )


@cache
def _verb_patterns() -> dict[str, re.Pattern[str]]:
    words = wordlists.load("comparators")["before_verb"]
    return {
        comparator: re.compile(f"(?:{wordlists.alternatives(listed)})[\u4e00-\u9fff]{{2,4}}$")
        for comparator, listed in words.items()
    }


def _before_verb(before: str) -> str | None:
    """至少开展1次: the comparison stands in front of the verb."""
    return next((comparator for comparator, found in _verb_patterns().items() if found.search(before)), None)


_SPANS = ("second", "minute", "hour", "day", "week", "month")


def _with_front(prose: Prose, found: re.Match[str], comparator: str, unit: str | None) -> tuple[int, str]:
    """前10% is a place among the first: at most."""
    if unit == "%" and prose.text[found.start() - 1 : found.start()] == "前" and comparator == "=":
        return found.start() - 1, "<="
    return found.start(), comparator


def _is_negative(text: str, start: int) -> bool:
    """A minus sign, not a dash of a range or of a name: 增幅为-1.3%."""
    return bool(re.search("[为、至到达是了比(]-$", text[max(0, start - 2) : start]))


_WITH_HALF = re.compile(
    rf"(?<![\d.:{numerals.DIGITS}{numerals.MULTIPLIERS}])(?:(?P<whole>\d+|{numerals.CHINESE})个半(?:小时|钟头)"
    rf"|(?P<days>\d+|{numerals.CHINESE})天半)"
)


def _durations(prose: Prose) -> Iterator[Mention]:
    """11分26秒 and 2小时30分: one time, in the larger unit; 两个半小时 and 7天半: with its half."""
    pattern = re.compile(r"(?<![\d.:])(\d+)(小时|分钟?)(\d+)(分钟?|秒)(?!之)")
    for found in pattern.finditer(prose.text):
        if (found[2] == "小时") == (found[4] != "秒") and not guards.refusal(prose, found.start(), found.end()):
            value = round(int(found[1]) + int(found[3]) / 60, 4)
            yield Mention(
                found.start(),
                found.end(),
                value,
                unit="hour" if found[2] == "小时" else "minute",
                unit_raw=found[2] + found[4],
                rule="time in two units",
            )
    for found in _WITH_HALF.finditer(prose.text):
        whole = read_number(found["whole"] or found["days"])
        if whole is not None and not guards.refusal(prose, found.start(), found.end()):
            yield Mention(
                found.start(),
                found.end(),
                plain(whole + Decimal("0.5")),
                unit="hour" if found["whole"] else "day",
                unit_raw="小时" if found["whole"] else "天",
                rule="time with its half",
            )


def _written_unit(scale: str, surface: str) -> str:
    return scale + surface if scale in ("万", "亿") else surface
