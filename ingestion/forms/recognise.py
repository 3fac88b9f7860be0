"""Which form a document is: by its content, unless the sender names it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby

from ingestion.errors import Problem
from ingestion.forms.form import Form, all_forms, get_form
from ingestion.forms.layouts import Match, layout_of
from ingestion.forms.layouts.lines_by_year import ReturnMatch, may_be
from ingestion.forms.normalise import name_key, split_code
from ingestion.forms.tables.find import find_tables
from ingestion.forms.tables.part_years import of_whole_years
from ingestion.forms.title import texts_above
from ingestion.readers import Document

_MOST_CHARACTERS = 1_000_000
"""A book has half a million; reading one takes some ten seconds for each million."""
_TABLES, _ROWS = 20, 300
_BY_NAME = "lines_by_year"
_ENOUGH = 5
"""Names of lines that tell that a table is meant to be a form's."""


def recognise(
    document: Document, name: str, reporting_year: int, form: str | None = None, is_patch: bool = False
) -> tuple[Form, Match]:
    """The form of a document and where it was found in it.

    With ``form`` named, only that one is looked for, and a single line of it is enough. Otherwise the form that most
    speaks for wins, and a tie is refused rather than guessed; so is a patch of a few lines that is a return's as well
    as a form's without lines of its own. Raises Problem where no form, or no single form, fits.
    """
    by_precedence = _by_precedence((_of_any_length(get_form(form)),) if form else tuple(all_forms().values()))
    candidates = [candidate for forms in by_precedence for candidate in forms]
    found: list[tuple[int, Form, Match]] = []
    # Forms that a table decides go first; prose is searched for claims only where none of them fits.
    for forms in by_precedence:
        if document.text and any(f.layout == "prose" for f in forms):
            _refuse_endless(document.text, name)
        found = _fitting(document, forms, reporting_year)
        if found:
            break
    if not found:
        names = sorted(candidate.name for candidate in candidates)
        raise Problem(
            code="form-not-found" if form else "unknown-form",
            where=name,
            read=_seen(document),
            expected=f"the form {form}" if form else "one of the forms " + ", ".join(names),
            remedy=_remedy(document, candidates, reporting_year),
        )
    found.sort(key=lambda item: item[0], reverse=True)
    if is_patch and not form and not found[0][1].lines:
        shorter = map(_of_any_length, (f for f in candidates if f.lines and "min_known_lines" in f.recognise))
        found += [(found[0][0], f, m) for f in shorter if (m := layout_of(f).find(document, f, reporting_year))]
    if len(found) > 1 and found[0][0] == found[1][0]:
        raise Problem(
            code="ambiguous-form",
            where=name,
            read=f"fits {found[0][1].name} and {found[1][1].name} alike",
            expected="one form",
            remedy=f"Name the one that is meant: --form {found[0][1].name} or --form {found[1][1].name}.",
        )
    if not form:
        _ask_about_lines(document, candidates, *found[0][1:], reporting_year, name)
    return found[0][1], found[0][2]


def _ask_about_lines(
    document: Document, candidates: list[Form], form: Form, match: Match, reporting_year: int, name: str
) -> None:
    """Refuse to take a hospital's list for one of its own where its rows are lines of a return that nothing names: too
    few for the return, and yet a return that came in as another form would be missing, and its figures unmapped."""
    if form.lines or not isinstance(match, ReturnMatch) or any(table.department for table in match.tables):
        return
    if any(name_key(form.title_zh) in name_key(text) for text in texts_above(document)):
        return
    for other in candidates:
        if other.lines and (place := may_be(document, other, reporting_year)):
            raise Problem(
                code="ambiguous-form",
                where=f"{name}: {place}",
                read=f"names of lines of {other.name} in nearly every row, and neither its title nor its codes",
                expected=f"the title of the form ({other.title_zh}) above the table, or the codes of its lines",
                remedy=f"Name the one that is meant: --form {other.name} for the return, also for a few of its lines; "
                f"--form {form.name} for a list of the hospital's own.",
            )


@lru_cache(maxsize=8)
def _by_precedence(forms: tuple[Form, ...]) -> tuple[tuple[Form, ...], ...]:
    """The forms that are looked for by themselves, those of the highest precedence first; among them, those with lines
    of their own before the others."""
    alone = sorted((f for f in forms if len(forms) == 1 or not _hosts(f)), key=lambda f: (-f.precedence, not f.lines))
    return tuple(tuple(equal) for _, equal in groupby(alone, key=lambda f: f.precedence))


