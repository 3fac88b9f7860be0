"""Run in an interpreter of its own: lets the trigger of watch_inbox look at an inbox while a file of it is written, and
at a store that is not there."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from waiting import FilesTrigger

PAUSE = 0.5


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
    away = await anext(FilesTrigger("memory://nowhere/at/all", 0).run())
    told = {"payload": event.payload, "was_through": uploading.done(), "away": away.payload}
    print("EVENT " + json.dumps(told))


asyncio.run(main(Path(sys.argv[1])))
