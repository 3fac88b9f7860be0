"""Readers make no temporary tables.

Revision: 0019
"""

from ingestion.store.migrations.sql_beside import run_sql_beside

revision = "0019"
down_revision = "0018"
branch_labels = depends_on = None


def upgrade() -> None:
    """Take the right to make temporary tables from everybody but the owner of the database."""
    run_sql_beside(__file__)
