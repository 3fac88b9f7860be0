"""What span of time a claim covers, from its own words, its paragraph and the document's date."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from operator import attrgetter

from ingestion.narrative import wordlists
from ingestion.narrative.guards import Prose
from ingestion.narrative.mention import Mention
from ingestion.narrative.numerals import read_number

_ORDINAL = {c: i for i, c in enumerate("一二三四五六七八九", 1)}
_YEAR = r"(?:19|20)\d{2}"
_COUNT = r"[\d一二两三四五六七八九十几]"  # 三年内, 五年总生存率: in front of 年 it counts years
# 始建于1958年, 成立1962年, 1951年建院: the year a hospital began is not the year its text speaks in
_FOUNDED = rf"(?<![建立办]于)(?<!成立|创建|创办|始建)(?<!\d)({_YEAR})年(?!创[办建]|建院|建成|成立|始建)"


_TITLE = 70  # characters of a line that may still be a title
_REACH = 1500  # characters back to which an expression of time holds: a text may have no line break at all

_FOOT = 4  # paragraphs at the end of a document that may hold its date
_FIRST_MONTHS = 3  # months in which a report still speaks of the year before
_BEGINNING = 400  # characters in which a text says what it reports on
_OPENING = 4  # characters of a sentence before an expression that opens it (5.到2025年…；…)
_ENDS = ("底", "末", "年末", "年底", "期末")

_Add = Callable[[re.Match[str], str | None, bool], None]


@dataclass(frozen=True)
class Outlook:
    """The document's own date and nature.

    year        the year the document speaks in, or None
    span        years it reports on or plans for ('2021-2025', '2024'), or None
    is_plan     it states what shall be, not what was
    five_years  the five years that its 五年来 means
    """

    year: int | None
    span: str | None
    is_plan: bool
    five_years: str | None = None


@dataclass(frozen=True)
class Expression:
    """An expression of time in the text: what it says, whether it may hold for the sentences after it."""

    start: int
    end: int
    period: str
    carries: bool
    is_moment: bool = False  # 截至2020年底: how things stood then
    is_compared: bool = False  # 较2020年(1.12%): said of the figure in the brackets only


def plan_years(name: str) -> tuple[int, int] | None:
    """Return the years of a five-year plan by its name: 十四五 is (2021, 2025)."""
    found = re.fullmatch("(十?)([一二三四五六七八九])?五", name)
    if not found or not (found[1] or found[2]):
        return None
    number = (10 if found[1] else 0) + _ORDINAL.get(found[2], 0)
    start = 1951 + 5 * number
    return start, start + 4


def last_year(period: str) -> int:
    """Return the last year of '2023', '2025-08' or '2021-2025'."""
    return int(period[5:9]) if re.fullmatch(r"\d{4}-\d{4}", period) else int(period[:4])


def outlook(prose: Prose) -> Outlook:
    """Tell from title and dates what the document is and when it speaks."""
    lists = wordlists.load("roles")
    text = prose.text
    head = _title(prose)
    title = "\n".join(line for line in head.split("\n") if "。" not in line and len(line) < _TITLE)
    # 总结暨计划 is a report whose last section looks ahead: its headings tell which
    is_plan = _has(head, lists["plan_titles"]) and not _has(head, lists["report_titles"])
    start, end = prose.source.paragraphs[0] if prose.source.paragraphs else (0, 0)
    is_titled = end - start < _TITLE
    opening = None if is_titled else re.match(rf"(?:【[^】]*】)?({_YEAR})年(?:度|来)?，", text)
    if opening and _has(text[start:end], lists["report_titles"]):  # no title: the report begins with its year
        return Outlook(int(opening[1]), opening[1], False)
    # a year among others (2021—2025年) or with a month behind it, as of a date, is not the year reported on
    titled = re.search(rf"(?<![-~—–至到])({_YEAR})\s*(?:年(?!\d{{1,2}}月(?!至))|医院|工作)", title)
    spanned = _planned_years(head, title)
    past = [int(y) for y in re.findall(_FOUNDED, text)]
    if titled:
        year = int(titled[1])
        return Outlook(year, str(year), is_plan)
    if spanned:
        first, last = spanned
        if is_plan:
            return Outlook(first, f"{first}-{last}", True)
        spoken = min(max([y for y in past if y <= last + 1], default=last), last)
        return Outlook(spoken, None, False, f"{first}-{last}")
    written = _written(prose)
    if written and not is_plan:
        return _dated_outlook(prose, *written, _has(title, wordlists.load("periods")["yearly_titles"]))
    if is_plan:
        return Outlook(max(past, default=None), str(max(past)) if past else None, True)
    bare = re.search(rf"(?<![\d.-])({_YEAR})(?![\d.年-])", title.split("\n")[0])
    if bare:  # 数说医院的2025
        return Outlook(int(bare[1]), bare[1], is_plan)
    common = Counter(past)
    yearly = _has(title, wordlists.load("periods")["yearly_titles"])
    latest = max((y for y in past if common[y] > 1 or len(past) < 6), default=max(past, default=None))
    return Outlook(latest, str(latest) if yearly and latest else None, False)


def _written(prose: Prose) -> tuple[int, int] | None:
    """Return year and month in which a document says that it was written: a dated line of its head or its foot."""
    paragraphs = prose.source.paragraphs
    head = next((i for i, (start, end) in enumerate(paragraphs[:14]) if end - start > _TITLE), len(paragraphs[:14]))
    for start, end in [*paragraphs[:head], *paragraphs[max(head, len(paragraphs) - _FOOT) :]]:
        found = _patterns()["dated"].search(prose.text, start, end) if end - start <= _TITLE else None
        if found and "，" not in prose.text[start:end]:
            return int(found["year"]), int(found["month"])
    return None


def _dated_outlook(prose: Prose, year: int, month: int, is_yearly: bool) -> Outlook:
    """A report written early in a year on the year before speaks of that one."""
    if month > _FIRST_MONTHS:
        return Outlook(year, str(year) if is_yearly else None, False)
    if is_yearly:
        return Outlook(year - 1, str(year - 1), False)
    is_review = _has(prose.text[:_BEGINNING], wordlists.load("periods")["reviewed_year"])
    return Outlook(year, str(year - 1) if is_review else None, False)


def _planned_years(head: str, title: str) -> tuple[int, int] | None:
    """Return the first and last year that the head of a document names, by a plan's name or as 2021—2025年."""
    plan = re.search('[“"]?(十[一二三四五六七八九]?五)[”"]?', head)
    years = re.search(rf"({_YEAR})年?[-~—–至到]+({_YEAR})年", title)
    named = plan_years(plan[1]) if plan else None
    return named or ((int(years[1]), int(years[2])) if years else None)


