"""The services of docker-compose.yml as processes of this machine: their very commands, settings and health checks.

No container engine is needed: what an image would bring (paths, host names, the ports inside a container) is translated
to this machine, and nothing else.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from dotenv import dotenv_values

from ingestion.settings import REPOSITORY

FILE = REPOSITORY / "docker-compose.yml"
_VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")


def compose() -> dict[str, Any]:
    """The compose file with its anchors merged and its variables at their defaults."""
    text = _VARIABLE.sub(lambda match: match[2] or "", FILE.read_text(encoding="utf-8"))
    return dict(yaml.safe_load(text))


def entrypoint(service: dict[str, Any]) -> list[str]:
    """ENTRYPOINT of the image that this repository builds for a service; none for an image made elsewhere."""
    if "build" not in service:
        return []
    dockerfile = (REPOSITORY / service["build"]["dockerfile"]).read_text(encoding="utf-8")
    found = re.search(r"^ENTRYPOINT (\[.*\])$", dockerfile, re.MULTILINE)
    return list(yaml.safe_load(found[1])) if found else []


@dataclass
class Stack:
    """Services run natively below ``folder``. ``replaced`` maps what stands in the compose file to this machine's,
    ``more`` are variables that images set."""

    folder: Path
    replaced: dict[str, str]
    programs: list[Path] = field(default_factory=lambda: [Path(sys.executable).parent])
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    more: dict[str, str] = field(default_factory=dict)

    def command(self, name: str) -> list[str]:
        """What the service runs: the entrypoint of its image, then its command."""
        service = compose()["services"][name]
        return [self._here(word) for word in [*entrypoint(service), *service["command"]]]

    def environment(self, name: str) -> dict[str, str]:
        """What the service is told."""
        service = compose()["services"][name]
        told = {
            key: value
            for file in service.get("env_file", [])
            if isinstance(file, str)  # the other one is of an installation
            for key, value in dotenv_values(REPOSITORY / file).items()
            if value is not None
        }
        told |= {key: self._here(str(value)) for key, value in service.get("environment", {}).items()}
        path = os.pathsep.join([*map(str, self.programs), "/usr/sbin", os.environ["PATH"]])
        return {
            "PATH": path,
            "HOME": str(self.folder),
            "LC_ALL": "C.UTF-8",
            "NO_PROXY": "127.0.0.1",
            "HIW_SECRETS_DIR": self.replaced["/run/secrets"],
            **self.more,
            **told,
        }

    def run(self, name: str, *command: str, seconds: float = 300) -> subprocess.CompletedProcess[str]:
        """A service that ends, to its end; with ``command`` in the place of its own, as `docker compose run` does."""
        words = [*map(self._here, entrypoint(compose()["services"][name])), *command] if command else self.command(name)
        return subprocess.run(
            words, env=self.environment(name), cwd=self.folder,
            capture_output=True, text=True, timeout=seconds, check=False,
        )  # fmt: skip

    def start(self, name: str, prefix: tuple[str, ...] = ()) -> None:
        """Start a service that keeps running."""
        with self.log(name).open("wb") as log:
            self.processes[name] = subprocess.Popen(
                [*prefix, *self.command(name)], env=self.environment(name), cwd=self.folder,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def log(self, name: str) -> Path:
        """What the service writes."""
        return self.folder / f"{name}.log"

    def is_healthy(self, name: str) -> bool:
        """Whether the health check of the service, as the compose file has it, succeeds now."""
        kind, *words = (self._here(word) for word in compose()["services"][name]["healthcheck"]["test"])
        command = ["sh", "-c", *words] if kind == "CMD-SHELL" else words
        done = subprocess.run(
            command, env=self.environment(name), cwd=self.folder, capture_output=True, check=False, timeout=60
        )
        return done.returncode == 0

    def wait_until_healthy(self, *names: str, seconds: float = 240) -> None:
        """Return once every one of the services is healthy; fails where one ends before."""
        until = time.monotonic() + seconds
        waiting = list(names)
        while waiting:
            for name in waiting:
                code = self.processes[name].poll()
                assert code is None, f"{name} ended with {code}: {self.log(name).read_text()[-2000:]}"
            waiting = [name for name in waiting if not self.is_healthy(name)]
            assert time.monotonic() < until, f"not healthy: {waiting}: {self.log(waiting[0]).read_text()[-2000:]}"
            time.sleep(0.5)

    def stop(self) -> None:
        """End every service, the last one first; one that does not end in time is killed."""
        for process in reversed(self.processes.values()):
            _signal(process, signal.SIGTERM)
        for process in reversed(self.processes.values()):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=20)
            _signal(process, signal.SIGKILL)
            process.wait()

    def _here(self, text: str) -> str:
        text = text.replace("$$", "$")
        for there, here in self.replaced.items():
            text = text.replace(there, here)
        return text


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
