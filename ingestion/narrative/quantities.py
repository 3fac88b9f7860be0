"""Reading of a cell that holds one figure, shared by forms and targets. Every normalisation made is named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from ingestion.narrative import numerals, wordlists
from ingestion.narrative.numerals import Number, plain, read_number
from ingestion.narrative.units import Unit, rate, read_unit, surfaces

_TAGS = re.compile(r"<[^<>]{0,40}>")
_MOST_DECIMALS = 15
_ENTITIES = {"&nbsp;": " ", "&lt;": "<", "&gt;": ">", "&amp;": "&", "&#160;": " "}


@dataclass(frozen=True)
class Quantity:
    """One figure of a cell.

    value        in the unit the form declares (or, without one, in base units)
    value_high   upper bound of a range, else None
    base_value   value with the declared scale multiplied out (250 in a 万元 column is 2500000)
    unit         canonical unit, the declared one first, else the one written in the cell, else None
    comparator   '=', '>=', '>', '<=', '<', '~' or 'range'
    parts        (left, right) of a ratio such as 1/1.55, else None; value is then the side that is not one
    notes        names of the normalisations made, in the order they were made
    """

    raw: str
    value: Number
    unit: str | None = None
    comparator: str = "="
    value_high: Number | None = None
    base_value: Number | None = None
    base_value_high: Number | None = None
    parts: tuple[Number, Number] | None = None
    unit_raw: str | None = None
    notes: tuple[str, ...] = ()


def tidy(raw: str) -> tuple[str, list[str]]:
    """Return `raw` half-width, without markup, line breaks or stray spaces, and notes of what was changed.

    Spaces between figures vanish; a space between two Latin words stays.
    """
    notes: list[str] = []

    def step(text: str, changed: str, note: str) -> str:
        if changed != text:
            notes.append(note)
        return changed

    text = str(raw)
    unmarked = _TAGS.sub("", text)
    for entity, plain_text in _ENTITIES.items():
        unmarked = unmarked.replace(entity, plain_text)
    text = step(text, unmarked.replace("**", ""), "markup")
    text = step(text, numerals.half_width(text), "full_width")
    text = text.strip()
    text = step(text, re.sub(r"(?<![A-Za-z])\s+|\s+(?![A-Za-z])", "", text), "space_inside")
    text = step(text, re.sub(r"%{2,}", "%", text), "doubled_percent")
    text = step(text, re.sub(r"^([-+]?)\.(?=\d)", r"\g<1>0.", text), "leading_point")
    cheque = wordlists.load("numerals")["of_cheques"]
    if re.match(f"[{''.join(cheque)}]{{2}}|[{''.join(cheque)}][万亿]", text):
        text = step(text, text.translate(str.maketrans(cheque)), "cheque_numeral")
    return text, notes


def is_empty(raw: Any) -> bool:
    """Tell whether a cell says nothing: blank, or a mark such as ``/`` or ``--``."""
    if raw is None or raw != raw:
        return True
    text = tidy(str(raw))[0].lower()
    return not text or text in wordlists.load("numerals")["empty"]


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    lists = wordlists.load("comparators")
    prefix, infix, suffix = (comparisons(place) for place in ("prefix", "infix", "suffix"))
    joint = wordlists.alternatives(lists["range"])
    scale, unit = numerals.SCALE_WORD, wordlists.alternatives(surfaces())
    number = f"(?:{numerals.ARABIC}|{numerals.CHINESE}|半)"
    high = f"(?:(?P<unit_low>{unit})?(?:{joint})(?P<high>{number})(?P<scale_high>{scale})?)?"
    return {
        "figure": re.compile(
            f"(?P<prefix>(?:{prefix})(?:{wordlists.alternatives(lists['glue'])})?)?(?P<sign>[-+−负])?(?P<low>{number})"
            f"(?P<scale>{scale})?{high}(?P<infix>{infix})?(?P<late_scale>{scale})?(?P<unit>{unit})?"
            f"(?P<suffix>{suffix})?"
        ),
        "ratio": re.compile(r"(?P<left>\d+(?:\.\d+)?)(?P<sign>[:/比∶])(?P<right>\d+(?:\.\d+)?)"),
    }


@cache
def comparisons(place: str, guarded: bool = False) -> str:
    """Return the pattern of the words that change how a figure is compared at a `place`; `guarded`, in prose, not
    where a letter before them makes another word of them (节约300万元)."""
    lists = wordlists.load("comparators")
    words = {word for words in lists[place].values() for word in words}
    banned = lists["not_after"] if guarded else {}
    return "|".join(
        (f"(?<![{banned[word]}])" if word in banned else "") + re.escape(word)
        for word in sorted(words, key=lambda word: (-len(word), word))
    )


@cache
def spelled_percent(guarded: bool = False) -> re.Pattern[str]:
    """Return the pattern of a share in words: 百分之九十五, 千分之三, 七成六; groups as `read_spelled` takes them."""
    lists = wordlists.load("comparators")
    number = f"{numerals.ARABIC}|{numerals.CHINESE}"
    tenth = r"(?<![\d.])\d{1,2}(?:\.\d{1,2})?|[一二两三四五六七八九十半](?:点[一二三四五六七八九])?"
    return re.compile(
        f"(?P<prefix>(?:{comparisons('prefix', guarded)})(?:{wordlists.alternatives(lists['glue'])})?)?(?P<sign>负)?"
        f"(?:(?P<of>[百千万])分之(?P<number>{number})"
        f"(?:(?:{wordlists.alternatives(lists['range'])})(?:(?P=of)分之)?(?P<high>{number}))?"
        f"|(?P<tenth>{tenth})成(?P<more>[一二三四五六七八九半])?(?=多|的|[，。；、（）()]|{comparisons('suffix')}|$))"
        f"(?P<suffix>{comparisons('suffix')}|多)?"
    )


def read_spelled(found: re.Match[str]) -> tuple[Decimal, Decimal | None, str, str] | None:
    """Return (value, upper bound, canonical unit, comparator) of a match of `spelled_percent`, or None."""
    if found["tenth"]:
        low, high = read_number(found["tenth"]), None
        more = read_number(found["more"]) if found["more"] else Decimal(0)
        if low is None or more is None or low > 10:
            return None
        low, unit = low * 10 + (more * 10 if found["more"] == "半" else more), "%"
    else:
        low, high = read_number(found["number"]), read_number(found["high"]) if found["high"] else None
        if low is None or (found["high"] and (high is None or high <= low)):
            return None
        unit = "permille" if found["of"] == "千" else "%"
        if found["of"] == "万":
            low, high = low / 100, None if high is None else high / 100
    comparator = "range" if high is not None else comparison(found["prefix"], found["suffix"], found["suffix"])
    return -low if found["sign"] else low, high, unit, comparator


def comparison(prefix: str | None, suffix: str | None, infix: str | None) -> str:
    """Return the comparator of the words around a figure: before it, behind it, before its unit; else ``=``."""
    return _comparator_of(prefix, "prefix") or _comparator_of(suffix, "suffix") or _comparator_of(infix, "infix") or "="


@lru_cache(maxsize=4096)
def _comparator_of(word: str | None, place: str) -> str | None:
    """Return the comparator a `word` stands for at its `place` ('prefix', 'infix', 'suffix'), or None."""
    if not word:
        return None
    lists = wordlists.load("comparators")
    bare = re.sub(f"(?:{wordlists.alternatives(lists['glue'])})$", "", word) if place == "prefix" else word
    for comparator, words in lists[place].items():
        if word in words or bare in words:
            return comparator
    return None


def parse_number(raw: Any, unit: str | None = None) -> Quantity | None:
    """Read a cell that holds one figure; None where it holds none (``/``, ``--``, blank, words).

    `unit` is the unit the form declares for the cell (``万元``, ``%``, ``1:X``): value is given in that unit.
    Nothing is guessed: text with anything beside one figure is not a number.

    >>> parse_number("１２，５００").value
    12500
    >>> parse_number("13.64%%", "%").notes
    ('doubled_percent',)
    """
    if is_empty(raw) or isinstance(raw, bool):
        return None
    declared = read_unit(unit)
    if isinstance(raw, (int, float, Decimal)):
        return _quantity(str(raw), Decimal(str(raw)), None, declared, None, "=", [])
    text, notes = tidy(str(raw))
    text = text.lstrip("¥￥ ")  # a sign before a sum says no more than its unit
    ratio = _patterns()["ratio"].fullmatch(text)
    if ratio:
        return _ratio(str(raw), ratio, declared, notes)
    if re.fullmatch(r"\d+(?:\.\d+)?[eE][+-]?\d{1,3}", text):
        return _quantity(str(raw), Decimal(text), None, declared, None, "=", [*notes, "scientific"])
    found = _patterns()["figure"].fullmatch(text.removesuffix("之间"))
    if found:
        return read_figure(str(raw), found, declared, notes)
    spelled = spelled_percent().fullmatch(text)
    read = read_spelled(spelled) if spelled else None
    if read is None:
        return None
    low, high, unit, comparator = read
    return _quantity(str(raw), low, high, declared, Unit(unit, unit), comparator, [*notes, "spelled_percent"])


def read_figure(raw: str, found: re.Match[str], declared: Unit | None, notes: list[str]) -> Quantity | None:
    """Turn a match of the figure grammar into a Quantity; None where the numeral cannot be read."""
    late = found["late_scale"]
    if found["scale"] and late and not found["high"] and not found["infix"]:
        return None  # 10万万: no scale word stands behind another one
    if found["low"] in ("百", "千", "万", "亿") and not (found["prefix"] or found["infix"] or found["suffix"]):
        return None  # 万 alone is a scale; 百余 is a figure
    scale_high = found["scale_high"] or (late if found["high"] else "")
    # "3-5万": the scale word behind the upper figure counts for both; "2万余" and "2余万" are the same
    low = read_number(found["low"] + (found["scale"] or scale_high or late or ""))
    high = read_number(found["high"] + (scale_high or "")) if found["high"] else None
    if low is None or (found["high"] and high is None):
        return None
    if found["sign"] in ("-", "−", "负"):
        low = -low
    if "," in found["low"]:
        notes.append("thousands_separator")
    if re.search(f"[{numerals.DIGITS}{numerals.MULTIPLIERS}万亿半]", found["low"]):
        notes.append("chinese_numeral")
    if found["scale"] or scale_high or late:
        notes.append("scale_word")
    comparator = "range" if high is not None else comparison(found["prefix"], found["suffix"], found["infix"])
    if found["prefix"] or found["suffix"] or found["infix"]:
        notes.append("comparison_word")
    written = read_unit(found["unit"] or found["unit_low"])
    if written:
        notes.append("unit_in_cell")
    return _quantity(raw, low, high, declared, written, comparator, notes)


def _quantity(
    raw: str,
    low: Decimal,
    high: Decimal | None,
    declared: Unit | None,
    written: Unit | None,
    comparator: str,
    notes: list[str],
) -> Quantity:
    own = written.factor if written else _column_factor(declared, notes)
    factor = declared.factor if declared else Decimal(1)
    if declared and written and written.name not in (declared.name, "percentage_point"):
        # 3.5‰ where % belongs is 0.35; what converts to no exact figure stays as written and is told of.
        to_declared = rate(written, declared)
        is_exact = to_declared and all(
            end is None or _is_short(end * own * to_declared / factor) for end in (low, high)
        )
        notes.append("unit_converted" if is_exact else "unit_differs")
        own *= to_declared if to_declared and is_exact else 1
    unit = declared.name if declared else written.name if written else None
    if written and written.name == "percentage_point":
        unit = written.name
    return Quantity(
        raw=raw,
        value=plain(low * own / factor),
        value_high=None if high is None else plain(high * own / factor),
        base_value=plain(low * own),
        base_value_high=None if high is None else plain(high * own),
        unit=unit,
        comparator=comparator,
        unit_raw=written.surface if written else None,
        notes=tuple(notes),
    )


def _is_short(value: Decimal) -> bool:
    """Whether a quotient came to its end: 36 hours are 1.5 days, one hour is no decimal part of a day."""
    exponent = value.normalize().as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -_MOST_DECIMALS


def _column_factor(declared: Unit | None, notes: list[str]) -> Decimal:
    """A bare figure counts in the column's own scale; one with a scale word is already in base units."""
    if declared is None or "scale_word" in notes:
        return Decimal(1)
    return declared.factor


def _ratio(raw: str, found: re.Match[str], declared: Unit | None, notes: list[str]) -> Quantity | None:
    left, right = Decimal(found["left"]), Decimal(found["right"])
    # 1:1.55 and 2.5:1 are written so that one side is one: the other side is the figure
    if left == 1:
        value = right
    elif right == 1:
        value = left
    elif right and (found["sign"] != "/" or (declared and declared.name == "ratio")):
        value = left / right
    else:
        return None  # 3/4 without a word about ratios may as well be a date
    return Quantity(
        raw=raw,
        value=plain(value),
        base_value=plain(value),
        unit="ratio",
        parts=(plain(left), plain(right)),
        notes=(*notes, "ratio"),
    )
