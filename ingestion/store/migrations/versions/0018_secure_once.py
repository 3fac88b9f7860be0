"""Secure a table of the star when it is made, and leave alone what is secured.

Revision: 0018
"""

from ingestion.store.migrations.sql_beside import run_sql_beside

revision = "0018"
down_revision = "0017"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add access.secure_relation and make access.secure_star call it."""
    run_sql_beside(__file__)
