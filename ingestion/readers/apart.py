"""Read a file in a process of its own, under limits of time and memory.

For formats whose libraries cannot be held to a limit from outside, and for files that could grow in memory beyond
what their size tells. Whatever happens in there, a crash, a loop or a bomb, comes back as one Problem and leaves this
process as it was.
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import subprocess
import sys
import zipfile
from importlib import import_module
from pathlib import Path

from ingestion.errors import Problem
from ingestion.processes import die_with_parent
from ingestion.readers.container import Container
from ingestion.readers.document import Document
from ingestion.readers.problems import problem

MEMORY_MB = 1024
SECONDS = 120
_ATTEMPTS = 2
"""A reader is killed by its own limits in another way: what kills it once may have meant anybody."""


def read_apart(path: Path, name: str, reader: str, *, memory_mb: int = MEMORY_MB, seconds: int = SECONDS) -> Document:
    """The document that module ``reader`` of this package reads from ``path``; a container has been measured before.

    Raises the reader's own Problem, or ``too-heavy`` where a limit was reached.
    """
    command = [
        sys.executable,
        "-m",
        "ingestion.readers.apart",
        str(path),
        name.replace("\0", "?"),
        reader,
        str(memory_mb),
        str(seconds),
    ]
    root = str(Path(__file__).resolve().parents[2])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])}
    try:
        for _ in range(_ATTEMPTS):
            done = subprocess.run(
                command,
                capture_output=True,
                timeout=seconds,
                env=environment,
                check=False,
                preexec_fn=die_with_parent,  # nobody would take what it reads on without us
            )
            if done.returncode != -signal.SIGKILL:
                break
    except subprocess.TimeoutExpired:
        raise _too_heavy(name, f"a file that takes more than {seconds} seconds to read") from None
    if done.returncode == -signal.SIGKILL:
        raise _too_heavy(name, f"a file whose reading was killed {_ATTEMPTS} times, as where memory is short")
    if done.returncode != 0:
        raise _too_heavy(name, f"a file whose reading ended at its limits ({memory_mb} MB, {seconds} s)")
    # Written by our own code a moment ago; the file's content is only data in it.
    answer = pickle.loads(done.stdout)  # noqa: S301
    if isinstance(answer, Document):
        return answer
    raise Problem(**answer)


def _too_heavy(name: str, read: str) -> Problem:
    return problem(
        "too-heavy",
        name,
        read,
        "a form of ordinary size",
        "Send the pages of the form alone, or the workbook that they were made from.",
    )


def main(path: str, name: str, reader: str, memory_mb: str, seconds: str) -> None:
    """What runs in the process apart: read, and write the pickled Document or the parts of the Problem."""
    memory = int(memory_mb) << 20
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    # One signal at the limit, another a second later: the second is what others end a process by.
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds) + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answer: Document | dict[str, str]
    try:
        container = (
            (Container(Path(path).read_bytes()),)
            if reader in ("spreadsheet", "word") and zipfile.is_zipfile(path)
            else ()
        )
        answer = import_module(f"ingestion.readers.{reader}").read(Path(path), name, *container)
    except Problem as found:
        answer = found.to_json()
    except BaseException as error:  # a library's panic is no Exception
        if _is_out_of_memory(error):
            raise SystemExit(3) from None
        answer = unreadable(name, reader, error).to_json()
    sys.stdout.buffer.write(pickle.dumps(answer))


def _is_out_of_memory(error: object) -> bool:
    """Whether an error is a lack of memory, also one that a library has wrapped into its own."""
    if not isinstance(error, BaseException):
        return False
    inner = (error.__cause__, error.__context__, *error.args)
    # The interpreter that lacks the memory even for the error says so by one of its own.
    return isinstance(error, MemoryError | SystemError) or any(map(_is_out_of_memory, inner))


def unreadable(name: str, kind: str, error: BaseException) -> Problem:
    """A library's own error, as the one clear outcome that people get."""
    return problem(
        "unreadable-file",
        name,
        f"a damaged {kind} file ({type(error).__name__}: {str(error)[:120]})",
        f"a {kind} file that opens",
        "Open it in its program, save it again and resend it.",
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