def _title(prose: Prose) -> str:
    """Return the first lines up to the first long paragraph: title and heading of the document."""
    parts: list[str] = []
    for start, end in prose.source.paragraphs[:14]:
        if end - start > _TITLE and parts:
            break
        parts.append(prose.text[start:end][:_TITLE])
    return "\n".join(parts)


def _has(text: str, words: list[str]) -> bool:
    return any(word in text for word in words)


def heading_year(prose: Prose, at: int) -> str | None:
    """Return the year that the nearest heading above names (三、2024年工作计划), or None."""
    found = prose.last_heading(at, _patterns()["headed"])
    return found[1] if found else None


def heading_plan(prose: Prose, at: int) -> str | None:
    """Return the years of the plan that the nearest heading above names (“十三五”时期的成就), or None."""
    nearest = prose.last_heading(at, _patterns()["any"])
    found = _patterns()["plan"].search(prose.text, nearest.start(), nearest.end()) if nearest else None
    years = plan_years(found["plan"]) if found else None
    return f"{years[0]}-{years[1]}" if years else None


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    lists, alt = wordlists.load("periods"), wordlists.alternatives
    words = {
        "stock": "stock_words",
        "weak": "weak_stock_words",
        "this": "this_year",
        "last": "last_year",
        "next": "next_year",
        "new": "new_year",
        "back": "years_back",
        "ahead": "years_ahead",
    }
    patterns = {name: re.compile(alt(lists[key])) for name, key in words.items()}
    patterns["this"] = re.compile(f"(?<!{_COUNT})(?:{alt(lists['this_year'])})")  # not 三年内
    patterns |= {name: re.compile(pattern) for name, pattern in lists["patterns"].items()}
    # 较2020年, but not 占比到2025年
    patterns["beside"] = re.compile("(?:[较与超同]|(?<!占)比)$")
    patterns["any"] = re.compile(".+")
    patterns["headed"] = re.compile(rf"({_YEAR})年")
    patterns["spoken_in"] = re.compile(_FOUNDED)
    patterns["flow"] = re.compile(f"(?<!规范化)(?!{alt(lists['flow_nouns'])})(?:{alt(lists['flow_verbs'])})")
    patterns["each"] = re.compile(alt(lists["each_year"]))
    patterns["annual"] = re.compile(f"(?<!{_COUNT})(?:{alt(lists['annual_words'])})|{lists['patterns']['bare_annual']}")
    return patterns


