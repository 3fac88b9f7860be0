"""Entries are digested in the order of their key, and their submission is asked for once.

Revision: 0020
"""

from ingestion.store.migrations.sql_beside import run_sql_beside

revision = "0020"
down_revision = "0019"
branch_labels = depends_on = None


def upgrade() -> None:
    """Digest without sorting; check the submission of added entries without telling them apart."""
    run_sql_beside(__file__)
