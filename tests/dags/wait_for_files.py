"""Run in an interpreter of its own: lets the trigger of watch_inbox look at an inbox while a file of it is written, and
at a store that is not there; then has the run that it starts find its files while another one is written."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from ingest_submissions import ingest_submissions
from waiting import FilesTrigger

PAUSE = 0.5
find = ingest_submissions().get_task("find_submissions").python_callable


async def upload(file: Path, content: bytes) -> None:
    """Write a file slowly: it grows between any two looks."""
    file.parent.mkdir(parents=True)
    with file.open("wb", buffering=0) as target:
        for part in range(8):
            target.write(content[part::8])
            await asyncio.sleep(PAUSE / 2)


async def main(inbox: Path) -> None:
    uploading = asyncio.create_task(upload(inbox / "2021" / "H15001" / "slow.csv", b"x" * 8000))
    await asyncio.sleep(0.1)
    event = await anext(FilesTrigger(str(inbox), PAUSE).run())
    uploading_more = asyncio.create_task(upload(inbox / "2021" / "H15004" / "more.csv", b"x" * 8000))
    await asyncio.sleep(0.1)
    found = await asyncio.to_thread(find, {"reporting_year": 2021, "inbox": str(inbox), "only_whole": True})
    was_through = uploading_more.done()
    away = await anext(FilesTrigger("memory://nowhere/at/all", 0).run())
    told = {"payload": event.payload, "was_through": uploading.done(), "away": away.payload}
    told |= {"taken": [batch["label"] for batch in found], "was_growing": not was_through}
    print("EVENT " + json.dumps(told))


asyncio.run(main(Path(sys.argv[1])))
