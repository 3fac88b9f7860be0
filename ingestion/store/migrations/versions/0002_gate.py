"""Working tables of the gate: what the rules look at, and what fails them.

Revision: 0002
"""

from ingestion.store.migrations.sql_beside import run_sql_beside

revision = "0002"
down_revision = "0001"
branch_labels = depends_on = None


def upgrade() -> None:
    """Create the working tables of schema gate."""
    run_sql_beside(__file__)
