"""References of the gate's large records, checked as sets.

Revision: 0016
"""

from ingestion.store.migrations.sql_beside import run_sql_beside

revision = "0016"
down_revision = "0015"
branch_labels = depends_on = None


def upgrade() -> None:
    """Check once a statement what audit.entry_disposition and audit.rule_outcome refer to."""
    run_sql_beside(__file__)
