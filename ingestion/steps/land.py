"""Land: keep an immutable copy of what arrived, under its sha256, and write the receipt."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import psycopg

from ingestion.errors import Problem
from ingestion.inbox import changed_at as changed_at_of
from ingestion.inbox import year_of_folder
from ingestion.safe_text import one_line, path_text
from ingestion.settings import settings
from ingestion.store import registry
from ingestion.store.outcomes import now, record
from ingestion.store.registry import Arrival, Submission

_CHUNK = 1 << 20
_LONGEST_NAME = 200
_ARRIVING = ".arriving-"
_GIVEN_UP_SECONDS = 3600
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True)
class Landed:
    """A landed file; ``same_as`` is the submission that these bytes already are, if any."""

    arrival: Arrival
    same_as: Submission | None


def land(
    connection: psycopg.Connection,
    path: Path,
    *,
    hospital_code: str | None,
    reporting_year: int | None,
    run_id: str,
    form: str | None = None,
    source: str | None = None,
    changed_at: datetime | None = None,
    again: bool = False,
) -> Landed:
    """Copy the file at ``path`` into the landing zone and write its receipt; ``source`` and ``changed_at`` say where
    it came from, where ``path`` is only a fetched copy. Where the sender names a ``form``, the same bytes are looked
    for under that form alone, and with ``again`` not at all.

    The same bytes land once, however often they arrive; each drop has a receipt of its own. Raises Problem (and
    leaves a receipt with the problem) for a file that cannot be taken in: absent, oversized, still being written, or
    nobody's.
    """
    started, name, source = now(), _safe_name(path), path_text(source or path)
    hospital_code, reporting_year = _folder_says(path, hospital_code, reporting_year)
    size = None
    try:
        with _allowed(path):
            size = path.lstat().st_size if path.is_symlink() or path.exists() else None
            size = _checked(size, path, name)
            code, year = _whose(path, hospital_code, reporting_year)
            changed_at = changed_at or changed_at_of(path)
            sha256, copy = _copy(path)
    except Problem as problem:
        registry.add_receipt(
            connection,
            source_path=source,
            file_name=name,
            outcome="refused",
            hospital_code=hospital_code,
            reporting_year=reporting_year,
            problem=problem,
            source_changed_at=changed_at,
            size_bytes=size,
        )
        record(
            connection,
            run_id=run_id,
            step="land",
            subject=source,
            status="refused",
            message=str(problem),
            reporting_year=reporting_year,
            problem=problem,
            started_at=started,
        )
        connection.commit()
        raise
    registry.add_file(connection, sha256, size, copy.relative_to(settings().landing_dir).as_posix())
    twin = None if again else registry.find_same(connection, code, year, sha256, form)
    receipt_id, received_at = registry.add_receipt(
        connection,
        source_path=source,
        file_name=name,
        outcome="duplicate" if twin else "landed",
        sha256=sha256,
        size_bytes=size,
        hospital_code=code,
        reporting_year=year,
        source_changed_at=changed_at,
    )
    record(
        connection,
        run_id=run_id,
        step="land",
        subject=source,
        status="unchanged" if twin else "done",
        reporting_year=year,
        submission_id=twin.submission_id if twin else None,
        started_at=started,
        message=f"the same bytes as {twin.submission_id}" if twin else f"landed as {sha256[:12]}, {size} bytes",
    )
    connection.commit()
    arrival = Arrival(sha256, size, str(copy), name, source, received_at, receipt_id, code, year)
    return Landed(arrival, twin)


def _folder_says(path: Path, hospital_code: str | None, reporting_year: int | None) -> tuple[str | None, int | None]:
    """Hospital and year as named, else from a folder laid out ``<reporting_year>/<hospital_code>/<file>``."""
    *_, year, hospital, _ = ("", "", *map(path_text, path.absolute().parts))
    if (folder_year := year_of_folder(year)) is not None:
        return hospital_code or hospital, reporting_year or folder_year
    return hospital_code, reporting_year


def _whose(path: Path, hospital_code: str | None, reporting_year: int | None) -> tuple[str, int]:
    """Hospital and year, or the Problem that one is missing."""
    if reporting_year is None:
        raise Problem(
            code="missing-year",
            where=path_text(path),
            read="no reporting year",
            expected="--year, or a folder <reporting_year>/<hospital_code>/",
            remedy="Name the year, or move the file into such a folder.",
        )
    if not hospital_code:
        raise Problem(
            code="missing-hospital",
            where=path_text(path),
            read="no hospital code",
            expected="--hospital, or a folder <reporting_year>/<hospital_code>/",
            remedy="Name the hospital, or move the file into such a folder.",
        )
    check_hospital_code(hospital_code, path_text(path))
    return hospital_code, reporting_year


def check_hospital_code(hospital_code: str, where: str) -> None:
    """Raises Problem, with ``where`` it was read, for what is no code of a hospital: codes stand in names of files and
    in cells."""
    if not hospital_code.isascii() or not hospital_code.replace("_", "").replace("-", "").isalnum():
        raise Problem(
            code="hospital-code",
            where=where,
            read=repr(hospital_code),
            expected="a code of ASCII letters, digits, - and _",
            remedy="Use the code of the hospital register.",
        )


@contextlib.contextmanager
def _allowed(path: Path) -> Iterator[None]:
    """Within it, that we may not read what lies at ``path`` is a Problem of that file; of another place it is none."""
    try:
        if path.is_dir() and not path.is_symlink():
            next(path.iterdir(), None)
        yield
    except PermissionError as error:
        if error.filename is None or Path(error.filename) != path:
            raise
        raise Problem(
            code="closed-file",
            where=path_text(path),
            read=f"a file or folder that may not be read ({error.strerror})",
            expected="one that the login of this program may read",
            remedy="Give it the right to read, then take it in again.",
        ) from None


def _checked(size: int | None, path: Path, name: str) -> int:
    """The size of a plain file that is not too large. Raises Problem for any other."""
    # A link may lead to any file of this machine, and what it leads to would be landed as a submission.
    if size is None or path.is_symlink() or not path.is_file():
        raise Problem(
            code="no-such-file",
            where=path_text(path),
            read="nothing, or no plain file (links are not followed)",
            expected="a file",
            remedy="Check the path, and drop the file itself.",
        )
    limit = settings().max_file_mb
    if size > limit * _CHUNK:
        raise Problem(
            code="file-too-large",
            where=name,
            read=f"{size / _CHUNK:.0f} MB",
            expected=f"at most {limit} MB",
            remedy="Remove embedded pictures and unused sheets, or raise HIW_MAX_FILE_MB.",
        )
    return size


def _copy(path: Path) -> tuple[str, Path]:
    """Copy to a temporary file while hashing, then rename: a copy is in the landing zone whole or not at all.

    Raises Problem where the landing zone has no room for it.
    """
    zone = settings().landing_dir
    zone.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(zone)
    before = path.stat()
    digest = hashlib.sha256()
    descriptor, temporary = tempfile.mkstemp(dir=zone, prefix=_ARRIVING)
    try:
        with path.open("rb") as source, os.fdopen(descriptor, "wb") as target:
            _refuse_open_for_writing(path, source)
            fcntl.flock(target, fcntl.LOCK_EX)  # ours as long as we live: see _remove_abandoned
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
            _refuse_growing(path, before)
            sha256 = digest.hexdigest()
            copy = zone / sha256[:2] / sha256
            copy.parent.mkdir(exist_ok=True)
            if not copy.exists():  # still under the lock: nobody takes the copy for an abandoned one
                Path(temporary).chmod(0o444)
                Path(temporary).rename(copy)
                _sync_folder(copy.parent)
            return sha256, copy
    except OSError as error:
        if error.errno not in _NO_SPACE:
            raise
        raise Problem(
            code="landing-zone-full",
            where=_safe_name(path),
            read=f"no room for it in {zone} ({error.strerror})",
            expected="space for a copy of every file that is received",
            remedy="Make room, then take the file in again: nothing of it was kept.",
        ) from None
    finally:
        Path(temporary).unlink(missing_ok=True)


def _remove_abandoned(zone: Path) -> None:
    """Remove the temporary files of processes that were killed while copying: nobody holds their locks any more."""
    for left in zone.glob(f"{_ARRIVING}*"):
        with contextlib.suppress(OSError), left.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # One that was just made and is not locked yet has no byte: it is left to its owner for a while.
            state = os.fstat(file.fileno())
            if state.st_size or time.time() - state.st_mtime > _GIVEN_UP_SECONDS:
                left.unlink()


def _refuse_growing(path: Path, before: os.stat_result) -> None:
    now = path.stat()
    if (now.st_size, now.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        read = f"a file that changed while it was read ({before.st_size} bytes, then {now.st_size})"
        raise _still_written(path, read)


def _refuse_open_for_writing(path: Path, source: BinaryIO) -> None:
    """Refuse a file that a program of this machine has open to write to: Linux grants no lease to read it then.

    Where leases are not known or not ours to take (another system, a network folder, a file of somebody else), what
    changes while it is copied is refused all the same.
    """
    try:
        fcntl.fcntl(source, fcntl.F_SETSIG, signal.SIGURG)  # ignored; the usual one would end us
        fcntl.fcntl(source, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(source, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except AttributeError:
        return
    except OSError as error:
        if error.errno == errno.EAGAIN:
            raise _still_written(path, "a file that a program has open to write to") from None


def _still_written(path: Path, read: str) -> Problem:
    return Problem(
        code="still-being-written",
        where=_safe_name(path),
        read=read,
        expected="a file that is whole",
        remedy="Wait until its upload is through, then take it in again.",
    )


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _safe_name(path: Path) -> str:
    """Name of the file for people: its last part, without control characters, cut to a sane length."""
    return one_line(path_text(path.name))[:_LONGEST_NAME] or "?"
