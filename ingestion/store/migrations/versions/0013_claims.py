"""Claims of narrative submissions: what the gate holds them against, what reviewers decided of them.

Revision: 0013
"""

from ingestion.store.migrations.sql_beside import run_sql_beside

revision = "0013"
down_revision = "0012"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add audit.claim_decision and gate.claim_check."""
    run_sql_beside(__file__)
