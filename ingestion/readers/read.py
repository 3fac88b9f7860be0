"""One door for every format: look at the bytes, then call the reader for that kind."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from ingestion.errors import Problem
from ingestion.readers.document import Document
from ingestion.readers.guard import recognise_kind

# Imported when the first file of the kind arrives: pdf and Word libraries are slow to import.
_READERS = {
    "xlsx": "spreadsheet",
    "xls": "spreadsheet",
    "ods": "spreadsheet",
    "docx": "word",
    "pdf": "pdf",
    "html": "markup",
    "text": "text",
}


def read_document(path: Path, name: str | None = None) -> Document:
    """Read the file at ``path``; ``name`` is what the sender called it (default: the name of ``path``).

    Raises Problem where the file is not readable; a reader's own error never passes as a traceback.
    """
    name = name or path.name
    kind = recognise_kind(path, name)
    reader = import_module(f"ingestion.readers.{_READERS[kind]}")
    try:
        return reader.read(path, name)
    except Problem:
        raise
    except Exception as error:
        # Format libraries raise whatever they like on hostile bytes; each becomes one clear outcome.
        raise Problem(
            code="unreadable-file",
            where=name,
            read=f"a damaged {kind} file ({type(error).__name__}: {str(error)[:120]})",
            expected=f"a {kind} file that opens",
            remedy="Open it in its program, save it again and resend it.",
        ) from error
