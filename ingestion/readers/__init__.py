"""Readers: any accepted file becomes one small Document of text and tables, each cell with its locator."""

from ingestion.readers.document import HEAD_ROWS, Document, Table, shown
from ingestion.readers.read import read_document

__all__ = ["HEAD_ROWS", "Document", "Table", "read_document", "shown"]
