"""More for the gate to look at: limits of lines, earlier returns, trends, peers, other submissions of the hospital.

Revision: 0005
"""

from ingestion.store.migrations.sql_beside import run_sql_beside

revision = "0005"
down_revision = "0004"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add columns and tables of schema gate, and the limits of schema reference."""
    run_sql_beside(__file__)
