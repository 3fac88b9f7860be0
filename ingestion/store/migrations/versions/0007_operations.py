"""What those who run the warehouse need: releases, times of change of received files, notices, summaries of runs.

Revision: 0007
"""

from ingestion.store.migrations.sql_beside import run_sql_beside

revision = "0007"
down_revision = "0006"
branch_labels = depends_on = None


def upgrade() -> None:
    """Create the tables of operation."""
    run_sql_beside(__file__)
