"""Users of Superset: each is a login of the warehouse, and connects to it as that login.

SUPERSET_LOGINS_DIR names the folder where a Superset that runs elsewhere (in another container) keeps them; where it is
not set, the Superset is the one of this machine.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from ingestion.access import Grant
from ingestion.errors import Problem
from ingestion.local_superset.environment import environment, home, programs
from ingestion.local_superset.instance import prepare
from ingestion.private_files import write_private

_ROLES = ("analyst", "auditor", "hospital")


def check(role: str) -> None:
    """Raise Problem where Superset is not installed, or the role is not one of those who only read."""
    if not _is_elsewhere():
        programs()
    if role not in _ROLES:
        raise Problem(
            code="role-not-in-superset",
            where="--superset",
            read=role,
            expected=", ".join(_ROLES),
            remedy="Dashboards are for roles that only read.",
        )


def keep(login: Grant) -> None:
    """Let a login sign in to Superset with the password that it has at the warehouse.

    A Superset that runs elsewhere knows of it when it is prepared again.
    """
    path = _file(login.login)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(path, json.dumps({"role": f"hiw_{login.role}", "password": login.password}))
    _prepare()


def forget(login: str) -> None:
    """Let a login sign in to Superset no more; nothing happens where it could not."""
    if _file(login).exists():
        _file(login).unlink()
        _prepare()


def _prepare() -> None:
    if not _is_elsewhere():
        prepare(environment())


def _is_elsewhere() -> bool:
    return bool(os.environ.get("SUPERSET_LOGINS_DIR"))


def _file(login: str) -> Path:
    folder = os.environ.get("SUPERSET_LOGINS_DIR")
    return (Path(folder) if folder else home() / "logins") / f"{login}.json"
