"""Records that cannot quietly change: append-only for everybody, and chained by hashes.

Revision: 0008
"""

from ingestion.store.migrations.sql_beside import run_sql_beside

revision = "0008"
down_revision = "0007"
branch_labels = depends_on = None


def upgrade() -> None:
    """Make the tables of record append-only, chain what stands in them, and everything that will come."""
    run_sql_beside(__file__)
