"""Proposals of lines for the measures of claims.

Revision: 0015
"""

from ingestion.store.migrations.sql_beside import run_sql_beside

revision = "0015"
down_revision = "0014"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add reference.claim_proposal and the views of what stands and what was refused."""
    run_sql_beside(__file__)
