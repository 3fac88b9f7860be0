"""Programs that we start and end: where they listen, what they wrote last, how Ctrl-C and SIGTERM reach them."""

from __future__ import annotations

import contextlib
import ctypes
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

_CLAIMS: dict[int, socket.socket] = {}
_PR_SET_PDEATHSIG = 1
# Looked up before the fork: a child that was just forked must not load libraries.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent() -> None:
    """For ``preexec_fn``: the child is killed when its parent ends, however that ends. Does nothing but on Linux."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def free_port(usual: int) -> int:
    """The port ``usual`` of 127.0.0.1 where nobody has it, any other otherwise; 0 is any."""
    for wanted in (usual, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", wanted))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise AssertionError("binding to port 0 always finds a port")


def own_port(usual: int) -> int:
    """A free port as ``free_port`` finds it, and for no other program of ours as long as this process lives: what is
    to listen there takes seconds to start, and a second one that looks meanwhile would find the port free as well."""
    for wanted in (usual, *[0] * 100):
        port = free_port(wanted)
        if _claim(port):
            return port
    raise AssertionError("a hundred ports are not all claimed")


def _claim(port: int) -> bool:
    """Claim a port by a name that goes with this process, whatever ends it. Does nothing but on Linux."""
    if port in _CLAIMS or sys.platform != "linux":
        return True
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0hospital-indicator-warehouse-{port}")
    except OSError:
        claim.close()
        return False
    _CLAIMS[port] = claim
    return True


def log_tail(path: Path, lines: int = 3) -> str:
    """The last non-empty lines of a text file, joined; empty where there is none."""
    if not path.exists():
        return ""
    text = [line.strip() for line in path.read_text(errors="replace").splitlines() if line.strip()]
    return " | ".join(text[-lines:])


@contextlib.contextmanager
def terminable() -> Iterator[None]:
    """Within it SIGTERM ends us as Ctrl-C does, so that what we started is stopped."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt(number)

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