def expressions(prose: Prose, view: Outlook) -> list[Expression]:
    """Return the expressions of time of a document in order."""
    found: list[Expression] = []
    text = prose.text
    taken = bytearray(len(text) + 1)

    def add(match: re.Match[str], period: str | None, carries: bool) -> None:
        if period and not any(taken[match.start() : match.end()]):
            taken[match.start() : match.end()] = b"\1" * (match.end() - match.start())
            is_beside = patterns["beside"].search(text, max(0, match.start() - 2), match.start()) is not None
            if (is_beside and text[match.end() : match.end() + 1] != "(") or re.match(
                r"的[\d.]{1,6}倍", text[match.end() : match.end() + 8]
            ):
                return  # 较2021年, 是2021年的3倍: what is compared with, not the time of the figure
            words = match.groupdict()
            is_moment = words.get("until") in ("截至", "截止") or words.get("tail") in _ENDS
            found.append(
                Expression(match.start(), match.end(), period, carries and not is_beside, is_moment, is_beside)
            )

    patterns = _patterns()
    for match in patterns["range"].finditer(text):
        add(match, f"{match['from']}-{match['to']}", True)
    for match in patterns["months"].finditer(text):
        add(match, match["year"], True)
    for match in patterns["bare_months"].finditer(text):
        add(match, str(view.year) if view.year else None, True)
    for match in patterns["month"].finditer(text):
        month = f"{match['year']}-{int(match['month']):02d}"
        add(match, f"{match['year']}-{view.year}" if match["since"] and view.year else month, False)
    for match in patterns["year"].finditer(text):
        if patterns["spoken_in"].match(text, match.start("year")):
            add(match, _of_year(match, view), _opens_paragraph(prose, match.start()) or _is_label(prose, match.end()))
    for match in patterns["plan"].finditer(text):
        years = plan_years(match["plan"])
        is_marked = match["tail"] in ("收官", "开局") and re.match("之?年", text[match.end() : match.end() + 2])
        if years and match["tail"] and not is_marked:  # 2025年是“十四五”收官之年 speaks of one year
            add(match, str(years[1]) if match["tail"] in _ENDS else f"{years[0]}-{years[1]}", True)
    if view.year:
        _relative(prose, view, view.year, add)
    return sorted(found, key=lambda e: e.start)


def _of_year(match: re.Match[str], view: Outlook) -> str:
    year = int(match["year"])
    if match["tail"] in ("以来", "至今", "起") and view.year and view.year > year:
        return f"{year}-{view.year}"
    is_now = match["until"] in ("截至", "截止") or match["tail"] in _ENDS
    return f"as_of:{year}" if is_now and year == view.year and not view.is_plan else str(year)


