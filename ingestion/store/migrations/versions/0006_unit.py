"""Units as they are written, so that SQL compares figures in one unit.

Revision: 0006
"""

from ingestion.store.migrations.sql_beside import run_sql_beside

revision = "0006"
down_revision = "0005"
branch_labels = depends_on = None


def upgrade() -> None:
    """Create reference.unit."""
    run_sql_beside(__file__)
