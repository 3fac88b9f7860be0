"""PDF with a text layer: page text and tables (see pdf_tables.py).

A PDF can pack a great deal into few bytes, and its libraries are written for trust: it is read in a process of its
own, under limits of time and memory (see apart.py).
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pdfplumber

from ingestion.readers.document import Document, area
from ingestion.readers.overprint import overprinted
from ingestion.readers.pdf_page import turned_upright
from ingestion.readers.pdf_tables import PageTables, plain
from ingestion.readers.problems import encrypted, problem
from ingestion.readers.unruled import Refused

_MOST_PAGES = 500
_SECONDS_A_PAGE = 15.0
"""Six thousand cells in frames, all on one page, take three."""


def read(path: Path, name: str) -> Document:
    """Text of all pages and every table.

    Raises Problem where no page has a text layer (a scan: reading pictures is not our business), and for a page whose
    text lies over other text.
    """
    from pdfminer.pdfdocument import PDFPasswordIncorrect

    pages: list[str] = []
    has_text = False
    tables = PageTables()
    try:
        pdf = pdfplumber.open(path)
    except Exception as error:
        if any(isinstance(e, PDFPasswordIncorrect) for e in (error, error.__context__, *error.args)):
            raise encrypted(name) from None
        raise
    with pdf:
        if len(pdf.pages) > _MOST_PAGES:
            raise problem(
                "too-many-pages",
                name,
                f"{len(pdf.pages)} pages",
                f"at most {_MOST_PAGES}",
                "Send the pages of the form alone.",
            )
        for number, page in enumerate(pdf.pages, 1):
            with _in_time(f"{name}: page {number}"):
                turned = turned_upright(page)
                has_text = has_text or bool(turned.runs)
                if over := overprinted(turned):
                    raise problem(
                        "overprinted-text",
                        f"{name}: page {number} box {area(over)}",
                        "text printed over other text",
                        "a page that can be read",
                        "Make the columns wider and print it again, or send the workbook that it was made from.",
                    )
                unread = tables.read(turned, number)
                pages.append(plain(_text(turned.page, unread)))
                turned.page.close()  # keeps memory flat over many pages
                page.close()
    if not has_text:
        raise problem(
            "scanned-pdf",
            name,
            "pages without text, as a scanner makes them",
            "a PDF with a text layer",
            "Send the workbook or document that the PDF was made from.",
        )
    return Document(tables.tables, "\n".join(pages), tuple(tables.refused))


class _OutOfTime(BaseException):
    """Passes the libraries, which take every Exception for a damaged file."""


@contextlib.contextmanager
def _in_time(where: str) -> Iterator[None]:
    """Within it a page has ``_SECONDS_A_PAGE`` of the processor; Problem where it needs more."""

    def end(number: int, frame: object) -> None:
        raise _OutOfTime

    before = signal.signal(signal.SIGPROF, end)
    # Once more every second: what is raised while an object is freed is lost.
    signal.setitimer(signal.ITIMER_PROF, _SECONDS_A_PAGE, 1)
    try:
        yield
    except _OutOfTime:
        raise problem(
            "too-heavy",
            where,
            f"a page that takes more than {_SECONDS_A_PAGE:g} seconds to lay out",
            "a page of text and tables",
            "Send the pages of the form alone, or the workbook that they were made from.",
        ) from None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _text(page: Any, unread: list[Refused]) -> str:
    """The text of a page without figures that cannot be told apart: read as prose they would say what nobody said."""
    figures = [part for part in unread if part.is_figures]
    if figures:
        page = page.filter(
            lambda one: (
                one["object_type"] != "char"
                or not any(part.box[1] <= (one["top"] + one["bottom"]) / 2 <= part.box[3] for part in figures)
            )
        )
    return str(page.extract_text())
