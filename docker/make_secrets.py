"""Generate the secrets of a stack, once: ``make secrets``, or ``make_secrets.py [FOLDER [POSTGRES_HOST REDIS_HOST]]``.

Needs nothing but Python. A secret that exists is kept: running it again adds what a newer release needs. The folder is
closed to everybody else; the files in it can be read by the users inside the containers, whose numbers are not yours.
"""

from __future__ import annotations

import base64
import secrets
import sys
from pathlib import Path

_DATABASES = {
    # secret: (login, database, scheme)
    "warehouse_dsn": ("hiw", "warehouse", "postgresql"),
    "airflow_dsn": ("airflow", "airflow", "postgresql+psycopg"),
    "superset_dsn": ("superset", "superset", "postgresql"),
    "metabase_dsn": ("metabase", "metabase", "postgresql"),
    # Dashboards read the star as this login, which may do nothing else.
    "reader_dsn": ("bi_reader", "warehouse", "postgresql"),
}


def make(folder: Path, *, postgres: str, redis: str) -> list[str]:
    """Write the secrets that ``folder`` lacks; their names. ``postgres`` and ``redis`` are ``host:port``."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    redis_password = _kept(folder, "redis_password") or secrets.token_urlsafe(24)
    values = {
        "postgres_password": secrets.token_urlsafe(24),
        "redis_password": redis_password,
        "celery_broker_url": f"redis://:{redis_password}@{redis}/0",
        "airflow_fernet_key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "airflow_jwt_secret": secrets.token_urlsafe(48),
        "airflow_api_secret_key": secrets.token_urlsafe(48),
        "airflow_admin_password": secrets.token_urlsafe(16),
        "superset_secret_key": secrets.token_urlsafe(48),
        "superset_admin_password": secrets.token_urlsafe(16),
        "metabase_encryption_key": secrets.token_urlsafe(32),
        **{
            name: f"{scheme}://{login}:{secrets.token_urlsafe(24)}@{postgres}/{database}"
            for name, (login, database, scheme) in _DATABASES.items()
        },
    }
    missing = [name for name in values if _kept(folder, name) is None]
    for name in missing:
        path = folder / name
        path.write_text(values[name])
        path.chmod(0o444)
    return missing


def _kept(folder: Path, name: str) -> str | None:
    path = folder / name
    return path.read_text() if path.exists() else None


if __name__ == "__main__":
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "secrets"
    hosts = sys.argv[2:4] if len(sys.argv) > 3 else ["postgres:5432", "redis:6379"]
    made = make(place, postgres=hosts[0], redis=hosts[1])
    print(f"{len(made)} secrets made in {place}" if made else f"all secrets stand in {place}")
