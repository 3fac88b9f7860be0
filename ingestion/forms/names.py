"""Names as the lists of the project have them: registered hospitals, and other names that somebody confirmed.

The lists are seeds of the dbt project: hospital, hospital_alias, indicator_alias, department_alias. How a name is
compared is written once more in SQL (reference.name_key, reference.label_key), where the names are resolved.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingestion.forms.form import all_forms
from ingestion.forms.normalise import name_key, split_code
from ingestion.store.seeds import read_seed


def label_key(label: str) -> str:
    """The name of a line as it is compared, without the code before it."""
    return name_key(split_code(label)[1])


def hospital_names() -> Iterator[tuple[str | None, ...]]:
    """Rows of reference.hospital_name: every name of every registered hospital."""
    for row in read_seed("hospital"):
        yield _hospital_name(row, row["hospital_name_zh"])
    for row in read_seed("hospital_alias"):
        yield _hospital_name(row, row["alias_zh"])


def _hospital_name(row: dict[str, str], name: str) -> tuple[str | None, ...]:
    return row["hospital_code"], name, name_key(name), row["valid_from"] or None, row["valid_to"] or None


def aliases() -> Iterator[tuple[str | None, ...]]:
    """Rows of reference.alias: other names of lines and departments."""
    for row in read_seed("indicator_alias"):
        for form in (f.name for f in all_forms().values() if f.catalogue and f.catalogue == row["catalogue"]):
            yield (
                "indicator", form, row["alias_zh"], label_key(row["alias_zh"]), row["line_code"],
                row["valid_from"] or None, row["valid_to"] or None,
            )  # fmt: skip
    for row in read_seed("department_alias"):
        yield (
            "department", row["hospital_code"], row["alias_zh"], name_key(row["alias_zh"]), row["department_name_zh"],
            row["valid_from"] or None, row["valid_to"] or None,
        )  # fmt: skip