def _fitting(document: Document, forms: Sequence[Form], reporting_year: int) -> list[tuple[int, Form, Match]]:
    """Those of the forms that the document fits, each with its score and where it was found."""
    found: list[tuple[int, Form, Match]] = []
    # For a form without lines of its own little more speaks than its columns: where more lines of another one are known
    # than there are columns, it need not be looked for.
    for form in forms:
        if not form.lines and found and max(score for score, *_ in found) > sum(t.width for t in document.tables):
            break
        if match := layout_of(form).find(document, form, reporting_year):
            found.append((match.score, form, match))
    return found


def beside(document: Document, form: Form, reporting_year: int) -> list[tuple[Form, Match]]:
    """The other forms that the same document holds beside its ``form``: the text around a plan's table."""
    others = (other for other in all_forms().values() if form.name in _hosts(other))
    found = ((other, layout_of(other).find(document, other, reporting_year)) for other in others)
    return [(other, match) for other, match in found if match]


def _hosts(form: Form) -> list[str]:
    """Forms beside which alone a form is looked for, unless the sender names it."""
    return list(form.recognise.get("beside", ()))


_LEAST = {"min_known_lines": 1, "min_columns": 2, "min_years_ahead": 1}
"""What is asked of a form whose name is known: a patch may name a single figure, a plan a single year."""


@lru_cache(maxsize=32)
def _of_any_length(form: Form) -> Form:
    """The same form where the least is enough."""
    return replace(form, recognise={**form.recognise, **{k: v for k, v in _LEAST.items() if k in form.recognise}})


def _refuse_endless(text: str, name: str) -> None:
    if len(text) > _MOST_CHARACTERS:
        raise Problem(
            code="document-too-large",
            where=f"{name}: chars {_MOST_CHARACTERS}-{len(text)}",
            read=f"{len(text):,} characters of running text",
            expected=f"a report of at most {_MOST_CHARACTERS:,}",
            remedy="Send the report alone, in parts where it is longer.",
        )


def _remedy(document: Document, candidates: list[Form], reporting_year: int) -> str:
    """What to do about a document that is no form: where the lines of one stand after all, what is missing there."""
    if not document.tables:
        return "Send the form itself, best as a workbook."
    if told := _of_a_part(document, candidates, reporting_year):
        return f"{told}: send the figures of the whole year, and name the year where this stands."
    places = [(form, _names_of_lines(document, form)) for form in candidates if form.lines]
    form, named = max(places, key=lambda found: len(found[1]), default=(candidates[0], []))
    if len(named) < _ENOUGH and (undated := _figures_without_a_year(document, candidates, reporting_year)):
        return (
            f"The figures from {undated} on are of no year: write it, as {reporting_year}年, above their column or "
            "above the table, or into the name of the sheet or of the file."
        )
    if len(named) < _ENOUGH:
        return "Check that the header row and the line names are those of the form, or name it with --form."
    return (
        f"Lines of {form.name} stand from {named[0]} on: put the title {form.headers(reporting_year)['label'][0]} "
        f"above their names, and the year, as {reporting_year}年, above each column of figures."
    )


def _of_a_part(document: Document, candidates: list[Form], reporting_year: int) -> str | None:
    """What says that the figures of a table are of a part of a year."""
    for form in (form for form in candidates if form.layout == _BY_NAME and not form.lines):
        found = zip(document.tables, find_tables(document, form, reporting_year), strict=True)
        for _, told in (of_whole_years(table, parts, reporting_year, document.name) for table, parts in found):
            if told:
                return told[0]
    return None


def _figures_without_a_year(document: Document, candidates: list[Form], reporting_year: int) -> str | None:
    """Where a table has a column of names and one of figures, as in a form that takes every line by its name."""
    for headers in (form.headers(reporting_year) for form in candidates if form.layout == _BY_NAME and not form.lines):
        for table in document.tables[:_TABLES]:
            for row in headers.of("label").rows_in(table):
                if (column := headers.of("value").first_in(table.rows[row])) >= 0:
                    return table.locate(row, column)
    return None


def _names_of_lines(document: Document, form: Form) -> list[str]:
    """Where names of a form's lines stand, whatever is above them: in the first table that has any."""
    for table in document.tables[:_TABLES]:
        names = [
            table.locate(r, c)
            for r, row in enumerate(table.rows[:_ROWS])
            for c, cell in enumerate(row[:_ROWS])
            if type(cell) is str and name_key(split_code(cell)[1]) in form.lines_by_label
        ]
        if names:
            return names
    return []


def _seen(document: Document) -> str:
    """What the document shows instead: its tables with their first words."""
    if not document.tables:
        return "; ".join(["no table", *document.notes])
    heads = []
    for table in document.tables[:3]:
        first = next((str(c) for row in table.rows for c in row if c not in (None, "")), "empty")
        heads.append(f"{table.name} beginning with {first[:20]!r}")
    return "; ".join([*heads, *document.notes[:3]])
