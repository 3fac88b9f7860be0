"""Problems that several readers meet, worded once."""

from __future__ import annotations

from ingestion.errors import Problem


def problem(code: str, where: str, read: str, expected: str, remedy: str) -> Problem:
    """A Problem, its parts in the order in which a person reads them."""
    return Problem(code=code, where=where, read=read, expected=expected, remedy=remedy)


def encrypted(name: str) -> Problem:
    """The file is behind a password."""
    return problem(
        "encrypted-file",
        name,
        "protected by a password",
        "a file that opens without one",
        "Remove the password (File, Info, Protect) and send it again.",
    )


def truncated(name: str) -> Problem:
    """The container is damaged or cut off."""
    return problem(
        "truncated-file",
        name,
        "a damaged or cut-off container",
        "a whole file",
        "Send the file again; the copy that arrived is incomplete.",
    )


def unpacks_too_large(name: str, megabytes: float, limit: int) -> Problem:
    """The container unpacks to more than a form ever holds."""
    return problem(
        "unpacks-too-large",
        name,
        f"unpacks to {megabytes:.0f} MB or more",
        f"at most {limit} MB",
        "Delete unused rows, sheets and pictures and save again, or raise HIW_MAX_UNPACKED_MB.",
    )


def overgrown(where: str, read: str, expected: str) -> Problem:
    """A workbook that carries far more than a form ever has."""
    return problem(
        "odd-container", where, read, expected, "Copy the form's cells into a new workbook and send that one."
    )


def damaged_sheet(where: str, read: str) -> Problem:
    """The XML of a workbook cannot be read to its end."""
    return problem(
        "damaged-sheet",
        where,
        read,
        "a whole workbook",
        "Open the workbook in its program, save it again and resend it.",
    )


def not_well_formed(where: str, error: Exception) -> Problem:
    """The XML of a workbook is none."""
    return damaged_sheet(where, f"XML that is not well-formed ({str(error)[:80]})")


def too_many_cells(where: str, cells: int, limit: int) -> Problem:
    """A table spans more cells than can be held in memory."""
    return problem(
        "too-many-cells",
        where,
        f"a table that spans {cells:,} cells",
        f"at most {limit:,}",
        "Delete what stands far below or right of the form (select to the end, Delete) and save again.",
    )


def too_many_tables(name: str, limit: int) -> Problem:
    """A page or document of more tables than a report has."""
    return problem(
        "document-too-large",
        name,
        f"more than {limit:,} tables",
        f"at most {limit:,}",
        "Send the tables of the form alone.",
    )


def too_many_columns(where: str, columns: int, limit: int) -> Problem:
    """A table is wider than any spreadsheet."""
    return problem(
        "too-many-cells",
        where,
        f"a table of {columns:,} columns",
        f"at most {limit:,}",
        "Check that it is the right file, and that its lines end where rows of the form do.",
    )


def document_type(where: str) -> Problem:
    """XML that declares entities: no office program writes it, and it is a known way to attack a reader."""
    return problem(
        "entity-declaration",
        where,
        "XML that declares a document type or entities",
        "a file as office programs write it",
        "Open it in its program and save it under a new name.",
    )
