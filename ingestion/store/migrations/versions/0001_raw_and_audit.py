"""Raw entries, the registry of submissions, and the outcome tables of every step.

Revision: 0001
"""

from ingestion.store.migrations.sql_beside import run_sql_beside

revision = "0001"
down_revision = None
branch_labels = depends_on = None


def upgrade() -> None:
    """Create schemas raw, audit, reference and gate with their first tables."""
    run_sql_beside(__file__)
