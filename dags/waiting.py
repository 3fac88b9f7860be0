"""What the DAGs wait for without holding a worker: files in the inbox, submissions that are due.

The triggers run in the triggerer, which has to find this file: its folder is on PYTHONPATH there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

from airflow.sdk import BaseOperator, BaseSensorOperator
from airflow.triggers.base import BaseTrigger, TriggerEvent

MOST_FAILED_LOOKS = 10


class FilesTrigger(BaseTrigger):
    """Fires with the reporting years of files that lie in the inbox, are whole, and were not taken in yet.

    A store that cannot be reached is tried again; after ten looks in a row that failed it fires with the problem.
    """

    def __init__(self, inbox: str, pause: float) -> None:
        super().__init__()
        self.inbox, self.pause = inbox, pause

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """How the triggerer makes it again."""
        return "waiting.FilesTrigger", {"inbox": self.inbox, "pause": self.pause}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look, pause, look again: what is the same in both looks is whole."""
        from ingestion.errors import Problem
        from ingestion.inbox import find_inbox, settled

        before, failed = [], 0
        while True:
            try:
                now = await asyncio.to_thread(find_inbox, self.inbox)
                new = await asyncio.to_thread(_not_received, settled(before, now))
            except Problem as problem:
                failed += 1
                self.log.warning("%s", problem)
                if failed >= MOST_FAILED_LOOKS:
                    yield TriggerEvent({"problem": str(problem)})
                    return
                now, new = [], []
            else:
                failed = 0
            if new:
                self.log.info("%s new files: %s", len(new), ", ".join(file.label for file in new[:20]))
                yield TriggerEvent({"reporting_years": sorted({file.reporting_year for file in new})})
                return
            before = now
            await asyncio.sleep(self.pause)


class DueTrigger(BaseTrigger):
    """Fires when everything that is due on a day has come, or when the last of its windows has closed."""

    def __init__(self, due_on: str, pause: float) -> None:
        super().__init__()
        self.due_on, self.pause = due_on, pause

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """How the triggerer makes it again."""
        return "waiting.DueTrigger", {"due_on": self.due_on, "pause": self.pause}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Ask the warehouse from time to time."""
        while True:
            await asyncio.sleep(self.pause)
            if over := await asyncio.to_thread(_what_is_over, self.due_on):
                yield TriggerEvent(over)
                return


class WaitForFilesOperator(BaseSensorOperator):
    """Ends when new files lie whole in the inbox; returns their reporting years as confs of ingest_submissions."""

    def execute(self, context: Any) -> None:
        """Hand over to the triggerer at once."""
        from ingestion.settings import settings

        trigger = FilesTrigger(settings().inbox, float(settings().settle_seconds))
        self.defer(trigger=trigger, method_name="files_are_there")

    def files_are_there(self, context: Any, event: dict[str, Any]) -> list[dict[str, Any]]:
        """One conf a year. Fails where the store could not be reached."""
        if "problem" in event:
            raise RuntimeError(event["problem"])
        return [_conf(year) for year in event["reporting_years"]]


class WaitUntilReceivedOperator(BaseOperator):
    """Ends when everything due on the day of the run has come or its windows have closed; returns what is missing."""

    def __init__(self, *, pause: float = 300, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pause = pause

    def execute(self, context: Any) -> list[dict[str, Any]]:
        """Hand over to the triggerer, unless there is nothing to wait for."""
        from ingestion.calendar import china_today

        due_on = china_today(context["logical_date"]).isoformat()
        over = _what_is_over(due_on)
        if over is None:
            self.defer(trigger=DueTrigger(due_on, self.pause), method_name="is_over")  # does not return
        return self.is_over(context, over)

    def is_over(self, context: Any, event: dict[str, Any]) -> list[dict[str, Any]]:
        """One conf of ingest_submissions a reporting year that was due."""
        for line in event["missing"]:
            print(f"missing: {line}")
        return [_conf(year) for year in event["reporting_years"]]


def _conf(reporting_year: int) -> dict[str, Any]:
    """How ingest_submissions is started for a year while other files may be on their way."""
    from ingestion.settings import settings

    return {"reporting_year": reporting_year, "inbox": settings().inbox, "only_whole": True}


def _not_received(files: list[Any]) -> list[Any]:
    from ingestion.inbox import not_received
    from ingestion.store import database

    if not files:
        return []
    with database.connect(autocommit=True) as connection:
        return list(not_received(connection, files))


def _what_is_over(due_on: str) -> dict[str, Any] | None:
    """The reporting years due on a day and what is missing of them, once nothing is or their windows have closed."""
    from ingestion.calendar import read_calendar
    from ingestion.status import outstanding
    from ingestion.store import database

    day = date.fromisoformat(due_on)
    windows = [window for window in read_calendar() if window.due_on == day]
    with database.connect(autocommit=True) as connection:
        missing = [f"{owed.hospital_code} {owed.form}" for owed in outstanding(connection, day)]
    if missing and any(datetime.now(UTC) < window.closes_at for window in windows):
        return None
    return {"reporting_years": sorted({window.reporting_year for window in windows}), "missing": missing}