def _relative(prose: Prose, view: Outlook, year: int, add: _Add) -> None:
    """Add what is said relative to the document's year: 去年, 五年来, 8月."""
    text, patterns, lists = prose.text, _patterns(), wordlists.load("periods")
    ahead = view.span if view.is_plan and view.span and "-" in view.span else f"{year + 1}-{year + 5}"
    back = view.five_years or (f"{year - 5}-{year - 1}" if view.is_plan else f"{year - 4}-{year}")
    for match in patterns["back"].finditer(text):
        add(match, back, True)
    for match in patterns["some_years"].finditer(text):
        count = read_number(match["count"])
        last = year - 1 if view.is_plan else year
        add(match, f"{last - int(count) + 1}-{last}" if count and 1 < count < 40 else None, True)
    for match in patterns["ahead"].finditer(text):
        add(match, ahead, True)
    for match in patterns["last"].finditer(text):
        if not re.search(r"[较比与和]$", text[max(0, match.start() - 1) : match.start()]):
            add(match, str(year - 1), _opens_paragraph(prose, match.start()))
    for match in patterns["next"].finditer(text):
        add(match, str(year + 1), _opens_paragraph(prose, match.start()))
    for match in patterns["new"].finditer(text):
        reported = int(view.span) if view.span and len(view.span) == 4 else year
        add(match, str(year if view.is_plan else reported + 1), _opens_paragraph(prose, match.start()))
    for match in patterns["this"].finditer(text):
        # 年内 in a section on next year, or behind 2024年，力争…, is that year
        headed = _year_named(prose, match.start()) or heading_year(prose, match.start())
        is_reported = view.span is not None and len(view.span) == 4 and match[0] not in lists["year_of_writing"]
        spoken = view.span if is_reported and view.span and int(view.span) < year else str(year)
        period = headed if headed and int(headed) > year else spoken
        add(match, period, _opens_paragraph(prose, match.start()))
    for match in patterns["bare_month"].finditer(text):
        near = re.findall(rf"(?<![较比、])({_YEAR})年", text[max(0, match.start() - 300) : match.start()])
        add(match, f"{near[-1] if near else year}-{int(match['month']):02d}", False)


def _year_named(prose: Prose, at: int) -> str | None:
    """Return the year that opens a sentence in front of a place in the same paragraph, the last one, or None."""
    start = max(prose.text.rfind("\n", max(0, at - _REACH), at) + 1, at - _REACH)
    found = re.findall(rf"(?:^|[。；])({_YEAR})年(?:度|内)?，", prose.text[start:at])
    return found[-1] if found else None


def _opens_paragraph(prose: Prose, at: int) -> bool:
    return "\n" in prose.text[max(0, at - 2) : at] or at < 3


def _is_label(prose: Prose, end: int) -> bool:
    """第一步（2022年）：what follows is said of that year."""
    return bool(re.match(r"度?\):", prose.text[end : end + 3]))


