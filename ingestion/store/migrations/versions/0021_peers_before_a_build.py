"""Peers can be asked for before the first build.

Revision: 0021
"""

from ingestion.store.migrations.sql_beside import run_sql_beside

revision = "0021"
down_revision = "0020"
branch_labels = depends_on = None


def upgrade() -> None:
    """Show no peers where there are no marts yet, in place of an error."""
    run_sql_beside(__file__)
