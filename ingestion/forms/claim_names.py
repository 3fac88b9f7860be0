"""Lines of the catalogues that the measure of a claim looks like: proposed for a person to decide, never taken.

A measure that is a line's own name, or one of its other names, needs no proposal: the star finds it by equality.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

import psycopg

from ingestion.forms.form import all_forms
from ingestion.forms.names import aliases, label_key
from ingestion.forms.normalise import split_code
from ingestion.narrative.indicators import Catalogue, Indicator

_PROPOSALS = 3
"""So many look-alikes are kept of a measure in a form: where a person refuses the first, the next is shown."""


def propose(connection: psycopg.Connection, measures: Iterable[str | None]) -> None:
    """Write the look-alikes of measures to reference.claim_proposal, in the caller's transaction; known ones stay."""
    rows = [row for measure in sorted({m for m in measures if m}) for row in _proposals(measure)]
    connection.execute(
        "insert into reference.claim_proposal (measure, form, line_code, score)"
        " select * from unnest(%s::text[], %s::text[], %s::text[], %s::numeric[]) on conflict do nothing",
        [list(column) for column in zip(*rows, strict=True)] or [[], [], [], []],
    )


def propose_anew(connection: psycopg.Connection) -> None:
    """The same for every claim of the warehouse, where lines or their names are others than before."""
    _catalogues.cache_clear()
    connection.execute("delete from reference.claim_proposal")
    found = connection.execute("select distinct label_raw from raw.entry where entry_kind = 'claim'").fetchall()
    propose(connection, (measure for (measure,) in found))


def _proposals(measure: str) -> Iterator[tuple[str, str, str, float]]:
    key = label_key(measure)
    for form, (catalogue, known) in _catalogues().items():
        if key not in known and all_forms()[form].catalogue:
            for match in list(catalogue.alike(split_code(measure)[1]))[:_PROPOSALS]:
                yield measure, form, match.code, round(min(match.score, 99.9), 1)


def line_catalogues() -> dict[str, tuple[Catalogue, frozenset[str]]]:
    """For each form: its lines by every name they have, and these names as they are compared."""
    found = {}
    others = [(scope, name, target) for kind, scope, name, _, target, *_ in aliases() if kind == "indicator"]
    for form in all_forms().values():
        named = {line.line_code: [line.label_zh] for line in form.lines.values() if line.carries_value}
        for scope, name, target in others:
            if scope == form.name and target in named:
                named[target].append(str(name))
        catalogue = Catalogue(Indicator(code, names[0], tuple(names[1:])) for code, names in named.items())
        found[form.name] = catalogue, frozenset(label_key(name) for names in named.values() for name in names)
    return found


_catalogues = lru_cache(maxsize=1)(line_catalogues)
"""The same for the claims of a batch: they are asked for once a claim."""