def period_of(prose: Prose, mention: Mention, role: str, view: Outlook, times: list[Expression]) -> str | None:
    """Return the period of one claim, normalised as '2023', '2021-2025', '2025-08', 'annual', 'as_of:2025' or None.

    The nearest expression of its own clause or sentence decides; an expression that opens a paragraph or names a
    plan holds on for the sentences behind it; without any, the document's nature does.
    """
    patterns, lists = _patterns(), wordlists.load("periods")
    clause = prose.clause_start(mention.start)
    segment = max(prose.clause_start(mention.start, "。；！？\n"), mention.start - _REACH)
    paragraph = max(prose.text.rfind("\n", max(0, mention.start - _REACH), mention.start) + 1, mention.start - _REACH)
    before = prose.text[max(clause, mention.start - 60) : mention.start]
    # only what stands in the same paragraph, in front of the figure, or in what introduces it
    introducing = _between(times, *prose.introduction(mention.start))
    times = [replace(t, carries=True) for t in introducing] + _between(times, paragraph, mention.start)
    times = [
        t for t in times if not _is_shut_away(prose, t, mention) and (role == "start" or not _is_of_start(prose, t))
    ]
    sentence, _ = prose.sentence(mention.start)
    here = [t for t in times if segment <= t.start]
    own = here or [t for t in times if 0 <= t.start - sentence <= _OPENING]
    if role == "target":
        if not here and patterns["annual"].search(before):
            return "annual"
        return _target_period(own, times, view, heading_year(prose, mention.start))
    if view.year and role in ("start", "end") and patterns["now"].search(before):
        return f"as_of:{view.year}"
    if own and own[-1].start >= clause:
        return _since(prose, mention, own[-1], view)
    if patterns["annual"].search(before) and role != "change" and mention.unit != "rank":
        return "annual"
    if role == "start":
        return None
    moments = [t.period for t in times if t.is_moment]
    if own and own[-1].is_moment:
        return moments[-1]
    as_of = moments[-1] if moments else f"as_of:{view.year}" if view.year else None
    is_share = mention.unit in ("%", "permille", "percentage_point")
    is_flow = bool(patterns["flow"].search(before)) or mention.unit in lists["timeless_units"]
    if not is_share and (
        patterns["stock"].search(before)
        or (not is_flow and patterns["stock"].search(prose.text, segment, mention.start))
    ):
        return as_of
    is_stock = role != "change" and (mention.unit in lists["stock_units"] or bool(patterns["weak"].search(before)))
    near = own[-1] if own else None
    if role != "change" and patterns["each"].search(
        prose.text, max(near.end, segment) if near else segment, mention.start
    ):
        return "annual"  # 近五年来…，每年接收…、培养…
    if near and len(near.period) == 9 and near.carries and mention.unit not in lists["stock_units"]:
        return near.period  # 近五年来，承担课题22项
    if near and (
        is_flow
        or mention.unit in ("rank", "grade")
        or (not is_stock and (near.carries or near.start - segment in range(_OPENING)))
    ):
        return _since(prose, mention, near, view)
    if is_stock and not (is_flow and mention.unit != "rank"):
        return as_of
    spoken_of = prose.text[max(sentence, mention.start - _REACH) : mention.start]
    is_of_flow = is_flow or is_share or bool(patterns["flow"].search(spoken_of))
    if not is_of_flow and not (near or spoken_of.startswith(("其中", "包括")) or view.span):
        return as_of
    carried = [t for t in times if t.start < segment and t.carries]
    if carried and (is_flow or not is_stock) and not (is_share and role != "change"):
        return _since(prose, mention, carried[-1], view)
    if view.span and not view.is_plan:
        return view.span
    if is_of_flow:
        return heading_plan(prose, mention.start) or (None if is_flow or is_share else as_of)
    return as_of


def _between(times: list[Expression], start: int, end: int) -> list[Expression]:
    first, last = (bisect_left(times, place, key=attrgetter("start")) for place in (start, end))
    return times[first:last]


def _is_shut_away(prose: Prose, time: Expression, mention: Mention) -> bool:
    """（去年同期43%），平均住院日7天: what brackets hold says nothing about what follows them."""
    between = prose.text[time.end : mention.start]
    return between.count(")") > between.count("(") - time.is_compared + _is_label(prose, time.end)


def _is_of_start(prose: Prose, time: Expression) -> bool:
    """由2020年的1500张增至2600张: the year is that of the figure it stands before, and of no other."""
    return len(time.period) == 4 and prose.text[time.start - 1 : time.start] in ("由", "从")


def _target_period(own: list[Expression], times: list[Expression], view: Outlook, heading: str | None) -> str | None:
    named = [t for t in own if t.is_moment or not t.period.startswith("as_of")]
    if named:
        return named[-1].period.removeprefix("as_of:")
    ahead = [
        t
        for t in times
        if t.carries and not t.period.startswith("as_of") and view.year and last_year(t.period) >= view.year
    ]
    if ahead:
        return ahead[-1].period
    if heading and view.year and int(heading) >= view.year:
        return heading
    return view.span if view.is_plan else None


def _since(prose: Prose, mention: Mention, time: Expression, view: Outlook) -> str:
    """累计 behind a date of beginning runs from then to the document's year."""
    between = prose.text[max(time.end, prose.clause_start(mention.start, "。；\n")) : mention.start]
    if (
        view.year
        and re.fullmatch(r"\d{4}(?:-\d{2})?", time.period)
        and int(time.period[:4]) < view.year
        and ("累计" in between)
    ):
        return f"{time.period[:4]}-{view.year}"
    return time.period
