"""What a command says that could not do its work: whatever an error is, one line of where, what, expected and to do."""

from __future__ import annotations

import errno
import re
import shutil
import signal
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from ingestion.errors import Problem
from ingestion.private_files import write_private
from ingestion.settings import REPOSITORY, settings

_AGAIN = "run the command again: what was done is kept, and nothing is done twice."
_CUT_OFF = Problem(
    code="warehouse-connection-lost",
    where="warehouse",
    read="the server closed the connection or was stopped",
    expected="a server that stays up",
    remedy=_AGAIN.capitalize(),
)
_FULL = Problem(
    code="warehouse-full",
    where="warehouse",
    read="no space left on the disk of the server",
    expected="room for the database",
    remedy=f"Make room, then {_AGAIN}",
)
_A_WAL_FILE = 16 << 20
_REFUSED = re.compile(r"psycopg\.errors\.(InsufficientPrivilege|ReadOnlySqlTransaction)")
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_ACCESS = {errno.EACCES, errno.EPERM, errno.EROFS}
_MESSAGE_LENGTH = 300


def ending_of(error: BaseException) -> Problem:
    """The Problem that an error is or comes to: of the server, of a file or folder, or one that nobody foresaw. The
    traceback of the last is kept in a file that the Problem names."""
    if isinstance(error, Problem):
        return error
    return _of_a_file(error) or of_the_server(error) or _unforeseen(error)


def stopped_by(error: BaseException) -> signal.Signals | None:
    """The signal that ended a command: Ctrl-C's, or what ``terminable`` made of SIGTERM; None where another thing
    did."""
    for one in _chain(error):
        if isinstance(one, KeyboardInterrupt):
            return signal.Signals(one.args[0]) if one.args else signal.SIGINT
    return None


def stopped(command: str, by: signal.Signals) -> Problem:
    """What is to be said of a command that a signal ended."""
    return Problem(
        code="stopped",
        where=command,
        read="stopped by Ctrl-C" if by == signal.SIGINT else f"stopped by {by.name}",
        expected="to come to its end",
        remedy=f"To go on, {_AGAIN}",
    )


def of_the_server(error: BaseException) -> Problem | None:
    """What an error says of the server, also inside another library's own error; None where it is another's."""
    from psycopg import InterfaceError, OperationalError
    from psycopg.errors import DiskFull, InsufficientPrivilege, ReadOnlySqlTransaction

    found = [*_chain(error)]
    if any(isinstance(one, DiskFull) or "No space left on device" in str(one) for one in found):
        return _FULL
    for one in found:
        if isinstance(one, InsufficientPrivilege | ReadOnlySqlTransaction) or _REFUSED.search(str(one)):
            return _not_permitted(str(one))
    kinds = (OperationalError, InterfaceError)
    if any(isinstance(one, kinds) or "psycopg.OperationalError" in str(one) for one in found):
        return _FULL if _is_embedded_server_full() else _CUT_OFF
    return None


def _not_permitted(told: str) -> Problem:
    from ingestion.store import database

    return Problem(
        code="not-permitted",
        where=f"login {urlsplit(database.dsn()).username}",
        read=told.splitlines()[0],
        expected="a login whose role may do this",
        remedy="Name such a login in WAREHOUSE_DSN: bi/README.md says what each role reads and does.",
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    if error is not None:
        yield error
        yield from _chain(error.__cause__)
        yield from _chain(error.__context__)


def _is_embedded_server_full() -> bool:
    """A server that cannot write its log of changes stops, and says so in its own log alone."""
    folder = settings().postgres_dir
    return not settings().warehouse_dsn and folder.exists() and shutil.disk_usage(folder).free < _A_WAL_FILE


def _of_a_file(error: BaseException) -> Problem | None:
    """What the system said of a file or folder that a command reads or writes."""
    if not isinstance(error, OSError) or (error.filename is None and error.errno not in _NO_ROOM):
        return None
    where, said = str(error.filename or "a disk of this machine"), error.strerror or type(error).__name__
    if error.errno in _NO_ROOM:
        return Problem("no-room", where, said, "room to write", f"Make room, then {_AGAIN}")
    if error.errno in _NO_ACCESS:
        expected = "a place that this login of the machine may read and write"
        return Problem("no-access", where, said, expected, "Give it access, or name another place.")
    expected = "a file or folder that is there, to be read or written"
    return Problem("no-such-place", where, said, expected, "Check the path, and what lies there.")


def _unforeseen(error: BaseException) -> Problem:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(REPOSITORY / "ingestion")]
    place = next(reversed(ours or frames), None)
    message = " ".join(str(error).split())[:_MESSAGE_LENGTH]
    return Problem(
        code="unforeseen",
        where=f"{Path(place.filename).name} line {place.lineno}" if place else "hiw",
        read=f"{type(error).__name__}: {message}",
        expected="no error that nobody foresaw",
        remedy=_kept("".join(traceback.format_exception(error))),
    )


def _kept(text: str) -> str:
    """Keep a traceback for who mends the program; says where it lies."""
    path = settings().local_dir / "errors" / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}.txt"
    try:
        write_private(path, text)
    except OSError:
        return "Run it again with HIW_LOCAL_DIR naming a folder that can be written to: the whole error is kept there."
    return f"Hand {path} to whoever looks after the program: the whole error stands there."
