"""What people decide of findings: verified by the hospital, waived by an auditor.

Revision: 0004
"""

from ingestion.store.migrations.sql_beside import run_sql_beside

revision = "0004"
down_revision = "0003"
branch_labels = depends_on = None


def upgrade() -> None:
    """Create the tables of decisions and the views over what stands."""
    run_sql_beside(__file__)
