"""The same bytes as another revision, where somebody asks for it.

Revision: 0023
"""

from ingestion.store.migrations.sql_beside import run_sql_beside

revision = "0023"
down_revision = "0022"
branch_labels = depends_on = None


def upgrade() -> None:
    """Let bytes be sent again, each time as the next revision."""
    run_sql_beside(__file__)
