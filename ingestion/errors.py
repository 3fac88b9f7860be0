"""Errors that say where, what was read, what was expected and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from ingestion.safe_text import one_line


@dataclass(eq=False)  # not frozen: Python itself writes the traceback into an exception
class Problem(Exception):
    """One thing that is wrong with a file, sheet, cell or setting.

    ``code`` is stable and machine-readable; ``str()`` is the one line a person reads.
    """

    code: str
    where: str
    read: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        return one_line(f"{self.where}: {self.read}; expected {self.expected}. {self.remedy} [{self.code}]")

    def to_json(self) -> dict[str, str]:
        """The same, structured."""
        return {
            "code": self.code,
            "where": self.where,
            "read": self.read,
            "expected": self.expected,
            "remedy": self.remedy,
        }
