"""A migration is an SQL file; the Python file of the same name beside it gives its place in the order."""

from pathlib import Path

import psycopg
from alembic import op


def run_sql_beside(migration: str) -> None:
    """Run the SQL file that lies beside ``migration`` (a migration's ``__file__``) in the migration's transaction.

    Handed to the driver itself: SQLAlchemy passes an empty list of parameters along, and format()'s %I would then be
    taken for one.
    """
    driver = op.get_bind().connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError(f"migrations run on psycopg, not on {type(driver).__name__}")
    driver.execute(Path(migration).with_suffix(".sql").read_bytes())
