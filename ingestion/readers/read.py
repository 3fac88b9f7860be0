"""One door for every format: look at the bytes, then call the reader for that kind."""

from __future__ import annotations

from contextlib import nullcontext
from importlib import import_module
from pathlib import Path

from ingestion.errors import Problem
from ingestion.readers.apart import read_apart, unreadable
from ingestion.readers.document import Document
from ingestion.readers.guard import recognise_kind

# Imported when the first file of the kind arrives: Word and markup libraries are slow to import.
_READERS = {"xlsx": "spreadsheet", "xls": "spreadsheet", "ods": "spreadsheet", "docx": "word", "html": "markup"}


def read_document(path: Path, name: str | None = None) -> Document:
    """Read the file at ``path``; ``name`` is what the sender called it (default: the name of ``path``).

    Raises Problem where the file is not readable; a reader's own error never passes as a traceback.
    """
    name = name or path.name
    kind, archive = recognise_kind(path, name)
    if kind == "pdf":
        return read_apart(path, name, "pdf")
    reader = import_module(f"ingestion.readers.{_READERS.get(kind, 'text')}")
    try:
        with archive or nullcontext():
            document: Document = reader.read(path, name, archive) if archive else reader.read(path, name)
        return document
    except (Problem, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        # Format libraries raise whatever they like on hostile bytes, calamine a panic that is no Exception;
        # each becomes one clear outcome.
        raise unreadable(name, kind, error) from error
