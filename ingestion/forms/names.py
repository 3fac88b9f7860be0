"""Names as the lists of the project have them: registered hospitals, and other names that somebody confirmed.

The lists are seeds of the dbt project: hospital, hospital_alias, indicator_alias, department_alias. How a name is
compared is written once more in SQL (reference.name_key, reference.label_key), where the names are resolved.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingestion.forms.form import all_forms
from ingestion.forms.normalise import name_key, split_code
from ingestion.store.seeds import read_seed, wrong_row


def label_key(label: str) -> str:
    """The name of a line as it is compared, without the code before it."""
    return name_key(split_code(label)[1])


def hospital_names() -> Iterator[tuple[str | None, ...]]:
    """Rows of reference.hospital_name: every name of every registered hospital. Raises Problem for an alias of none."""
    registered = read_seed("hospital")
    for row in registered:
        yield _hospital_name(row, row["hospital_name_zh"])
    codes = {row["hospital_code"] for row in registered}
    for number, row in enumerate(read_seed("hospital_alias"), 2):
        if row["hospital_code"] not in codes:
            raise wrong_row("hospital_alias", number, f"hospital {row['hospital_code']!r}", "a code of hospital.csv")
        yield _hospital_name(row, row["alias_zh"])


def _hospital_name(row: dict[str, str], name: str) -> tuple[str | None, ...]:
    return row["hospital_code"], name, name_key(name), row["valid_from"] or None, row["valid_to"] or None


def aliases() -> Iterator[tuple[str | None, ...]]:
    """Rows of reference.alias: other names of lines and departments.

    Raises Problem for a name without a meaning, and for one that means two things on the same day.
    """
    yield from _each_means_one("indicator_alias", _indicator_aliases())
    yield from _each_means_one("department_alias", _department_aliases())


_Numbered = tuple[int, tuple[str | None, ...]]


def _indicator_aliases() -> Iterator[_Numbered]:
    for number, row in enumerate(read_seed("indicator_alias"), 2):
        code, name = row["line_code"], row["alias_zh"]
        forms = [f for f in all_forms().values() if f.catalogue and f.catalogue == row["catalogue"]]
        if not forms or any(code not in form.lines for form in forms):
            read = f"line {code!r} of catalogue {row['catalogue']!r}"
            raise wrong_row("indicator_alias", number, read, "the catalogue of a form, and a line of its lines.csv")
        for form in forms:
            yield number, ("indicator", form.name, name, label_key(name), code, *_span(row))


def _department_aliases() -> Iterator[_Numbered]:
    for number, row in enumerate(read_seed("department_alias"), 2):
        name, target = row["alias_zh"], row["department_name_zh"]
        if not target or not row["hospital_code"]:
            raise wrong_row("department_alias", number, "no hospital or no department that is meant", "both")
        yield number, ("department", row["hospital_code"], name, name_key(name), target, *_span(row))


def _span(row: dict[str, str]) -> tuple[str | None, str | None]:
    return row["valid_from"] or None, row["valid_to"] or None


def _each_means_one(seed: str, found: Iterator[_Numbered]) -> Iterator[tuple[str | None, ...]]:
    """The rows; a name may have another meaning in another span of time, not in the same."""
    known: dict[tuple[str | None, ...], list[_Numbered]] = {}
    for number, row in found:
        _, scope, name, key, target, start, end = row
        if not key:
            raise wrong_row(seed, number, "no alias_zh", "the other name")
        for line, (*_, meant, since, until) in known.setdefault((scope, key), []):
            is_apart = (until and until < (start or "")) or (end and end < (since or ""))
            if meant != target and not is_apart:
                read = f"{name!r} as {target}, while line {line} has it as {meant}"
                raise wrong_row(seed, number, read, "one meaning on a day: part them by valid_from and valid_to")
        known[scope, key].append((number, row))
        yield row
