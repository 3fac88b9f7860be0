"""References of the gate's large records, checked as sets.

Revision: 0017
"""

from ingestion.store.migrations.sql_beside import run_sql_beside

revision = "0017"
down_revision = "0016"
branch_labels = depends_on = None


def upgrade() -> None:
    """Check once a statement what audit.entry_disposition and audit.rule_outcome refer to."""
    run_sql_beside(__file__)
