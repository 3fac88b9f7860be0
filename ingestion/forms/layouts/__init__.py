"""How a form's table is laid out. A layout finds its table in a document and reads entries from it.

Each module has ``find(document, form, reporting_year) -> match or None`` (``match.score`` says how sure it is) and
``read(form, match, reporting_year, keep_markers) -> iterator of entries``, single ones or blocks. form.yml names the
layout. How a table of figures is found on a sheet, and what its rows and columns are, stands in
``ingestion/forms/tables``.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any, Protocol

from ingestion.entries import Block, Entry
from ingestion.forms.form import Form
from ingestion.readers import Document


class Match(Protocol):
    """Where a form was found; ``score`` counts what spoke for it, ``unread`` names what does not belong."""

    score: int
    unread: tuple[str, ...]


class Layout(Protocol):
    """The two functions of a layout module."""

    def find(self, document: Document, form: Form, reporting_year: int) -> Match | None: ...

    def read(self, form: Form, match: Any, reporting_year: int, keep_markers: bool) -> Iterator[Entry | Block]: ...


def layout_of(form: Form) -> Layout:
    """The layout module that form.yml names."""
    return import_module(f"ingestion.forms.layouts.{form.layout}")
