"""Superset's server as a process of ours: prepared, started, waited for, stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.console import Console

from ingestion.errors import Problem
from ingestion.local_superset.environment import CONFIG_DIR, USER, environment, home, password_file, programs
from ingestion.processes import log_tail, own_port, terminable

_USUAL_PORT = 8088
_SCRIPT_SECONDS = 600
_START_SECONDS = 180
_console = Console(stderr=True)


@dataclass
class Instance:
    """A running Superset: its address and its process."""

    url: str
    process: subprocess.Popen[bytes]

    def check(self) -> None:
        """Raise Problem where the server has ended by itself."""
        if self.process.poll() is not None:
            raise Problem(
                code="superset-ended",
                where=self.url,
                read=f"exit {self.process.returncode}: {log_tail(log_file())}",
                expected="a server that keeps running",
                remedy=f"Read {log_file()}.",
            )

    def wait_until_healthy(self) -> None:
        """Return once the server answers its health check. Raises Problem where it ends before, or takes minutes."""
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            self.check()
            with contextlib.suppress(httpx.HTTPError):
                # trust_env off: the server is on this machine, a proxy could not reach it.
                if httpx.get(f"{self.url}/health", timeout=10, trust_env=False).status_code == 200:
                    return
            time.sleep(0.3)
        raise Problem(
            code="superset-not-healthy",
            where=self.url,
            read=f"no answer within {_START_SECONDS} s",
            expected="an answer to /health",
            remedy=f"Read {log_file()}.",
        )

    def stop(self) -> None:
        """End the server and its workers; they are killed where they do not end in time."""
        for number, seconds in ((signal.SIGTERM, 15), (signal.SIGKILL, 15)):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=seconds)


def log_file() -> Path:
    """What the server writes."""
    return home() / "server.log"


def prepare(variables: dict[str, str]) -> str:
    """Superset's tables, roles, users and assets brought up to date; what was done, in one line.

    Raises Problem where that fails, with the end of what it wrote.
    """
    return _run("prepare", variables)


def export(folder: Path | None = None) -> str:
    """Dashboards as they now are in Superset written over the asset files (or into ``folder``); how many changed.

    Raises Problem where that fails, with the end of what it wrote.
    """
    return _run("export", environment(), *([str(folder.absolute())] if folder else []))


def _run(script: str, variables: dict[str, str], *arguments: str) -> str:
    """The last line that a script of bi/superset prints, run with Superset's own Python."""
    log, path = home() / f"{script}.log", CONFIG_DIR / f"{script}.py"
    try:
        done = subprocess.run(
            [str(programs() / "python"), str(path), *arguments],
            env=variables,
            cwd=home(),
            capture_output=True,
            text=True,
            check=False,
            timeout=_SCRIPT_SECONDS,
        )
        log.write_text(done.stdout + done.stderr)
        code = done.returncode
    except subprocess.TimeoutExpired:
        code = -1
    if code:
        raise Problem(
            code=f"superset-{script}-failed",
            where=str(path),
            read=f"exit {code}: {log_tail(log)}",
            expected="exit 0",
            remedy=f"Read {log}.",
        )
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""


@contextlib.contextmanager
def running(*, port: int | None = None) -> Iterator[Instance]:
    """A Superset on 127.0.0.1 (a free port unless one is named), on the warehouse of this process's settings; stopped
    at the end."""
    variables = environment()
    prepare(variables)
    port = port or own_port(_USUAL_PORT)
    with log_file().open("wb") as log:
        process = subprocess.Popen(
            [
                str(programs() / "gunicorn"),
                "--config",
                str(CONFIG_DIR / "gunicorn.conf.py"),
                "--bind",
                f"127.0.0.1:{port}",
            ],
            env=variables,
            cwd=home(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches us alone, and we end the server
        )
    instance = Instance(f"http://127.0.0.1:{port}", process)
    try:
        instance.wait_until_healthy()
        yield instance
    finally:
        instance.stop()


def serve(*, port: int | None = None) -> None:
    """Run Superset in the foreground until Ctrl-C or SIGTERM; prints where it is and where its password stands."""
    try:
        with (
            terminable(),
            _console.status("Starting Superset (the first start takes about a minute)") as status,
            running(port=port) as it,
        ):
            status.stop()
            for name, value in (("Superset", it.url), ("user", USER), ("password in", password_file())):
                _console.print(f"{name:<12} {value}", highlight=False, soft_wrap=True)
            _console.print("Ctrl-C stops it.")
            while True:
                time.sleep(1)
                it.check()
    except KeyboardInterrupt:
        _console.print("Superset is stopped.")
