"""Users of Superset on this machine: each is a login of the warehouse, and connects to it as that login."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ingestion.access import Grant
from ingestion.errors import Problem
from ingestion.local_superset.environment import environment, home, programs
from ingestion.local_superset.instance import prepare

_ROLES = ("analyst", "auditor", "hospital")


def check(role: str) -> None:
    """Raise Problem where Superset is not installed, or the role is not one of those who only read."""
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
    """Let a login sign in to Superset with the password that it has at the warehouse."""
    path = _file(login.login)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"role": f"hiw_{login.role}", "password": login.password}, file)
    prepare(environment())


def forget(login: str) -> None:
    """Let a login sign in to Superset no more; nothing happens where it could not."""
    if _file(login).exists():
        _file(login).unlink()
        prepare(environment())


def _file(login: str) -> Path:
    return home() / "logins" / f"{login}.json"
