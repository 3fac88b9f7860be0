"""Whom Superset is at the warehouse: each user is there a login of his own name, so the warehouse itself decides.

`hiw grant --superset` keeps a file for each login, LOGIN.json with its role and password, readable by its owner only,
in SUPERSET_LOGINS_DIR (default: logins, in Superset's own folder). An administrator without such a file reads as the
shared read-only login; anybody else without one reads nothing.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

_ADMIN_ROLE = "Admin"
_LOGIN = re.compile("[a-z][a-z0-9_]{0,62}")


def folder() -> Path:
    """Where the logins are kept."""
    return Path(os.environ.get("SUPERSET_LOGINS_DIR") or Path(os.environ["SUPERSET_HOME"]) / "logins")


def kept() -> dict[str, dict[str, str]]:
    """role and password of each login kept here."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder().glob("*.json"))}


def _kept_login(username: str) -> dict[str, str] | None:
    """The login of a user; None where there is none, or where the name could lead to another file."""
    path = folder() / f"{username}.json"
    if not _LOGIN.fullmatch(username) or not path.exists():
        return None
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


def connect_as_user(uri: Any, params: dict[str, Any], username: str | None, security_manager: Any, source: Any) -> Any:
    """Superset's DB_CONNECTION_MUTATOR: the address of the warehouse, for the login of the user who asks.

    A role taken on by `set role` would not do: whoever may type SQL could take on another one. Raises Superset's
    security error where the user has no login, so that no query ever runs with more rights than the user's own.
    """
    from superset.errors import ErrorLevel, SupersetError, SupersetErrorType
    from superset.exceptions import SupersetSecurityException

    login = _kept_login(username or "")
    if login:
        return uri.set(username=username, password=login["password"]), params
    user = security_manager.find_user(username=username) if username else None
    if user and any(role.name == _ADMIN_ROLE for role in user.roles):
        return uri, params
    raise SupersetSecurityException(
        SupersetError(
            message=f"用户 {username or '—'} 在仓库中没有登录名，请联系管理员（hiw grant）。"
            f" User {username or '—'} has no login at the warehouse: ask the administrator (hiw grant).",
            error_type=SupersetErrorType.DATABASE_SECURITY_ACCESS_ERROR,
            level=ErrorLevel.ERROR,
        )
    )
