"""Start a program of the stack: secrets read from their files, dbt told where the warehouse is.

``entrypoint.py PROGRAM [ARGUMENT ...]``. For every variable ``NAME_FILE`` the variable ``NAME`` is set to what stands
in that file, so that no password has to be written into a compose file or shows up in ``docker inspect``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from ingestion.store.dbt_environment import dbt_environment


def with_secrets(variables: Mapping[str, str]) -> dict[str, str]:
    """``variables`` with what their files hold. Raises OSError where a file named by ``*_FILE`` cannot be read."""
    known = dict(variables)
    for name, place in variables.items():
        if name.endswith("_FILE") and place.startswith(str(_SECRETS)):
            known[name.removesuffix("_FILE")] = Path(place).read_text(encoding="utf-8").strip()
    if "WAREHOUSE_DSN" in known:
        known |= dbt_environment(known["WAREHOUSE_DSN"])
    return known


_SECRETS = Path(os.environ.get("HIW_SECRETS_DIR", "/run/secrets"))

if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("entrypoint.py: expected a program to start")
    try:
        environment = with_secrets(os.environ)
        os.execvpe(sys.argv[1], sys.argv[1:], environment)  # noqa: S606  the program is the compose file's own
    except OSError as error:
        sys.exit(f"entrypoint.py: {sys.argv[1]}: {error}")
