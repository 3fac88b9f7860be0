"""Units: how they are written, which canonical unit they mean, and conversion between those that convert."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from ingestion.narrative import wordlists
from ingestion.narrative.numerals import SCALE, half_width


@dataclass(frozen=True)
class Unit:
    """A written unit: its canonical name and the factor to the base (万元 is CNY times 10000)."""

    name: str
    surface: str
    factor: Decimal = Decimal(1)


@cache
def _surfaces() -> dict[str, tuple[str, Decimal, str | None]]:
    lists = wordlists.load("units")
    table: dict[str, tuple[str, Decimal, str | None]] = {}
    for name, surfaces in lists["canonical"].items():
        for surface in surfaces:
            table.setdefault(surface, (name, Decimal(1), None))
    for surface, entry in lists["scaled"].items():
        table[surface] = (entry["unit"], Decimal(entry["factor"]), None)
    for surface, entry in lists["physical"].items():
        table[surface] = (entry["unit"], Decimal(1), entry["pint"])
    return table


@cache
def surfaces() -> tuple[str, ...]:
    """Return every way a unit is written in prose, the longest first."""
    return tuple(sorted(_surfaces(), key=lambda word: (-len(word), word)))


@cache
def _registry() -> Any:
    import pint  # not at the top: building its registry takes longer than reading a report

    registry: Any = pint.UnitRegistry()
    for definition in wordlists.load("units")["pint_definitions"]:
        registry.define(definition)
    return registry


def convert(value: float, source: str, target: str) -> float | None:
    """Return `value` of canonical unit `source` in `target`, or None where the two do not convert."""
    if source == target:
        return value
    names = wordlists.load("units")["pint"]
    if source not in names or target not in names:
        return None
    quantity = _registry().Quantity(value, names[source])
    return quantity.to(names[target]).magnitude if quantity.is_compatible_with(names[target]) else None


@lru_cache(maxsize=4096)
def read_unit(written: str | None) -> Unit | None:
    """Return the unit that `written` means, or None for nothing.

    HTML remnants (``m <sup>2</sup>``), brackets and scale words (``万人次``) are understood. An unknown unit
    keeps its own name: a form may count in anything.
    """
    if written is None:
        return None
    text = re.sub(r"<[^>]*>", "", half_width(str(written))).replace("&nbsp;", "")
    text = re.sub(r"\s+", "", text)
    if text not in _surfaces():
        text = text.strip("()[]:")
    if not text or text in wordlists.load("numerals")["empty"]:
        return None
    table = _surfaces()
    factor = Decimal(1)
    if text not in table:
        scale = re.match("|".join(sorted(SCALE, key=len, reverse=True)), text)
        if scale and text[scale.end() :] in table:
            factor, text = Decimal(SCALE[scale[0]]), text[scale.end() :]
    if re.fullmatch(r"比值.*|1:[Xx]|[Xx]:1", text):
        return Unit("ratio", text)
    if text not in table:
        return Unit(text, text)
    name, own, pint_name = table[text]
    if pint_name:
        base = wordlists.load("units")["pint"][name]
        own = Decimal(str(_registry().Quantity(1, pint_name).to(base).magnitude)).normalize()
    return Unit(name, text, factor * own)


def is_known(unit: Unit) -> bool:
    """Tell whether the unit is one of ``data/units.yml`` and not just a word."""
    return unit.surface in _surfaces()


def base_surface(name: str) -> str:
    """Return how a canonical unit is written first in the list (元 for CNY), or the name itself."""
    written = wordlists.load("units")["canonical"].get(name)
    return str(written[0]) if written else name


@cache
def measured_in() -> dict[str, tuple[str, Decimal]]:
    """Return for each canonical unit the unit its figures are compared in, and the factor to it.

    Units that convert share one (a week and an hour are both hours); any other stands for itself.
    """
    lists = wordlists.load("units")
    common = {name: (name, Decimal(1)) for name in lists["canonical"]}
    for root, others in lists["comparable"].items():
        common |= {other: (root, Decimal(factor)) for other, factor in others.items()}
    roots: list[str] = []
    for name in lists["pint"]:
        root = next((root for root in roots if convert(1, name, root) is not None), name)
        roots += [root] if root == name else []
        common[name] = root, Decimal(str(convert(1, name, root)))
    return common


def rate(source: Unit, target: Unit) -> Decimal | None:
    """Return what a figure of canonical unit `source` is multiplied with to be one of `target`; None where they do not
    convert by a fixed rate, be it that they are merely counted alike (30 people among items)."""
    (root, factor), (other, divisor) = (
        measured_in().get(unit.name, (unit.name, Decimal(1))) for unit in (source, target)
    )
    if root != other or factor == divisor or source.surface in wordlists.load("units")["of_no_fixed_length"]:
        return None
    return factor / divisor


def written_units(others: Iterable[str] = ()) -> Iterator[tuple[str, str, Decimal]]:
    """Yield every way a unit is written, with scale words before it and canonical names, and ``others``: as written,
    the unit its figures are compared in, and the factor to that. A unit nobody knows is compared with itself only."""
    scaled = (scale + surface for scale in SCALE for surface in surfaces())
    for written in dict.fromkeys([*wordlists.load("units")["canonical"], *surfaces(), *scaled, *others]):
        canonical = wordlists.load("units")["canonical"]
        unit = Unit(written, written) if written in canonical else read_unit(written)
        if unit:
            root, factor = measured_in().get(unit.name, (unit.name, Decimal(1)))
            yield written, root, unit.factor * factor


@cache
def _contexts() -> dict[str, dict[str, re.Pattern[str] | None]]:
    """Return the patterns of each contextual surface, by the place they look at."""

    def pattern(words: list[str] | None, form: str) -> re.Pattern[str] | None:
        return re.compile(form.format("|".join(words))) if words else None

    return {
        surface: {
            "near": pattern(rule.get("near"), "{}"),
            "not_near": pattern(rule.get("not_near"), "{}"),
            "before": pattern(rule.get("just_before"), "(?:{})$"),
            "after": pattern(rule.get("just_after"), "{}"),
        }
        for surface, rule in wordlists.load("units")["contextual"].items()
    }


def is_contextual(surface: str) -> bool:
    """Tell whether a written unit means one thing or another by its company."""
    return surface in _contexts()


def in_context(unit: Unit, before: str, after: str) -> Unit:
    """Return `unit` as meant between the words of its clause: 台 of operations are cases, 张 of beds are beds.

    `before` is the clause up to the figure, `after` what follows it at once.
    """
    patterns = _contexts().get(unit.surface)
    if patterns is None:
        return unit
    rule = wordlists.load("units")["contextual"][unit.surface]
    if patterns["not_near"] and patterns["not_near"].search(before + after):
        return unit
    ends = rule.get("not_followed_but_by")
    if ends and re.match("[\u4e00-\u9fff]", after) and not after.startswith(tuple(ends)):
        return unit  # 全国5名专家 are people, 全国第5名 is a rank
    is_meant = (
        (patterns["near"] and patterns["near"].search(f"{before}|{after}"))
        or (patterns["before"] and patterns["before"].search(before))
        or (patterns["after"] and patterns["after"].match(after))
    )
    return Unit(rule["unit"], unit.surface, unit.factor) if is_meant else unit
