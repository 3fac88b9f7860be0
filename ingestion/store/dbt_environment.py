"""What dbt is told of the warehouse: the environment variables that dbt_project/profiles.yml reads."""

from __future__ import annotations

import os

from psycopg.conninfo import conninfo_to_dict


def dbt_environment(dsn: str) -> dict[str, str]:
    """Variables of profiles.yml for the server at ``dsn`` (a libpq URL or keyword string), telemetry off, and
    of what a build is made.

    The password stands in the environment of the dbt process only, never in its arguments or files.
    """
    parts = conninfo_to_dict(dsn)
    return {
        "HIW_PG_HOST": str(parts.get("host") or "127.0.0.1"),
        "HIW_PG_PORT": str(parts.get("port") or 5432),
        "HIW_PG_USER": str(parts.get("user") or ""),
        "HIW_PG_PASSWORD": str(parts.get("password") or ""),
        "HIW_PG_DATABASE": str(parts.get("dbname") or parts.get("user") or ""),
        "HIW_PG_SSLMODE": str(parts.get("sslmode") or "prefer"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        # Unit tests judge the code on made-up rows: those who change it run them, not every build of a warehouse.
        "DBT_EXCLUDE_RESOURCE_TYPES": os.environ.get("DBT_EXCLUDE_RESOURCE_TYPES", "unit_test"),
    }
