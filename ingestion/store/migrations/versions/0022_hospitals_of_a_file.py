"""Whether a file is of one hospital.

Revision: 0022
"""

from ingestion.store.migrations.sql_beside import run_sql_beside

revision = "0022"
down_revision = "0021"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add what the gate looks at."""
    run_sql_beside(__file__)
